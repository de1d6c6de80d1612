import type { Match, Place, Sensitivity } from '../classes/class.ts';
import { codesOf, markTable, nextMarked } from '../features/codes.ts';
import { F_BACKSLASH, F_SHELL, F_TAG } from '../features.ts';
import type { Form } from '../forms.ts';
import { searchArithmetic } from './arithmetic.ts';
import { beginsCommand, skipBlanks } from './command.ts';
import {
  AMPERSAND,
  around,
  BACKTICK,
  command,
  DOUBLE,
  endsWhole,
  feedsShell,
  LINE,
  MAX_LINES,
  PIPE,
  SEMICOLON,
  type Separator,
  SUBSTITUTE,
  weigh,
} from './meaning.ts';
import { searchOptions } from './options.ts';
import { DISGUISED, HARM, PLAUSIBLE } from './programs.ts';
import { isDigit, isLetter } from './words.ts';

/** Commands read and characters of words looked at since the start, for tests of cost. */
export const shellSteps = (): number => command.words.steps;

/** Where such values give commands by their names: `cmd=whoami`. */
const COMMAND_NAME = /^(?:cmd|command|exec|execute|shell|run|sh|bash|c|ping|system)$/;

/** Set into a command line, would the value start a program of its own? */
export function searchShell(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  command.reset(text);
  around.reset(text);
  if (features & F_TAG) {
    const found = serverSideInclude(text);
    if (found !== undefined) return found;
  }
  if (sensitivity !== 'low') {
    const found = wholeValue(text, place, sensitivity) ?? searchOptions(text, sensitivity);
    if (found !== undefined) return found;
  }
  if ((features & (F_SHELL | F_BACKSLASH)) === 0) return undefined;
  return scan(text, sensitivity) ?? withPluses(text, place, sensitivity);
}

