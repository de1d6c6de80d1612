import type { Match, Place, Sensitivity } from '../classes/class.ts';
import { F_BRACE, F_CALL, F_DOLLAR, F_QUOTE, F_SHELL, F_SLASH, F_TAG, F_UNDERSCORE } from '../features.ts';
import type { Form } from '../forms.ts';
import { ANY_ARGUMENT, type Call, DELAY, fits, freeCall, isCommand, ownedCall, PROBE, RUN } from './calls.ts';
import { MARKS, MAX_PLACES } from './marks.ts';
import { CODE_BEFORE, EVALUATED, goesOnAsProse, INTERPOLATED, NOT, stands } from './surroundings.ts';
import { searchTags } from './tags.ts';

/** Characters of a name, of a call's arguments, and calls of one text that are read. */
const MAX_NAME = 32;
const MAX_ARGUMENTS = 512;
const MAX_CALLS = 256;
/** Names that call back into the table are looked up in lower case. */
const WORD = new Uint8Array(128);
for (let c = 0; c < 128; c++) WORD[c] = /\w/.test(String.fromCharCode(c)) ? 1 : 0;

/** Set into code of a server, or evaluated as code, would the value call what reaches out of the process? */
export function searchCode({ text, features }: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  if (features & F_TAG) {
    const found = searchTags(text, place.source === 'header' || place.source === 'filename', sensitivity);
    if (found !== undefined) return found;
  }
  if (features & (F_CALL | F_UNDERSCORE)) {
    const found = searchMarks(text, sensitivity) ?? (features & F_CALL ? searchCalls(text, sensitivity) : undefined);
    if (found !== undefined) return found;
  }
  if (features & (F_QUOTE | F_SHELL | F_BRACE | F_SLASH) && sensitivity !== 'low') {
    const found = searchStatement(text);
    if (found !== undefined) return found;
  }
  return features & F_DOLLAR ? searchVariables(text, sensitivity) : undefined;
}

/** Calls without parentheses, where the value begins: `system "id"`, `include 'http://..'`, ``print `id` ``, `%x[id]`. */
const STATEMENT =
  /^[\s'"`;{}()$@[\]#&|.+-]{0,12}(?:(?:(?:return|print|echo|puts|p|die|exit)\s{0,4}\(?\s{0,4}(?=`)|(?:system|exec|spawn|passthru|%x(?=[[{/!<])|qx(?=[[{/!<|~])|eval)\s{0,4})|(include|require|include_once|require_once)\s{1,4}["'](?:https?:|ftp:|php:|data:|\/|\.\.))/i;

