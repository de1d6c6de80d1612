import type { Match, Place, Sensitivity } from '../classes/class.ts';
import { F_BACKSLASH, F_COLON, F_LINE } from '../features.ts';
import type { Form } from '../forms.ts';
import { type Break, hasOddBreak, nextBreak } from './breaks.ts';
import { commandAt, lineProtocolAt } from './commands.ts';
import { isLogLine } from './log-lines.ts';
import { isMail } from './mail.ts';
import { fieldKind, HTTP_FIELD, HTTP_WORD, MAIL_FIELD, MAIL_WORD, NO_FIELD, OWN_FIELD, SOME_WORD } from './names.ts';

/** Lines that are looked at, and characters of the longest name of a field. */
const MAX_LINES = 2000;
const MAX_SPAN = 120;
/** Characters of a first line that is a single value: a name, an address, a subject, a word. */
const MAX_HEAD = 120;
/** Characters of the whole of such a value with all that is injected into it. */
const MAX_INJECTED = 8192;
/** Characters of a value of a header or cookie that is no text. */
const MAX_SINGLE = 1024;
/** Fields in a row that are looked at behind such a value. */
const MAX_FIELDS = 16;

/** A field's name; two hexadecimal digits may be left of a line end that was encoded twice over. */
const FIELD = /(?:0[ad]){0,2}([A-Za-z][A-Za-z0-9_-]{0,63})[ \t]{0,4}:/y;
const STATUS = /HTTP\/[123](?:\.\d)?[ \t]{1,4}[1-5]\d\d/iy;
const REQUEST =
  /(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|TRACE|CONNECT|PROPFIND)[ \t]{1,4}\S{1,2048}[ \t]{1,4}HTTP\/\d/iy;
const BODY = /<(?:!doctype|html|head|body|script|svg|meta|iframe|img|h1)\b|<\?xml/iy;
const ADDRESS = /[^\s@<>]{1,64}@[^\s@<>]{1,255}/;
const URL_LIKE = /[ \t]{0,4}(?:[a-z][a-z0-9+.-]{1,15}:|\/|\.\.?\/)/iy;

/** Where the value is one thing and no text of lines. */
const isStrict = ({ source, key }: Place): boolean =>
  key || source === 'path' || source === 'header' || source === 'cookie' || source === 'filename';

/** What the value would add to the headers of an answer, a request or a mail it is put into. */
export function searchHeader(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  const body = place.source === 'body' && !place.key;
  const escapes = !body && (features & F_BACKSLASH) !== 0;
  if ((features & F_LINE) === 0 && !(escapes && /\\[rn]/.test(text)) && !hasOddBreak(text)) return undefined;
  if (body) {
    const found = features & F_COLON || text.length < MAX_HEAD ? inBody(text, sensitivity) : undefined;
    if (found !== undefined || sensitivity !== 'high') return found;
  }
  if (place.source === 'query' && !place.key && sensitivity !== 'high' && isMail(text)) return undefined;
  let from = 0;
  for (let line = 0; line < MAX_LINES; line++) {
    const found = nextBreak(text, from, escapes);
    if (found === undefined || found.next >= text.length) return undefined;
    from = found.next;
    if (!body && forgesLog(text, found, place, escapes, sensitivity))
      return { start: found.start, end: Math.min(text.length, from + MAX_SPAN), why: FORGES };
    if (!begins(text.charCodeAt(from))) continue;
    const why = body
      ? anywhere(text, found)
      : isStrict(place)
        ? inSingle(text, found, escapes, sensitivity)
        : inQuery(text, found, escapes, sensitivity);
    if (why !== undefined) return { start: found.start, end: Math.min(text.length, found.next + MAX_SPAN), why };
  }
  return undefined;
}

const ANSWER = 'ends the line and goes on as a field of the header';
const SPLIT = 'ends the answer and begins another';
const REQUESTS = 'ends the request and begins another';
const CONTENT = 'ends the header and goes on as the content';
const MAIL = 'adds a field to a mail';
const FORGES = 'ends the line of a log and forges another';

/** Whether a line that begins so can be any of what is looked for: a letter, `*`, `.`, `<` or what is left of an escape. */
function begins(c: number): boolean {
  const lower = c | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || c === 0x2a || c === 0x2e || c === 0x3c || c === 0x30;
}

/**
 * Written into a log, the value would end its line and begin one that nobody logged. Whole logs are pasted into queries:
 * what begins as one, or announces one, is text.
 */
