import type { Match, Sensitivity } from '../classes/class.ts';

/** Characters of an element or instruction that are looked at. */
const MAX_TAG = 2048;

const TAG = /<(\??)((?:[\w.-]{1,64}:)?[\w.-]{1,64})(?=[\s/>?])/y;

/** Reads files and addresses without asking what they are for. */
const REACHING =
  /^\s{0,8}(?:(?:file|https?|ftp|gopher|dict|ldap|jar|netdoc|php|expect|data|phar|zlib|ssh2|glob|ogg|smb|jndi|javascript|vbscript):|\/|\\\\|\.\.[/\\]|[a-z]:[/\\])/i;
const LOCAL =
  /^\s{0,8}(?:(?:file|gopher|dict|ldap|jar|netdoc|php|expect|phar|glob|text|msl|ephemeral|caption|label|vid|mvg|inline|url):|\/(?:etc|proc|sys|dev|var|root|home|windows)\b|\.\.[/\\])/i;
/** In a stylesheet: calls that leave it, and names of extensions that run code. */
const XSL_CODE =
  /(?:php:function(?:String)?|php:\s{0,4}function|system-property|rt:exec|Runtime\.|runtime:|eval|execute|readFile|ob:toString|url:openStream|java:|date:new|file:|sql:query|uri-collection|xalan:evaluate|dyn:evaluate|saxon:evaluate)\s{0,4}\(/i;
/** Another document than the stylesheet itself or one beside it. */
const XSL_READS =
  /(?:document|doc|doc-available|unparsed-text(?:-lines|-available)?|collection)\s{0,8}\(\s{0,8}(?:(?:["']|&(?:quot|apos);)\s{0,8}(?:[a-z][a-z0-9+.-]{1,15}:|[/\\]|\.\.[/\\])|concat\s{0,8}\()/i;
const XSL_NAMESPACE =
  /xmlns:[\w.-]{1,32}\s{0,4}=\s{0,4}["'](?:http:\/\/php\.net\/xsl|https?:\/\/xml\.apache\.org\/(?:xalan|xslt)|(?:xalan:\/\/)?java(?:\.|:|\/)|saxon:|http:\/\/saxon\.sf\.net|https?:\/\/icl\.com\/saxon|clitype:|http:\/\/www\.oracle\.com\/XSL)/i;
/** Elements of stylesheets that hold or load code. */
const XSL_SCRIPT =
  /^(?:msxsl:script|lxslt:script|xalan:script|exslt?:document|func:script|xsl:script|redirect:(?:write|open)|saxon:(?:output|script)|sql:query|xsl:result-document|sql:connect)$/i;
/** Elements that servers of Java or .NET make objects of. */
const OBJECTS =
  /<(?:object|void|new|class)\s[^<>]{0,200}class\s{0,4}=\s{0,4}["'](?:java\.lang\.(?:ProcessBuilder|Runtime|Thread)|java\.beans\.|javax\.script\.|java\.net\.|java\.io\.(?:File|Print|Buffered)|javax\.naming\.|com\.sun\.)|<(?:java\.lang\.ProcessBuilder|java\.beans\.EventHandler|dynamic-proxy|jdk\.nashorn|javax\.imageio|com\.sun\.org\.apache|org\.codehaus\.groovy|groovy\.util\.Expando)\b|<(?:ObjectDataProvider|ExpandedWrapperOfXamlReader)\b/i;

/** Elements that have a parser, a stylesheet processor or a cache read or run something. */
export function searchElements(text: string, document: boolean, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('<');
  let stylesheet = false;
  // Asked once and only where it matters: optimizing compilers move a pure search into the loop that uses it.
  let inclusion: boolean | undefined;
  for (; at >= 0; at = text.indexOf('<', at + 1)) {
    TAG.lastIndex = at;
    const found = TAG.exec(text);
    if (found === null) continue;
    const name = (found[2] as string).toLowerCase();
    const colon = name.indexOf(':');
    if (colon < 0 && found[1] === '' && !PLAIN.has(name)) continue;
    if (name.endsWith(':include')) inclusion ??= text.includes('2001/XInclude');
    const end = tagEnd(text, TAG.lastIndex);
    const tag = text.slice(at, end);
    const why =
      found[1] === '?'
        ? instruction(name, tag, document, sensitivity)
        : element(name, tag, inclusion === true, document, sensitivity);
    if (why !== undefined) return { start: at, end, why };
    if (/^(?:[\w.-]{1,64}:)?(?:stylesheet|transform)$/.test(name)) stylesheet = true;
    if (!document && sensitivity !== 'high') continue;
    if (stylesheet && XSL_NAMESPACE.test(tag)) return { start: at, end, why: 'is a stylesheet that runs code' };
    if (stylesheet && name.endsWith(':document') && attribute(tag, 'href') !== undefined)
      return { start: at, end, why: 'is a stylesheet that writes a file' };
    if (colon > 0 && name.startsWith('xsl') && (XSL_CODE.test(tag) || XSL_READS.test(tag)))
      return { start: at, end, why: 'is a stylesheet that reads or runs something' };
  }
  return undefined;
}

/** Names without a prefix that matter all the same. */
const PLAIN: ReadonlySet<string> = new Set(
  'include image use feimage object void java new stylesheet transform import read'.split(' '),
);

function instruction(name: string, tag: string, document: boolean, sensitivity: Sensitivity): string | undefined {
  if (name === 'import' && document && attribute(tag, 'implementation') !== undefined)
    return 'loads code from elsewhere';
  if (name !== 'xml-stylesheet' || (!document && sensitivity !== 'high')) return undefined;
  const href = attribute(tag, 'href');
  if (
    sensitivity === 'high' ||
    (href !== undefined &&
      /^[a-z][a-z0-9+.-]{0,15}:|^\/\/|^\\/i.test(href.trim()) &&
      !/^\s{0,4}https?:\/\/(?:www\.)?w3\.org\//i.test(href))
  )
    return 'has the document run through a stylesheet from elsewhere';
  return undefined;
}

function element(
  name: string,
  tag: string,
  inclusion: boolean,
  document: boolean,
  sensitivity: Sensitivity,
): string | undefined {
  const local = name.slice(name.indexOf(':') + 1);
  if (name.startsWith('esi:')) {
    if (ESI.has(local) && (document || sensitivity === 'high')) return 'is worked on by a cache that knows ESI';
    return undefined;
  }
  if (local === 'include' && (name.startsWith('xi:') || inclusion || tag.includes('2001/XInclude'))) {
    const href = attribute(tag, 'href') ?? '';
    if (
      (document || sensitivity === 'high') &&
      (REACHING.test(href) || attribute(tag, 'parse') === 'text' || sensitivity === 'high')
    )
      return 'has an XML parser include a file or an address';
    return undefined;
  }
  if (!document && sensitivity !== 'high') return undefined;
  if ((local === 'include' || local === 'import') && name.startsWith('xsl:')) {
    return REACHING.test(attribute(tag, 'href') ?? '') ? 'loads a stylesheet from elsewhere' : undefined;
  }
  if (XSL_SCRIPT.test(name)) return 'is a stylesheet that runs code';
  if (local === 'image' || local === 'use' || local === 'feimage' || local === 'read') {
    const href = attribute(tag, 'href') ?? attribute(tag, 'filename') ?? '';
    return LOCAL.test(href) ? 'has a drawing read a file' : undefined;
  }
  if (OBJECTS.test(tag)) return 'makes objects that run code';
  return undefined;
}

/** What caches do something for (Edge Side Includes 1.0 and Akamai's and Oracle's additions). */
const ESI: ReadonlySet<string> = new Set(
  'include inline debug vars assign eval choose when try attempt invalidate function'.split(' '),
);

/** The value of an attribute, any prefix before its name. */
function attribute(tag: string, name: keyof typeof ATTRIBUTES): string | undefined {
  const found = ATTRIBUTES[name].exec(tag);
  return found === null ? undefined : (found[1] ?? found[2] ?? found[3]);
}
const HREF = /[\s:"']href\s{0,8}=\s{0,8}(?:"([^"]{0,1024})|'([^']{0,1024})|([^\s"'>]{1,1024}))/i;
const PARSE = /\sparse\s{0,8}=\s{0,8}(?:"([^"]{0,16})"|'([^']{0,16})'|([^\s"'>]{1,16}))/i;
const FILENAME = /\sfilename\s{0,8}=\s{0,8}(?:"([^"]{0,1024})|'([^']{0,1024})|([^\s"'>]{1,1024}))/i;
const IMPLEMENTATION = /\simplementation\s{0,8}=\s{0,8}(?:"([^"]{0,1024})|'([^']{0,1024})|([^\s"'>]{1,1024}))/i;
const ATTRIBUTES = { href: HREF, parse: PARSE, filename: FILENAME, implementation: IMPLEMENTATION };

/** Behind the `>` that ends a tag; quotes may hold others, but no `<` (XML 1.0, AttValue). */
function tagEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + MAX_TAG);
  let quote = 0;
  for (let at = from; at < most; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x3c) return at;
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 0x22 || c === 0x27) quote = c;
    else if (c === 0x3e) return at + 1;
  }
  return most;
}
