import type { Sensitivity } from '../classes/class.ts';
import { CommandReader, skipBlanks } from './command.ts';
import { A_CODE, A_PATH, A_SECRET, DISGUISED, HARM, isBuildTool, PLAUSIBLE, WEAK, type Weight } from './programs.ts';
import { EMPTY, PROSE, SHORT, Surroundings, TOKEN } from './surroundings.ts';
import { endsLine } from './words.ts';

/** What may stand between the text and the command behind it. */
export const SEMICOLON = 0;
export const PIPE = 1;
export const AMPERSAND = 2;
/** `&&`, `||`: no prose has them. */
export const DOUBLE = 3;
export const LINE = 4;
export const SUBSTITUTE = 5;
export const BACKTICK = 6;
export type Separator = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** One of each, used for text after text. */
export const command = new CommandReader();
export const around = new Surroundings();

/** Characters between two backticks. */
const MAX_QUOTED = 1024;

/** Lines up to which a value is none of many. */
export const MAX_LINES = 6;

/** Behind the command the value ends, or another separator stands. */
export function endsWhole(text: string, end: number): boolean {
  const at = skipBlanks(text, end, text.length);
  const c = text.charCodeAt(at);
  return (
    at >= text.length ||
    c === 0x3b ||
    c === 0x7c ||
    c === 0x26 ||
    c === 0x0a ||
    c === 0x0d ||
    c === 0x23 ||
    endsLine(text, at)
  );
}

const WHY = {
  [SEMICOLON]: 'ends the command and starts another',
  [PIPE]: 'hands the output of the command to another',
  [AMPERSAND]: 'ends the command and starts another',
  [DOUBLE]: 'adds a command',
  [LINE]: 'adds a line with a command',
  [SUBSTITUTE]: 'puts the output of a command in its place',
  [BACKTICK]: 'puts the output of a command in its place',
} as const;

/** Whether the command that was read is meant to be run. */
export function weigh(
  text: string,
  at: number,
  separator: Separator,
  from: number,
  sensitivity: Sensitivity,
): string | undefined {
  const why = WHY[separator];
  let { weight } = command;
  if (weight < DISGUISED && feedsShell(text)) weight = command.program?.kind === 'reads' ? DISGUISED : HARM;
  const before = around.before(at);
  // `$(id).show()` of jQuery, `&reg` of HTML.
  if (separator === SUBSTITUTE && weight < HARM && isMember(text, command.end)) return undefined;
  if (separator === AMPERSAND && from === at + 1 && weight < HARM && /^(?:reg|copy)$/.test(command.name))
    return undefined;
  const meant = isMeant(text, at, separator, from, weight, before);
  if (sensitivity === 'low')
    return meant && before === EMPTY && breaksOut(text, at) && weight >= HARM && separator !== LINE ? why : undefined;
  if (meant) return why;
  return sensitivity === 'high' && couldBeMeant(text, at, separator, weight, before) ? why : undefined;
}

/** Whether it could be meant, at the price of commands that are only written about. */
function couldBeMeant(text: string, at: number, separator: Separator, weight: Weight, before: number): boolean {
  if (weight >= HARM) return true;
  if (separator === LINE || around.lines() > 3 || isSpacedAsProse(text, at, separator)) return false;
  if (command.bare && separator < DOUBLE && around.listed(text[at] as string) > 1) return false;
  return (weight === PLAUSIBLE && (!command.bare || before <= TOKEN)) || (weight === WEAK && before === EMPTY);
}

/** The separator stands first, or a quote does. */
function breaksOut(text: string, at: number): boolean {
  const first = text.trimStart().charCodeAt(0);
  return (
    first === 0x27 ||
    first === 0x22 ||
    first === 0x3b ||
    first === 0x7c ||
    first === 0x26 ||
    (at === 0 && first !== 0x60)
  );
}