function forgesLog(text: string, found: Break, place: Place, escapes: boolean, sensitivity: Sensitivity): boolean {
  if (sensitivity === 'low' || !isLogLine(text, found.next)) return false;
  if (sensitivity === 'high') return true;
  const first = text.slice(0, MAX_HEAD).search(/\S/);
  if (escapes || (first >= 0 && first < found.start && isLogLine(text, first))) return false;
  const head = headOf(text, found.start);
  return !head.trace && (isStrict(place) || head.empty || head.few);
}

/** What begins at `at` whatever stands before it. */
function message(text: string, at: number): string | undefined {
  STATUS.lastIndex = at;
  if (STATUS.test(text)) return SPLIT;
  REQUEST.lastIndex = at;
  return REQUEST.test(text) ? REQUESTS : undefined;
}

function fieldAt(text: string, at: number): number {
  FIELD.lastIndex = at;
  const name = FIELD.exec(text)?.[1];
  return name === undefined ? NO_FIELD : fieldKind(name);
}

/** In paths, headers, cookies and names no line ends at all: any field counts, unless a whole text was packed into one. */
function inSingle(text: string, found: Break, escapes: boolean, sensitivity: Sensitivity): string | undefined {
  const { start, next, double } = found;
  const split = message(text, next) ?? commandAt(text, next) ?? lineProtocolAt(text, next);
  if (split !== undefined) return split;
  const kind = fieldAt(text, next);
  if (kind === HTTP_FIELD) return ANSWER;
  if (sensitivity === 'low') return undefined;
  if (kind === MAIL_FIELD) return MAIL;
  if (kind === OWN_FIELD) return ANSWER;
  if (double && bodyAt(text, next)) return CONTENT;
  if (kind === NO_FIELD || (sensitivity !== 'high' && (escapes || text.length > MAX_SINGLE))) return undefined;
  return sensitivity === 'high' || headOf(text, start).single ? ANSWER : undefined;
}

const bodyAt = (text: string, at: number): boolean => {
  BODY.lastIndex = at;
  return BODY.test(text);
};

/**
 * Queries carry texts of several lines at times: words that lines of prose begin with do not count, what only headers
 * have does. Parts of a form in a query bring their own fields.
 */
function inQuery(text: string, found: Break, escapes: boolean, sensitivity: Sensitivity): string | undefined {
  const { start, next, double } = found;
  const split = message(text, next);
  if (split !== undefined) return split;
  const kind = fieldAt(text, next);
  const form = text.startsWith('--');
  if (kind === HTTP_FIELD && !(form && isContent(text, next))) return ANSWER;
  if (sensitivity === 'low') return undefined;
  const command = commandAt(text, next) ?? lineProtocolAt(text, next);
  if (command !== undefined) return command;
  const content = double && bodyAt(text, next);
  if (kind === NO_FIELD && !content) return undefined;
  const head = headOf(text, start);
  const line = lineAt(text, next);
  if (content && head.single) return CONTENT;
  if (kind === MAIL_FIELD && !form && (ADDRESS.test(line) || MIME.test(line))) return MAIL;
  if (kind === OWN_FIELD && head.single) return ANSWER;
  if (kind === MAIL_WORD && (head.address || (head.few && !escapes && ADDRESS.test(line)))) return MAIL;
  if (kind === HTTP_WORD && head.single && goesElsewhere(text, next)) return ANSWER;
  // A text begins with no end of a line, and a path or a query is no text.
  if (kind >= SOME_WORD && (head.empty || (head.single && head.path && !escapes))) return ANSWER;
  return sensitivity === 'high' && kind >= SOME_WORD ? ANSWER : undefined;
}

const isContent = (text: string, at: number): boolean => /^content-/i.test(text.slice(at, at + 8));

/** At the highest level: any field that is known, wherever a line begins. */
function anywhere(text: string, { next }: Break): string | undefined {
  const kind = fieldAt(text, next);
  if (kind === HTTP_FIELD) return ANSWER;
  if (kind === MAIL_FIELD) return MAIL;
  return message(text, next) ?? commandAt(text, next) ?? lineProtocolAt(text, next);
}

/**
 * Bodies hold pasted mails, requests, logs and YAML. What cannot be told from an attack passes: only a value that
 * begins as a single thing (an address, a name, a subject, a word) and goes on as a header counts.
 */
function inBody(text: string, sensitivity: Sensitivity): Match | undefined {
  const first = nextBreak(text, 0, false);
  if (first === undefined || first.next >= text.length || first.start > MAX_HEAD || text.length > MAX_INJECTED)
    return undefined;
  const head = headOf(text, first.start);
  if (head.trace) return undefined;
  const why = injects(text, first, head, sensitivity);
  return why === undefined ? undefined : { start: first.start, end: Math.min(text.length, first.next + MAX_SPAN), why };
}

