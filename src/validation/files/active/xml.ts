import { type FileFault, harmful, invalid } from '../fault.ts';
import { walkMarkup } from './markup.ts';

const ENTITY = /<!entity\s+(%\s)?\s*([^\s>]{1,200})\s+(?:(system|public)\s|"([^"]*)"|'([^']*)')/gi;
const MAX_ENTITIES = 200;
/** Namespaces, as Illustrator writes them. */
const HARMLESS_VALUE = /^https?:[^<&%]{0,300}$/;
/** Where the document types of the world are kept: they are known by name, and ask nobody's server. */
const WELL_KNOWN =
  /^https?:\/\/(?:www\.w3\.org|www\.apple\.com|java\.sun\.com|www\.oasis-open\.org|www\.freedesktop\.org)\//i;
/** Encodings in which ASCII is ASCII: in others a check sees letters where a parser sees markup. */
const PLAIN_ENCODING = /^(?:utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d)$/i;

/** Judges the document type of an XML document: what its parser would fetch, read or grow to before anyone sees an element. */
export function judgeDoctype(declaration: string): FileFault | undefined {
  let entities = 0;
  let mistake: FileFault | undefined;
  for (const [, parameter, , external, double, single] of declaration.matchAll(ENTITY)) {
    if (++entities > MAX_ENTITIES) return harmful('xml-entities', 'declares more entities than any document needs');
    if (parameter !== undefined) return harmful('xml-entities', 'declares a parameter entity');
    if (external !== undefined) return harmful('xml-entities', 'declares an entity that is read from elsewhere');
    const value = double ?? single ?? '';
    if (HARMLESS_VALUE.test(value)) continue;
    if (/[<&%]/.test(value)) return harmful('xml-entities', 'declares an entity that grows or becomes markup');
    mistake = invalid('xml-entities', 'declares entities of its own');
  }
  if (entities === 0 && /<!entity\s/i.test(declaration))
    return harmful('xml-entities', 'declares an entity in a form of its own');
  const attributes = declaration.search(/<!attlist/i);
  if (attributes >= 0 && /\son[a-z]|href/i.test(declaration.slice(attributes)))
    return harmful('xml-entities', 'declares attributes that are events or links');
  const external = judgeExternal(declaration);
  return external?.harmful === true ? external : (mistake ?? external);
}

/** Where the declarations of a document are read from: `PUBLIC` with a name that everybody knows is rarely fetched. */
function judgeExternal(declaration: string): FileFault | undefined {
  const subset = declaration.indexOf('[');
  const head = subset < 0 ? declaration : declaration.slice(0, subset);
  const known = /\spublic\s{0,20}["'][-+]\/\//i.test(head);
  if (!known && !/\s(?:system|public)\s/i.test(head)) return undefined;
  const system = [...head.matchAll(/"([^"]{0,500})"|'([^']{0,500})'/g)].at(-1);
  const where = system?.[1] ?? system?.[2] ?? '';
  if (WELL_KNOWN.test(where) || where.startsWith('-//')) return undefined;
  if (!/^[a-z][\w+.-]{1,20}:|^[/\\]/i.test(where)) return invalid('xml-doctype', 'names a document type of its own');
  return known && /^https?:/i.test(where)
    ? invalid('xml-doctype', 'names a document type that is kept elsewhere')
    : harmful('xml-doctype', 'names a document type that is fetched from elsewhere');
}

/** Judges a processing instruction (`text` is what stands between the marks). */
export function judgeInstruction(text: string): FileFault | undefined {
  if (/^(?:php\b|=|\s*$)/i.test(text)) return harmful('code', 'holds code that a server runs');
  if (/^xml-stylesheet\b/i.test(text))
    return /xsl|javascript:|data:/i.test(text)
      ? harmful('xml-stylesheet', 'is turned into something else by a stylesheet of its own')
      : invalid('xml-stylesheet', 'names a stylesheet');
  const encoding = /^xml\s.{0,200}?encoding\s{0,20}=\s{0,20}["']([^"']{1,40})["']/is.exec(text)?.[1];
  if (encoding !== undefined && !PLAIN_ENCODING.test(encoding)) return invalid('encoding', 'is not in UTF-8');
  return undefined;
}

/** Judges an XML document that may mean anything: only what parsers do by themselves. */
export function judgeXml(bytes: Buffer): FileFault | undefined {
  // Elements are not looked at: where there is no `<!` and no `<?`, nothing is walked.
  if (bytes.indexOf('<!') < 0 && bytes.indexOf('<?', 2) < 0 && bytes.indexOf('encoding') < 0) return undefined;
  return walkMarkup<FileFault>(bytes.toString('utf8'), {
    tag: () => undefined,
    doctype: judgeDoctype,
    instruction: judgeInstruction,
  });
}
