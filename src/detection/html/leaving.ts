import { ScriptJudge } from './script.ts';
import { type Evidence, type Looks, RUNS, SURE } from './weights.ts';

const judge = new ScriptJudge();
/** Characters of script that are read from one place. */
const MAX_SCRIPT = 16 * 1024;

/** Behind these a quote opens a string of code that is shown whole. */
const OPENERS = '=(,:[{+?&|';

/** Set into a string of a script, does the value leave it and go on as script? */
export function leavesString(text: string, quote: string): Evidence | undefined {
  const first = text.indexOf(quote);
  if (first < 0) return undefined;
  const found = behind(text, first, quote);
  if (found !== undefined) return found;
  // Where quotes are escaped with a backslash, one that has one already is what leaves.
  let real = first;
  while (real >= 0 && text.charCodeAt(real - 1) === 0x5c) real = text.indexOf(quote, real + 1);
  if (real > first) return behind(text, real, quote);
  return text.charCodeAt(first + 1) === quote.charCodeAt(0) && first === 0 ? behind(text, first + 1, quote) : undefined;
}

function behind(text: string, at: number, quote: string): Evidence | undefined {
  if (opensCode(text, at, quote)) return undefined;
  judge.read(text, at + 1, Math.min(text.length, at + 1 + MAX_SCRIPT), true);
  const found = (): Evidence => ({
    weight: SURE,
    start: at,
    end: Math.max(judge.end, at + 1),
    why: `leaves a string of a script and ${judge.why}`,
  });
  if (judge.weight === SURE && (judge.proof || !judge.broken)) return found();
  // Without a known weapon the rest must be made whole: cut off, or opened again.
  const whole =
    (judge.cut && /\/\/[^'"\n]{0,64}$|<!--/.test(text.slice(-80))) ||
    (judge.prints && judge.open === quote.charCodeAt(0));
  return judge.weight === RUNS && whole ? { ...found(), weight: RUNS } : undefined;
}

/** The quote stands where code opens a string: behind an operator, with its own end in sight. */
function opensCode(text: string, at: number, quote: string): boolean {
  let i = at;
  while (i > 0 && text.charCodeAt(i - 1) === 0x20) i--;
  if (i === 0 || !OPENERS.includes(text.charAt(i - 1))) return false;
  return text.charCodeAt(at + 1) === quote.charCodeAt(0);
}

const CODE =
  /^\s*(?:function|const|let|class|import|export|async|if|for|while|return|case|else|switch|def|public|private|static|package|use|using)\b/;
const SCRIPT_END = /^<\/script/i;
const MAX_REMNANT = 512;
const REMNANT_START = /^\W{0,16}(?:-?\d{1,4})?script/i;
const REMNANT_END = /\/script\W{0,16}$/i;

/** A script element that a filter has taken the brackets off, and nothing else. */
export const isRemnant = (text: string): boolean =>
  text.length < MAX_REMNANT &&
  REMNANT_START.test(text) &&
  /[(=]/.test(text) &&
  !text.includes('<') &&
  REMNANT_END.test(text.slice(-24));

/** Set into a handler or a script as it stands, does the value run? Only what begins with what proofs do. */
export function runsBare(text: string): Evidence | undefined {
  if (isRemnant(text))
    return { weight: RUNS, start: 0, end: text.length, why: 'is a script element whose brackets were taken off' };
  let from = 0;
  const comment = text.indexOf('*/');
  if (comment >= 0 && comment < 64) {
    const found = bare(text, comment + 2);
    if (found !== undefined) return found;
  }
  while (from < text.length && from < 8 && /[\s;)}>\]]/.test(text.charAt(from))) from++;
  const close = text.indexOf('</');
  if (close > 0 && SCRIPT_END.test(text.slice(close, close + 10))) {
    judge.read(text, 0, close, false);
    if (judge.proof || judge.constructs || (judge.weight >= RUNS && !judge.broken))
      return { weight: RUNS, start: 0, end: close + 9, why: 'is the rest of a script, and ends its element' };
  }
  if (CODE.test(text)) return undefined;
  const quote = text.charAt(from);
  if (quote === '"' || quote === "'") {
    const found = restOfAttribute(text, from, quote);
    if (found !== undefined) return found;
  }
  return bare(text, from);
}

/** The value of an attribute, its quotes and the end of its tag: `"...">`. */
function restOfAttribute(text: string, from: number, quote: string): Evidence | undefined {
  const close = text.indexOf(quote, from + 1);
  if (close < 0 || !/^\s{0,2}\/?>/.test(text.slice(close + 1, close + 5))) return undefined;
  judge.read(text, from + 1, close, false);
  return judge.proof && !judge.broken
    ? { weight: RUNS, start: from, end: close + 1, why: `is the rest of an attribute that ${judge.why}` }
    : undefined;
}

function bare(text: string, from: number): Evidence | undefined {
  judge.read(text, from, Math.min(text.length, from + MAX_SCRIPT), false);
  if (!judge.proof || !judge.proofFirst || (!judge.acts && !judge.navigates)) return undefined;
  if (judge.broken && !/^[<>"'\\/]/.test(text.slice(judge.end, judge.end + 1))) return undefined;
  return { weight: SURE, start: from, end: Math.max(judge.end, from + 1), why: `is script that ${judge.why}` };
}

/** Characters of one expression. */
const MAX_EXPRESSION = 2048;
/** How expressions of AngularJS got out of its sandbox. */
const REACHING =
  /['"`](?:constructor|__proto__)['"`]|\$eval|getOwnPropertyDescriptor|getPrototypeOf|\.sub\.(?:call|bind|apply)|\.call\.call/;

/** An expression of a template that pages evaluate, whose brace stands at `at`: `{{...}}` of Angular and Vue, `${...}`. */
export function judgeExpression(text: string, at: number, double: boolean, looks: Looks): Evidence | undefined {
  const from = at + (double ? 2 : 1);
  let to = Math.min(looks.limit(from, text.length), from + MAX_EXPRESSION);
  const close = double ? text.slice(from, to).indexOf('}}') : -1;
  if (close >= 0) to = from + close;
  looks.spend((to - from) * 2);
  judge.read(text, from, to, false);
  if (judge.proof || (double && (judge.constructs || REACHING.test(text.slice(from, to))))) {
    const why = judge.proof ? judge.why : 'reaches the function that makes functions';
    return { weight: SURE, start: at, end: Math.min(text.length, to + 2), why: `is an expression that ${why}` };
  }
  return undefined;
}
