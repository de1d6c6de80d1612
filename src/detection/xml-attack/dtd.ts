import type { Match, Sensitivity } from '../classes/class.ts';

/** Characters of a declaration that are read, and characters before the first. */
const MAX_DECLARATION = 2048;
const MAX_BEFORE = 64;

const EXTERNAL = 'has an XML parser read a file or an address';
const ENTITIES = 'declares entities for an XML parser to put in';
const BOMB = 'declares entities that grow as they are put in';

/** `<!DOCTYPE name`, then a public or system identifier, or an internal subset. Parsers of HTML take either case. */
const DOCTYPE = /<!\s{0,4}doctype\b\s{0,32}([^\s<>['"]{0,128})\s{0,32}/iy;
const IDENTIFIER =
  /(?:public\s{1,8}(?:"([^"]{0,256})"|'([^']{0,256})')\s{0,8}(?:"([^"]{0,1024})"|'([^']{0,1024})')?|system\s{1,8}(?:"([^"]{0,1024})"|'([^']{0,1024})'))\s{0,32}/iy;
const ENTITY =
  /<!\s{0,4}entity\s{1,16}(%\s{0,8})?([^\s%"'<>]{0,128})\s{0,16}(?:(system|public)\b|"([^"]{0,256})|'([^']{0,256}))?/iy;

/** Document types that everybody's parser knows or that are read from nowhere else. */
const KNOWN_ADDRESS =
  /^(?:about:legacy-compat|https?:\/\/(?:www\.)?(?:w3\.org|apple\.com|oasis-open\.org|docbook\.org|openoffice\.org|puppycrawl\.com|checkstyle\.org|hibernate\.org|mybatis\.org|java\.sun\.com|springframework\.org|xml\.org|jcp\.org|eclipse\.org|wapforum\.org|gnome\.org|freedesktop\.org|dublincore\.org|nlm\.nih\.gov|dtd\.nlm\.nih\.gov|jboss\.org)(?:\/[\w./~-]{0,200})?)$|^[\w-]{1,64}\.dtd$/i;
/** Values that drawing programs and old documents give names to: namespaces and single characters. */
const HARMLESS =
  /^(?:&#\w{1,8};){0,4}$|^https?:\/\/(?:ns\.adobe\.com|www\.w3\.org|www\.inkscape\.org|purl\.org)\/[\w./#%-]{0,200}$/;

/**
 * What a parser would do with the document types and entities that a text declares.
 * @param document the text is mark-up, or one; else it is prose with mark-up in it
 */
export function searchDtd(text: string, document: boolean, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('<!');
  const meant = document || sensitivity === 'high' || (at <= MAX_BEFORE && !/\s/.test(text.slice(0, at).trim()));
  if (!meant) return undefined;
  for (; at >= 0; at = text.indexOf('<!', at + 2)) {
    if (text.charCodeAt(at + 2) === 0x2d) continue;
    const found = doctypeAt(text, at, sensitivity) ?? entityAt(text, at, sensitivity);
    if (found !== undefined) return found;
  }
  return undefined;
}

function doctypeAt(text: string, at: number, sensitivity: Sensitivity): Match | undefined {
  DOCTYPE.lastIndex = at;
  const found = DOCTYPE.exec(text);
  if (found === null) return undefined;
  let end = DOCTYPE.lastIndex;
  const name = found[1] as string;
  IDENTIFIER.lastIndex = end;
  const identifier = IDENTIFIER.exec(text);
  if (identifier !== null) {
    end = IDENTIFIER.lastIndex;
    const address = identifier[3] ?? identifier[4] ?? identifier[5] ?? identifier[6] ?? '';
    if (address !== '' && !KNOWN_ADDRESS.test(address.trim())) return { start: at, end, why: EXTERNAL };
  }
  if (text.charCodeAt(end) === 0x5b) {
    // `%name;` before anything is declared: the declarations stand elsewhere.
    if (/^\[\s{0,16}%[\w.-]{1,64};/.test(text.slice(end, end + 90))) return { start: at, end, why: EXTERNAL };
    if (sensitivity === 'high') return { start: at, end, why: ENTITIES };
  } else if (sensitivity === 'high' && name.toLowerCase() !== 'html' && identifier === null && name !== '') {
    return { start: at, end, why: 'declares a document type' };
  }
  return undefined;
}

function entityAt(text: string, at: number, sensitivity: Sensitivity): Match | undefined {
  ENTITY.lastIndex = at;
  const found = ENTITY.exec(text);
  if (found === null) return undefined;
  const end = Math.min(ENTITY.lastIndex, at + MAX_DECLARATION);
  const [, parameter, name, outside, double, single] = found;
  if (outside !== undefined) return { start: at, end, why: EXTERNAL };
  if (parameter !== undefined) return { start: at, end, why: ENTITIES };
  const value = double ?? single;
  if (value === undefined || name === '') return undefined;
  if (/&[\w.-]{1,64};/.test(value) && !/^&(?:lt|gt|amp|quot|apos|#\w{1,8});/.test(value))
    return { start: at, end, why: BOMB };
  if (HARMLESS.test(value)) return undefined;
  return sensitivity === 'low' ? undefined : { start: at, end, why: ENTITIES };
}