const isMember = (text: string, end: number): boolean =>
  text.charCodeAt(end) === 0x29 && /^\)\.[a-z]{1,20}\(/i.test(text.slice(end, end + 24));

const FEEDS =
  /^\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?(?:\/\w{1,8}){0,3}\/?(?:(?:ba|z|da|k)?sh\b|(?:python|perl|php|ruby|node)\d?(?=\s{0,4}(?:$|[;&|'"`)-]\s{0,4}$))|\$(?:0|SHELL)(?!\w))/;

/** `... | sh`: what the command gives is run. */
export function feedsShell(text: string): boolean {
  const { end, program, name } = command;
  const kind = program?.kind;
  if (kind !== 'talks' && kind !== 'says' && name !== 'base64' && name !== 'xxd') return false;
  return FEEDS.test(text.slice(end, end + 48));
}

function isMeant(
  text: string,
  at: number,
  separator: Separator,
  from: number,
  weight: Weight,
  before: number,
): boolean {
  if (separator === BACKTICK) return isSubstitution(text, at, weight, before);
  const spaced = isSpacedAsProse(text, at, separator);
  const lines = around.lines();
  if (separator === LINE) {
    const fenced = text.lastIndexOf('```', at) >= 0;
    if (fenced && weight < DISGUISED) return before === EMPTY && (command.shapes & A_SECRET) !== 0 && weight >= HARM;
    if (before === EMPTY) return weight >= HARM ? lines <= MAX_LINES : weight >= PLAUSIBLE && lines <= 3;
    if (before !== TOKEN || lines > 3) return false;
    const last = text.charCodeAt(at - 1);
    if (last === 0x3a || last === 0x2c || last === 0x7b || last === 0x28 || text.startsWith('#!')) return false;
    return weight >= HARM || (weight >= PLAUSIBLE && around.isSubject(at));
  }
  // Scripts, reports and programs have lines; a value that breaks out of a command line seldom does.
  if (lines > 3 && before > EMPTY) return weight === DISGUISED && before <= TOKEN;
  // Written about: `; cat x`
  if (before > TOKEN && text.charCodeAt(at - 1) === 0x60) return false;
  if (before > EMPTY && separator === SUBSTITUTE && around.isFollowed(command.end)) return false;
  if (separator === PIPE && weight < DISGUISED && around.isTable(weight < HARM)) return false;
  const listed =
    separator !== DOUBLE && separator !== SUBSTITUTE && command.bare ? around.listed(text[at] as string) : 0;
  const list = listed > 0;
  switch (before) {
    case EMPTY:
      return weight >= HARM || (weight >= WEAK && !list && (weight > WEAK || endsHere(text)));
    case TOKEN:
      if (weight >= HARM) return !list || !spaced || around.isSubject(at);
      if (listed > 1) return false;
      if (list && !around.isSubject(at)) return false;
      if (weight >= PLAUSIBLE && separator === SUBSTITUTE) return text.charCodeAt(at - 1) > 0x20 || command.bare;
      if (weight === PLAUSIBLE)
        return command.bare ? around.isSubject(at) : !isOwnTool(text) && (!spaced || around.isSubject(at));
      return weight === WEAK && !spaced && around.isSubject(at) && endsHere(text) && !text.includes('=');
    case SHORT:
      if (weight === DISGUISED) return true;
      if (weight === HARM)
        return isOwnTool(text)
          ? (command.shapes & A_SECRET) !== 0
          : !spaced || (command.plain === 0 && (!command.bare || around.isFew(at)));
      return (
        weight === PLAUSIBLE &&
        !spaced &&
        !command.bare &&
        around.isFew(at) &&
        !isOwnTool(text) &&
        separator !== SUBSTITUTE
      );
    default:
      if (spaced || from > at + 1 + Number(separator === SUBSTITUTE)) return false;
      if (weight === DISGUISED) return true;
      return (
        weight === HARM &&
        separator !== SUBSTITUTE &&
        (command.shapes & (A_SECRET | A_PATH | A_CODE) || command.bare) !== 0 &&
        endsHere(text)
      );
  }
}

/** Behind the command the value ends, or what ends commands and literals stands. */
function endsHere(text: string): boolean {
  const at = skipBlanks(text, command.end, text.length);
  const c = text.charCodeAt(at);
  return at >= text.length || command.quoted || c === 0x29 || c === 0x60 || c === 0x7d || endsWhole(text, command.end);
}

/** `word; word`, `word & word`, `word | word`: spaced as in prose. */
function isSpacedAsProse(text: string, at: number, separator: Separator): boolean {
  if (separator === DOUBLE || separator === SUBSTITUTE) return false;
  const next = text.charCodeAt(at + 1);
  const last = text.charCodeAt(at - 1);
  if (separator === SEMICOLON) return next <= 0x20 && last > 0x20;
  return next <= 0x20 && last <= 0x20;
}

/** The value begins with a tool of builders: a line from a manual. */
function isOwnTool(text: string): boolean {
  const word = /^\s{0,8}[$#>]?\s{0,2}([\w./-]{1,16})/.exec(text)?.[1];
  return word !== undefined && (word.startsWith('./') || isBuildTool(word));
}

/** Backticks: around code in prose, a command in a command line. */
function isSubstitution(text: string, at: number, weight: Weight, before: number): boolean {
  const close = text.indexOf('`', at + 1);
  if (close < 0 || close - at > MAX_QUOTED)
    return before === EMPTY
      ? weight >= HARM || (weight >= PLAUSIBLE && endsHere(text))
      : before === TOKEN && weight >= HARM;
  if (around.lines() > 3) return false;
  const glued = text.charCodeAt(at - 1) > 0x20 && text.charCodeAt(at - 1) !== 0x28;
  const behind = text.slice(close + 1, close + 65);
  if (before === EMPTY) {
    // A list's mark, or what ends a sentence: prose.
    if (!OPENING.test(text.slice(0, at)) || /^[.,:!?](?:\s|$)/.test(behind)) return false;
    if (/[\p{L}]{2}/u.test(behind.replace(/^\S+/, ''))) return false;
    if (weight >= HARM) return true;
    const kind = command.program?.kind;
    if (weight === PLAUSIBLE)
      return kind === 'tells' || kind === 'lists' || kind === 'reads' || kind === 'talks' || kind === 'says';
    return weight === WEAK && /^[\s'"]*$/.test(behind);
  }
  if (before === SHORT || before === PROSE) return weight >= HARM && glued && before === SHORT;
  return glued && weight >= PLAUSIBLE;
}

/** Quotes and separators, not marks of Markdown. */
const OPENING = /^[\s'";&()$|{#]*$/;
