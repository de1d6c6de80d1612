import type { Match } from '../classes/class.ts';
import { F_CALL, F_KEY, F_UNDERSCORE } from '../features.ts';
import { anyOf } from '../shared/any-of.ts';
import { PROBE } from '../template/weights.ts';

/**
 * What only expression languages write, without a delimiter: SpEL's types and OGNL's static members and guards. Each
 * alternative begins with its own letters; none repeats what another one does.
 */
const ANYWHERE = anyOf(
  '',
  /\.getClass\(\)\.forName\(/,
  /\bT\s?\(\s{0,4}(?:java|javax|org|com)\.[\w.]{2,80}\)/,
  /@(?:java|javax|ognl|org\.apache|com\.opensymphony)\.?[\w.]{1,80}@\w/,
  /#_memberAccess\b|#context\s{0,4}(?:\[|\.get)/,
  /['"](?:\)?\.getClass\(\)|\.class)\.(?:forName|getClassLoader|classLoader|protectionDomain)/,
  /@(?:groovy\.transform\.)?ASTTest\s{0,4}\(/,
);
/** Code of Java, Groovy and JavaScript on Java that is a value as a whole. */
const WHOLE = anyOf(
  '',
  /^\s{0,8}(?:\w{1,20}\s{0,4}=\s{0,4})?(?:java\.lang\.)?Runtime\.getRuntime\(\)\.exec\s{0,4}\(/,
  /^\s{0,8}new\s{1,8}(?:java\.lang\.|javax\.script\.)?(?:ProcessBuilder|ScriptEngineManager)\s{0,4}\(/,
  /^\s{0,8}new\s{1,8}(?:java\.net\.URLClassLoader|groovy\.lang\.\w{1,20})/,
  /^\s{0,8}(?:java\.lang\.(?:System|Runtime|Class|Thread)\.\w{1,40}|Class\.forName)\(/,
  /^\s{0,8}\[?(['"])[^'"\n]{1,120}\1\]?\.execute\(\)/,
);
/** Assignments to a variable of OGNL: nothing else begins so. */
const ASSIGNS = /^\s{0,8}\(#\w{1,40}\s{0,4}=/;
const ENDS = /[)\]};.\w'"]\s{0,8}$/;
/** Without one of these, or a class, nothing of the above stands in a text. */
const MARKS = ['@', '#', 'T(', 'T ('];
/** Characters of a path of properties. */
const MAX_PATH = 512;
/** Characters of a value that are shown. */
const MAX_SHOWN = 120;
/** Characters of a value that is one piece of code. */
const MAX_WHOLE = 2048;

/** Paths of properties from an object to its class's loader: Spring's and Struts' binding of parameters by name. */
const LOADER =
  /(?:^|[.[(&?'"])class(?:\.module|\[['"]?module['"]?\])?(?:\.classLoader|\[['"]?classLoader['"]?\])(?=[.[=:'"\])]|$)/i;

/** An expression that stands without delimiters. */
export function searchBare(text: string, features: number, key: boolean, least: number): Match | undefined {
  if (least <= PROBE && ASSIGNS.test(text))
    return { start: 0, end: Math.min(text.length, MAX_SHOWN), why: 'is an expression of OGNL' };
  if ((features & (F_CALL | F_UNDERSCORE | F_KEY)) === 0) return undefined;
  const classes = text.includes('lass');
  const found = classes || MARKS.some((each) => text.includes(each)) ? ANYWHERE.exec(text) : null;
  if (found !== null)
    return {
      start: found.index,
      end: found.index + found[0].length,
      why: 'reaches classes of Java from an expression',
    };
  if (least > PROBE || text.length > MAX_WHOLE) return undefined;
  if (classes && (key || text.length < MAX_PATH)) {
    const loader = LOADER.exec(text);
    if (loader !== null && (key || loader.index === 0))
      return { start: loader.index, end: loader.index + loader[0].length, why: 'sets properties of the class loader' };
  }
  const whole = WHOLE.exec(text);
  if (whole !== null && isOneStatement(text) && ENDS.test(text.slice(-12)))
    return { start: 0, end: whole[0].length, why: 'is code of Java as a whole' };
  return undefined;
}

/** No line of its own, and no prose behind the code. */
const isOneStatement = (text: string): boolean => !/\n|\)\s+[a-z]{2,}\s+[a-z]{2,}\s/i.test(text.slice(0, MAX_WHOLE));
