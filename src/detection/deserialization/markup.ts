import { anyOf } from '../shared/any-of.ts';
import { CODE, PROBE } from '../template/weights.ts';
import { HARMLESS, type Harm } from './bytes.ts';

/** Tags of YAML that make objects of a class or call something, behind their marks. */
const TAG = anyOf(
  'y',
  /python\/(?:object(?:\/(?:apply|new))?|name|module):[\w.]/,
  /ruby\/(?:object|hash|struct|array|exception|class|module)(?:-with-ivars)?:[A-Z]/,
  /javax?\.[a-z]{1,20}\.[\w.$]|com\.(?:sun|mchange)\.|org\.(?:apache|springframework|yaml|hibernate|h2|mozilla|python)\./,
  /(?:sun|jdk|bsh|groovy|ch\.qos)\.[\w.$]/,
  /js\/function|php\/object|perl\/(?:code|hash|ref)/,
);
/** The long form of `!!`, and what may stand between a tag and what it follows. */
const LONG = '<tag:yaml.org,2002:';
const SKIPPED = ' \t"\'';
const MAX_INDENT = 40;
/** Where a tag may stand, first: `!` with a letter, `!` or `<` behind it. */
const HAS_TAG = /![!<a-z]/;
const YAML_TAG: Harm = { weight: CODE, why: 'has YAML make an object of a class' };

/** Elements named by classes, and classes in attributes: XStream, XMLDecoder, XAML, SOAP. */
const XML = anyOf(
  '',
  /(?:^|[>\s"'])<java\.(?:util\.PriorityQueue|lang\.(?:ProcessBuilder|Runtime)|beans\.\w|net\.URL|io\.\w)/,
  /(?:^|[>\s"'])<(?:javax\.(?:naming|swing|imageio|script|crypto)|com\.sun|sun\.\w{1,20}|jdk\.nashorn)\./,
  /(?:^|[>\s"'])<org\.(?:apache\.commons\.(?:collections|beanutils|configuration)|codehaus\.groovy)/,
  /(?:^|[>\s"'])<(?:groovy\.(?:util|lang)\.|dynamic-proxy>)/,
  /\sclass\s{0,4}=\s{0,4}\\?["']java\.(?:lang\.(?:ProcessBuilder|Runtime)|beans\.(?:EventHandler|XMLDecoder))/,
  /\sclass\s{0,4}=\s{0,4}\\?["'](?:java\.net\.URLClassLoader|javax\.script\.|com\.sun\.|sun\.|jdk\.nashorn)/,
  /<(?:\w{1,20}:)?ExpandedWrapperOf\w/,
  /schemas\.microsoft\.com\/clr\/nsassem\/(?:System\.(?:Diagnostics|Windows\.Data|Web)|Microsoft\.VisualStudio)/,
);
/** Every alternative has one of these: native searches for them cost less than one look at each character. */
const HINTS = ['java', 'sun.', 'jdk.nashorn', 'org.', 'groovy', '<dynamic-proxy>', 'ExpandedWrapperOf', 'clr/nsassem'];
/** XAML that opens a name space which starts programs, and what starts one. */
const XAML = 'clr-namespace:System.Diagnostics';
const STARTS = /ObjectDataProvider|:Process\b/;
const XML_OBJECT: Harm = { weight: PROBE, why: 'has XML make objects of a class' };
/** A name space of XAML that opens a door, as an attribute's whole value. */
const NAMESPACE = /^clr-namespace:System\.(?:Diagnostics|Reflection|IO)\b/;

/** What YAML, XStream, XMLDecoder or XAML would make of a text. */
export function weighMarkup(text: string): Harm {
  if (text.includes('!') && HAS_TAG.test(text) && hasTag(text)) return YAML_TAG;
  if (text.startsWith('clr-namespace:')) return NAMESPACE.test(text) ? XML_OBJECT : HARMLESS;
  if (!text.includes('<')) return HARMLESS;
  return (HINTS.some((hint) => text.includes(hint)) && XML.test(text)) || (text.includes(XAML) && STARTS.test(text))
    ? XML_OBJECT
    : HARMLESS;
}

/** A tag that makes an object stands where a value of YAML may begin. */
function hasTag(text: string): boolean {
  for (let at = text.indexOf('!'); at >= 0; at = text.indexOf('!', at + 1)) {
    let name = at;
    while (name < at + 2 && text.charCodeAt(name) === 0x21) name++;
    if (text.startsWith(LONG, name)) name += LONG.length;
    TAG.lastIndex = name;
    if (TAG.test(text) && beginsValue(text, at)) return true;
    at = name - 1;
  }
  return false;
}

/** Before it stands nothing, a line's end, a bracket, or what YAML puts before a value. */
function beginsValue(text: string, at: number): boolean {
  let before = at - 1;
  const least = Math.max(0, at - MAX_INDENT);
  while (before >= least && SKIPPED.includes(text[before] as string)) before--;
  if (before < 0) return true;
  const c = text[before] as string;
  const spaced =
    before < at - 1 && (text.charCodeAt(before + 1) <= 0x20 || SKIPPED.includes(text[before + 1] as string));
  return (
    c === '\n' || c === '\r' || c === '[' || c === '{' || c === ',' || ((c === ':' || c === '-' || c === '?') && spaced)
  );
}