function searchStatement(text: string): Match | undefined {
  const hit = STATEMENT.exec(text);
  if (hit === null) return undefined;
  const end = Math.min(text.length, hit[0].length + 64);
  const rest = text.slice(hit[0].length, end);
  if (hit[1] !== undefined) return { start: 0, end, why: 'would run a file as code' };
  if (!/^["'`[{/!<|~]/.test(rest) || !isCommand(rest)) return undefined;
  // Nothing but marks behind what is run.
  return /^.[^"'`\]}!>|~]{1,60}["'`\]}/!>|~]+[\s;)"'\]}#/-]*$/.test(rest)
    ? { start: 0, end, why: 'would start a program' }
    : undefined;
}

/** Strings that have hardly another use than to get out. */
function searchMarks(text: string, sensitivity: Sensitivity): Match | undefined {
  if (!HINT.test(text)) return undefined;
  const lower = text.toLowerCase();
  // Letters whose lower case is longer move everything behind them.
  if (lower.length !== text.length) return undefined;
  for (const { needle, shape, why, sure } of MARKS) {
    let at = lower.indexOf(needle);
    for (let count = 0; at >= 0 && count < MAX_PLACES; count++) {
      if (shape.test(text.slice(at, at + 160))) {
        const start = beginningOf(text, at);
        const where = stands(text, start);
        const end = closingOf(text, at);
        const evaluated = where >= (sure === true ? CODE_BEFORE : EVALUATED) && !goesOnAsProse(text, end);
        if (sensitivity === 'high' || ((where === INTERPOLATED || evaluated) && !isShownCode(text, start, end)))
          return { start, end, why };
      }
      at = lower.indexOf(needle, at + needle.length);
    }
  }
  return undefined;
}

const HINT =
  /__(?:import|class|subclasses|globals|builtins|mro)__|getruntime|java\.lang|processbuilder|scriptengine|mainmodule|child_process|require\s?\(|import\(|process\.|constructor|function\s?\(|wscript|scripting\.|system\.diag|net\.webc|_load\(/i;

/** Characters to the left of a place in which its expression begins. */
const MAX_LEFT = 160;

/** Where the expression around a place begins: names, members, calls and literals to the left of it. */
function beginningOf(text: string, from: number): number {
  let at = from;
  const least = Math.max(0, from - MAX_LEFT);
  while (at > least) {
    const c = text.charCodeAt(at - 1);
    if (c < 128 && (WORD[c] === 1 || c === 0x2e || c === 0x5b || c === 0x3a || c === 0x24)) {
      at--;
      continue;
    }
    const open = isJoined(text, at) ? openingOf(text, at - 1, least) : -1;
    if (open < 0) break;
    at = open;
  }
  const word = /(?:^|\W)(new\s{1,4})$/i.exec(text.slice(Math.max(0, at - 8), at));
  return word === null ? at : at - (word[1] as string).length;
}

/** A literal or a call is what the member behind it is of: `().__class__`, `''.constructor`. */
const isJoined = (text: string, at: number): boolean => {
  const c = text.charCodeAt(at);
  return c === 0x2e || c === 0x5b || c === 0x28 || c === 0x29 || c === 0x5d;
};

/** Where the literal or the brackets that end at a place begin; -1 where nothing of the kind ends there. */
function openingOf(text: string, end: number, least: number): number {
  const c = text.charCodeAt(end);
  if (c === 0x27 || c === 0x22) {
    const open = end > least ? text.lastIndexOf(text[end] as string, end - 1) : -1;
    return open >= least ? open : -1;
  }
  if (c !== 0x29 && c !== 0x5d && c !== 0x7d) return -1;
  let depth = 0;
  for (let at = end; at >= least; at--) {
    const d = text.charCodeAt(at);
    if (d === 0x29 || d === 0x5d || d === 0x7d) depth++;
    else if ((d === 0x28 || d === 0x5b || d === 0x7b) && --depth === 0) return at;
  }
  return -1;
}

/** The parenthesis that closes the first one behind a place; where the look ends, if there is none. */
function closingOf(text: string, from: number): number {
  const most = Math.min(text.length, from + MAX_ARGUMENTS);
  let depth = 0;
  for (let at = from; at < most; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x28) depth++;
    else if (c === 0x29 && --depth <= 0) return at + 1;
  }
  return most;
}

/** In backticks, as Markdown shows code. */
function isShownCode(text: string, from: number, end: number): boolean {
  const open = text.lastIndexOf('`', from);
  if (open < 0 || from - open > MAX_LEFT || (open > 0 && /[\w$]/.test(text.charAt(open - 1)))) return false;
  const close = text.indexOf('`', Math.max(end - 1, from));
  return close >= 0 && close - end < MAX_LEFT && text.slice(open + 1, close).indexOf('`') < 0;
}

/** A function is given what to do when the call is done: code of somebody's program. */
const isHandled = (text: string, open: number, close: number): boolean =>
  /=>\s?\{|,\s?function\b|,\s?O_[A-Z]{3}/.test(text.slice(open, Math.min(close, open + MAX_LEFT)));

/** Calls of functions that the table knows. */
function searchCalls(text: string, sensitivity: Sensitivity): Match | undefined {
  let open = text.indexOf('(');
  for (let count = 0; open >= 0 && count < MAX_CALLS; count++) {
    let end = open;
    while (end > 0 && open - end < 4 && text.charCodeAt(end - 1) <= 0x20) end--;
    let start = end;
    while (start > 0 && end - start < MAX_NAME && WORD[text.charCodeAt(start - 1)] === 1) start--;
    const found = end > start ? judge(text, start, end, open, sensitivity) : judgeDynamic(text, end, open);
    if (found !== undefined) return found;
    open = text.indexOf('(', open + 1);
  }
  return undefined;
}

/** What ends something that can be called: `(system)(..)`, `"system"(..)`, `[system][0](..)`. */
const CALLABLE = /[)\]}'"]/;

/** What may stand in a name that is put together where it is called. */
const TOGETHER = /^[\s"'([{$@;\\\w.\]})/*=-]*$/;

/** `('sys'.'tem')('id')`, `[system][0](ls)`: the name is put together where it is called. */
function judgeDynamic(text: string, end: number, open: number): Match | undefined {
  if (end > MAX_NAME * 3 || !CALLABLE.test(text.charAt(end - 1))) return undefined;
  const head = text.slice(0, end);
  if (!TOGETHER.test(head) || !/^\W|^(?:return|echo|print)\b/.test(head)) return undefined;
  const name = head
    .replace(/\/\*[^*]{0,64}\*\//g, '')
    .replace(/[^a-z_;=]/gi, '')
    .toLowerCase();
  if (
    !/(?:^|[;=])(?:return|echo|print|string)?(?:system|exec|passthru|assert|popen|phpinfo|eval|shell_exec)$/.test(name)
  )
    return undefined;
  const close = closingOf(text, open);
  return goesOnAsProse(text, close) ? undefined : { start: 0, end: close, why: 'would start a program' };
}

function judge(text: string, start: number, end: number, open: number, sensitivity: Sensitivity): Match | undefined {
  const name = text.slice(start, end).toLowerCase();
  const before = text.charCodeAt(start - 1);
  let call: Call | undefined;
  let from = start;
  if (
    before === 0x2e ||
    (before === 0x3a && text.charCodeAt(start - 2) === 0x3a) ||
    (before === 0x3e && text.charCodeAt(start - 2) === 0x2d)
  ) {
    const dot = before === 0x2e ? start - 1 : start - 2;
    from = dot;
    while (from > 0 && dot - from < MAX_NAME && WORD[text.charCodeAt(from - 1)] === 1) from--;
    const owner = text.slice(from, dot).toLowerCase();
    call = ownedCall(owner, name);
    // PHP joins texts with a dot: `'.system('id').'`
    if (call === undefined && before === 0x2e && from === dot && /['")\s\d]/.test(text.charAt(dot - 1))) {
      if (text.charCodeAt(dot - 1) !== 0x29) from = start;
      else if (name === 'exec') return undefined;
      else from = beginningOf(text, dot);
      call = freeCall(name);
    } else from = beginningOf(text, from);
  } else if (name === 'x')
    call = before === 0x25 && isCommand(text.slice(open + 1, open + 64)) ? freeCall('qx') : undefined;
  else call = before === 0x24 ? variableCall(text, name) : freeCall(name);
  if (call !== undefined && before === 0x24)
    return /^[\s;'"$@{(]/.test(text) ? { start: 0, end: closingOf(text, open), why: call.why } : undefined;
  if (call === undefined || !fits(call.needs, text, open + 1)) return undefined;
  const where = stands(text, from);
  if (where === NOT && sensitivity !== 'high') return undefined;
  const close = closingOf(text, open);
  if (!isMeant(text, call, where, from, close, sensitivity)) return undefined;
  if (sensitivity !== 'high' && (isShownCode(text, from, close) || isHandled(text, open, close))) return undefined;
  // `process.exit()`: code as it is, unless there is nothing else.
  if (
    call.weight === PROBE &&
    from !== start &&
    call.needs === ANY_ARGUMENT &&
    !/^[\s;)\]}'"#/*-]*$/.test(text.slice(close, close + 64))
  )
    return undefined;
  // PHP has no capitals that JavaScript's functions of the same name have.
  if (call.weight === PROBE && from === start && /[a-z][A-Z]/.test(text.slice(start, end))) return undefined;
  return { start: from, end: close, why: call.why };
}

/** `$a='sys'.'tem';$a('id')`: a variable that the value itself makes a function's name. */
function variableCall(text: string, name: string): Call | undefined {
  const set = new RegExp(`\\$${name}=(\\w{3,16});`, 'i').exec(
    text.slice(0, MAX_ARGUMENTS).replace(/['".\s]/g, ''),
  )?.[1];
  const call = set === undefined ? undefined : freeCall(set.toLowerCase());
  return call !== undefined && call.weight === RUN ? call : undefined;
}

function isMeant(
  text: string,
  call: Call,
  where: number,
  from: number,
  close: number,
  sensitivity: Sensitivity,
): boolean {
  const { weight } = call;
  if (weight === DELAY) {
    if (where === INTERPOLATED) return true;
    if (where !== EVALUATED || goesOnAsProse(text, close)) return false;
    if (sensitivity === 'high') return true;
    return (
      sensitivity === 'default' &&
      from > 0 &&
      (isBreak(text, from) || SHOWN.test(text.slice(Math.max(0, from - 12), from)))
    );
  }
  if (where === INTERPOLATED) return true;
  if (where === EVALUATED && !goesOnAsProse(text, close)) return weight === RUN || sensitivity !== 'low';
  return sensitivity === 'high' && weight === RUN;
}

/** What a probe computes is shown. */
const SHOWN = /(?:print|echo|die|exit|var_dump|print_r)\s?\(?\s?$/i;

/** What stands right before ends a literal, a call or a statement. */
const isBreak = (text: string, at: number): boolean =>
  /[;'"`)|&.+]\s?@?$|['"][-*/,<>=]@?$/.test(text.slice(Math.max(0, at - 3), at)) && !/^\s{0,4}\w+\.\w/.test(text);

/** `{$_GET["c"]}`, `${@print(1)}`: variables of a request and expressions, set into PHP. */
function searchVariables(text: string, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('$');
  for (let count = 0; at >= 0 && count < MAX_PLACES; count++) {
    const rest = text.slice(at, at + 80);
    if (
      /^\$\{@?(?:print|eval|system|phpinfo|exec|passthru|assert|die|var_dump)\s?\(/i.test(rest) ||
      /^\$\{@/.test(rest)
    )
      return { start: at, end: Math.min(text.length, at + 80), why: 'would have text evaluated as code' };
    if (
      sensitivity !== 'low' &&
      /^\$_(?:GET|POST|REQUEST|COOKIE)\s?[[{]/i.test(rest) &&
      stands(text, at) === EVALUATED &&
      !goesOnAsProse(text, at + 6)
    )
      return { start: at, end: Math.min(text.length, at + 80), why: 'would have what is sent evaluated as code' };
    if (/^\$\{(?:IFS|_GET)/.test(rest) && sensitivity === 'high')
      return { start: at, end: at + 6, why: 'would have what is sent evaluated as code' };
    at = text.indexOf('$', at + 1);
  }
  return undefined;
}