function injects(text: string, first: Break, head: Head, sensitivity: Sensitivity): string | undefined {
  const { next, crlf, double } = first;
  // Ids, URLs and file names are followed by nothing.
  const value = head.single && head.value && crlf;
  const split = message(text, next);
  if (split !== undefined && head.single && crlf) return split;
  if (sensitivity === 'low') return undefined;
  const command = commandAt(text, next) ?? lineProtocolAt(text, next);
  if (command !== undefined && (value || text.startsWith('*', next))) return command;
  const kind = fieldAt(text, next);
  if (kind === NO_FIELD) return undefined;
  const line = lineAt(text, next);
  if (!double) {
    if (BCC.test(line) && (head.address || head.few)) return MAIL;
    if (MIME.test(line) && (head.address || (head.few && /boundary=/i.test(line)))) return MAIL;
    if (kind === MAIL_WORD && head.address && ADDRESS.test(line)) return MAIL;
  }
  if (head.single && COOKIE.test(line)) return ANSWER;
  return value && leadsToField(text, first) ? ANSWER : undefined;
}

/** Among the fields that follow is one that no text has. */
function leadsToField(text: string, first: Break): boolean {
  let next = first;
  for (let line = 0; line < MAX_FIELDS; line++) {
    const kind = fieldAt(text, next.next);
    if (kind === HTTP_FIELD) return true;
    const after = kind === NO_FIELD ? undefined : nextBreak(text, next.next, false);
    if (after === undefined) return false;
    next = after;
  }
  return false;
}

const BCC = /^(?:0[ad]){0,2}(?:resent-)?bcc[ \t]{0,4}:.{0,200}@/i;
const MIME =
  /^(?:0[ad]){0,2}(?:mime-version|content-t(?:ype|ransfer-encoding)[ \t]{0,4}:[ \t]{0,4}(?:text|multipart|base64|quoted))/i;
const COOKIE = /^(?:0[ad]){0,2}set-cookie2?[ \t]{0,4}:[ \t]{0,4}[^\s=]{1,200}=/i;

const lineAt = (text: string, at: number): string => /[^\r\n]{0,300}/.exec(text.slice(at, at + 300))?.[0] ?? '';

/** A redirect, or what a client takes for one. */
function goesElsewhere(text: string, at: number): boolean {
  FIELD.lastIndex = at;
  const field = FIELD.exec(text);
  if (field === null || !/^(?:location|refresh|host|link|origin)$/i.test(field[1] as string)) return false;
  URL_LIKE.lastIndex = FIELD.lastIndex;
  return (
    URL_LIKE.test(text) ||
    (/^host$/i.test(field[1] as string) && /^[^\s:]{1,63}:\s{0,4}[\w-]{1,63}[.:]/.test(lineAt(text, at)))
  );
}

interface Head {
  /** One word, without blanks. */
  readonly single: boolean;
  readonly empty: boolean;
  /** A path, a fragment or a query. */
  readonly path: boolean;
  /** As ids, URLs and file names are, and words are not: with digits, dots, slashes. */
  readonly value: boolean;
  /** One mail address. */
  readonly address: boolean;
  /** A name or a subject: a few words, no sentence. */
  readonly few: boolean;
  /** Itself a field, a status line, a request or what announces one: the whole is quoted. */
  readonly trace: boolean;
}

/** What stands before the first end of a line. */
function headOf(text: string, end: number): Head {
  // What is left of line ends that were encoded twice over belongs to them.
  const head = text
    .slice(0, Math.min(end, 400))
    .replace(/%?[\r\n]{1,4}0[ad]/g, '')
    .trim();
  const words = head.split(/\s+/, 12).length;
  return {
    empty: head === '',
    path: /^(?:[/?#%\0]|\w{2,12}:\/\/)/.test(head),
    single: words === 1 && !head.endsWith(':') && !/^[>*$`{<-]|^#[^\s\w]/.test(head),
    value: /[\d./@?=&%]/.test(head),
    address: /^(?:[\w .,'"-]{0,60}<)?[^\s@<>]{1,64}@[^\s@<>]{1,255}>?$/.test(head),
    few: words <= 8 && !/[.!?:,;>]$/.test(head) && !/^[#>*$`{<-]/.test(head),
    trace: TRACE.test(head),
  };
}

/** Of a trace of HTTP or a mail, a call of curl, a part of a form, or a line that announces any of these. */
const TRACE = new RegExp(
  String.raw`^[\s>|*#$\`'"-]{0,12}(?:HTTP/\d|(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH) \S|curl |[<>*] |` +
    String.raw`[A-Za-z][A-Za-z0-9_-]{0,63}[ \t]{0,4}:(?:[ \t]|$))|:$|-----`,
);