/** Characters of a value whose pluses are taken for blanks. */
const MAX_PLUSES = 1024;
/** Beside a separator, or before what only an argument begins with. */
const PLUSES = /[;|&`(]\+|\+[;|&`]|[;|&`(][a-z]{2,12}\+|[\w?*]\+(?:[/-]|[a-z]:[\\/])/i;

/** A value that was encoded as a form twice has pluses for blanks. */
function withPluses(text: string, place: Place, sensitivity: Sensitivity): Match | undefined {
  if (text.length > MAX_PLUSES || !text.includes('+') || !PLUSES.test(text)) return undefined;
  const spaced = text.replaceAll('+', ' ');
  command.reset(spaced);
  around.reset(spaced);
  return (sensitivity === 'low' ? undefined : wholeValue(spaced, place, sensitivity)) ?? scan(spaced, sensitivity);
}

/** `<!--#exec cmd="..."-->`: the server runs it when it serves the page. */
function serverSideInclude(text: string): Match | undefined {
  const hit = /<!--#(?:(?:exec|include|echo|set|config|fsize|flastmod)\s{1,8}\w{1,16}\s{0,4}=|printenv)/i.exec(text);
  return hit === null
    ? undefined
    : {
        start: hit.index,
        end: Math.min(text.length, hit.index + 64),
        why: 'is an include that the server carries out',
      };
}

/** A redirection and nothing else: `> /var/www/x.txt`. */
const MAX_REDIRECT = 256;
const REDIRECT =
  /^\s{0,8}(?:\d?>{1,2}\s{0,4}(?:\/(?:var|tmp|etc|usr|opt|srv|home)\/|[a-z]:\\)|<\s{0,4}\/etc\/)\S{1,200}\s{0,8}$/i;

/** Behind white space stands `<`, `>` or the number of a stream. */
function redirects(text: string): boolean {
  let at = 0;
  while (text.charCodeAt(at) <= 0x20) at++;
  const c = text.charCodeAt(at);
  return c === 0x3c || c === 0x3e || isDigit(c);
}

/** The value is a command line from its first word: run where it is taken for one. */
function wholeValue(text: string, place: Place, sensitivity: Sensitivity): Match | undefined {
  const at = skipBlanks(text, 0, text.length);
  if (text.length < MAX_REDIRECT && redirects(text) && REDIRECT.test(text))
    return { start: at, end: text.length, why: 'sends output or input where it says' };
  if (!beginsCommand(text.charCodeAt(at)) || !command.read(at)) return undefined;
  const { end, weight, plain, program, bare } = command;
  if (!endsWhole(text, end)) return undefined;
  const match = { start: at, end: Math.max(end, at + 1), why: 'is a command of the system' };
  if (COMMAND_NAME.test(place.name) && weight >= PLAUSIBLE && !place.key) return match;
  if (weight < DISGUISED && feedsShell(text)) return match;
  if (bare && weight < DISGUISED) {
    const told = command.located && program?.kind === 'tells';
    return (told && weight >= HARM) || (sensitivity === 'high' && weight >= HARM && !place.key) ? match : undefined;
  }
  if (weight === DISGUISED) return match;
  if (sensitivity === 'high' && weight >= PLAUSIBLE && plain < 3 && around.lines() === 1) return match;
  const most =
    program?.kind === 'manages' || program?.kind === 'says' || program?.kind === 'runs'
      ? 8
      : program?.kind === 'lists'
        ? 1
        : 0;
  return weight === HARM && plain <= most ? match : undefined;
}

/** Characters with which something begins that parts commands. */
const LOOK = markTable(';|&\n\r`$<>\\');

function scan(text: string, sensitivity: Sensitivity): Match | undefined {
  const { length } = text;
  const codes = codesOf(text);
  let open = -1;
  for (let i = nextMarked(codes, 0, length, LOOK); i < length; i = nextMarked(codes, i + 1, length, LOOK)) {
    let separator: Separator;
    let from = i + 1;
    const c = codes[i] as number;
    switch (c) {
      case 0x3b:
        if (endsEntity(text, i)) continue;
        separator = SEMICOLON;
        break;
      case 0x7c:
      case 0x26:
        if (text.charCodeAt(from) === c) {
          from++;
          separator = DOUBLE;
        } else separator = c === 0x7c ? PIPE : AMPERSAND;
        break;
      case 0x0a:
      case 0x0d:
        separator = LINE;
        break;
      case 0x60:
        // A fence of Markdown, which is no more than empty substitutions in a shell.
        if (text.startsWith('```', i)) {
          while (text.charCodeAt(i + 1) === 0x60) i++;
          continue;
        }
        // Every second one closes.
        open = open < 0 ? i : -1;
        if (open < 0) continue;
        separator = BACKTICK;
        break;
      case 0x24:
      case 0x3c:
      case 0x3e:
        if (c === 0x24 && sensitivity !== 'low') {
          const sum = searchArithmetic(text, i, sensitivity);
          if (sum !== undefined) return sum;
        }
        if (text.charCodeAt(from) !== 0x28) continue;
        from++;
        separator = SUBSTITUTE;
        break;
      case 0x5c:
        if (!isLineInTwo(text, i)) continue;
        from++;
        separator = LINE;
        break;
      default:
        continue;
    }
    // A line in a long text is none of a command line.
    if (separator === LINE && sensitivity !== 'high' && around.lines() > MAX_LINES) continue;
    while (from < length && isSeparator(text.charCodeAt(from))) from++;
    if (beginsCommand(text.charCodeAt(from)) && command.read(from, separator === BACKTICK)) {
      const found = weigh(text, i, separator, from, sensitivity);
      if (found !== undefined) return { start: i, end: Math.max(command.end, from), why: found };
    }
    // What was skipped are separators and blanks: none of it opens anything.
    if (separator !== BACKTICK && from > i + 1) i = from - 1;
  }
  return undefined;
}

/** `&lt;`, `&#39;`: the semicolon is the entity's. */
function endsEntity(text: string, at: number): boolean {
  let from = at - 1;
  while (
    from >= 0 &&
    at - from < 9 &&
    (isLetter(text.charCodeAt(from)) || isDigit(text.charCodeAt(from)) || text.charCodeAt(from) === 0x23)
  )
    from--;
  return text.charCodeAt(from) === 0x26 && at - from > 2;
}

const isSeparator = (c: number): boolean => c <= 0x20 || c === 0x3b || c === 0x7c || c === 0x26 || c === 0xa0;

/** `\n` in two characters with a command behind it, at the beginning, behind a mark, or before a path. */
function isLineInTwo(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (next !== 0x6e && next !== 0x72) return false;
  const before = text.charCodeAt(at - 1);
  if (before === 0x72 && text.charCodeAt(at - 2) === 0x5c) return true;
  return (
    !(before > 0x20) || text.charCodeAt(at + 2) === 0x2f || (!isLetter(before) && before !== 0x3a && before !== 0x5c)
  );
}
