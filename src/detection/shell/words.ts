/** Characters of one word that are read; what is longer is no name and no argument that matters. */
const MAX_WORD = 256;
/** Characters in which the end of a quotation or substitution is looked for. */
const MAX_NESTED = 192;
/** Variables that a value sets for itself: `a=c;b=at;$a$b`. */
const MAX_VARIABLES = 32;

/** What a character does to a word that is read. */
const PLAIN = 0;
const ENDS = 1;
const LOOK = 2;
const CLASS = new Uint8Array(128);
for (let c = 0; c <= 32; c++) CLASS[c] = ENDS;
for (const each of ';|&<>()') CLASS[each.charCodeAt(0)] = ENDS;
for (const each of '\'"\\$`^?*[{%') CLASS[each.charCodeAt(0)] = LOOK;

/**
 * Reads words as POSIX shells and cmd.exe take them once quotes, escapes and expansions are done (POSIX.1-2024, 2.2 and
 * 2.6): `c'a't`, `c\at`, `wh$@oami`, `w^h^o` are words without disguise. Tolerant: a quote that does not end is one of
 * the command line that the value is set into, and ends the word.
 */
export class WordReader {
  /** The word as the program gets it; what is only known to the shell left out. */
  value = '';
  /** Behind the word. */
  end = 0;
  /** Places in the word where something stands that only serves to hide it. */
  odd = 0;
  /** Something stands in it that the shell puts in. */
  expands = false;
  /** What it puts in is what a command gives. */
  substitutes = false;
  /** It was in quotes as a whole. */
  quoted = false;
  /** It holds `?`, `*` or `[`. */
  glob = false;
  /** `$IFS` ends it: what follows is another word all the same. */
  split = false;
  /** The further words of a brace list. */
  list: readonly string[] | undefined;
  /** Characters looked at, for tests of cost. */
  steps = 0;
  #text = '';
  #variables: Map<string, string> | undefined;

  reset(text: string): void {
    this.#text = text;
    this.#variables = undefined;
  }

  /** Reads the word at a place; nothing where none is. @returns whether one was there */
  read(at: number, limit: number): boolean {
    const text = this.#text;
    const most = Math.min(limit, at + MAX_WORD);
    this.value = '';
    this.odd = 0;
    this.expands = this.substitutes = this.quoted = this.glob = this.split = false;
    this.list = undefined;
    let value = '';
    let i = at;
    let from = at;
    while (i < most) {
      const c = text.charCodeAt(i);
      const kind = c < 128 ? (CLASS[c] as number) : PLAIN;
      if (kind === ENDS) break;
      if (kind === PLAIN) {
        i++;
        continue;
      }
      value += text.slice(from, i);
      const next = this.#special(c, i, limit, at, value);
      if (next < 0) {
        from = i;
        break;
      }
      value += this.#put;
      i = from = next;
      if (this.split) break;
    }
    this.value = value + text.slice(from, i);
    this.end = i;
    this.steps += i - at + 1;
    return i > at;
  }

  /** What the last special character stands for. */
  #put = '';

  /** @returns where the word goes on; -1 where it ends before the character */
  #special(c: number, at: number, limit: number, start: number, before: string): number {
    const text = this.#text;
    this.#put = '';
    const next = text.charCodeAt(at + 1);
    switch (c) {
      case 0x27:
      case 0x22: {
        const close = this.#find(c, at + 1, limit);
        if (close < 0) {
          // Its other half may be the literal's own.
          if (this.odd === 0 || !isLetter(next)) return -1;
          this.odd++;
          return at + 1;
        }
        this.#put = text.slice(at + 1, close);
        if (c === 0x22 && /[$`]/.test(this.#put)) {
          this.expands = true;
          if (/\$\(|`/.test(this.#put)) this.substitutes = true;
        }
        const behind = text.charCodeAt(close + 1);
        if (at > start ? before !== '' || this.#put === '' || isLetter(behind) : isLetter(behind)) this.odd++;
        else if (at === start && !(behind > 0x20)) this.quoted = true;
        return close + 1;
      }
      case 0x5c:
        if (next === 0x0a) return at + 2;
        if (endsLine(text, at)) return -1;
        if (!(next > 0x20)) return at + 1;
        this.#put = text[at + 1] as string;
        // A backslash before a letter is a separator of Windows as well: kept, for arguments.
        if (isLetter(next) || isDigit(next)) {
          if (isLetter(text.charCodeAt(at - 1)) || at === start) this.odd++;
          this.#put = `\\${this.#put}`;
        }
        return at + 2;
      case 0x24:
        return this.#dollar(at, limit, next);
      case 0x60: {
        if (next === 0x60) {
          this.odd++;
          return at + 2;
        }
        const close = this.#find(0x60, at + 1, limit);
        if (close < 0) return -1;
        this.#substitute(text.slice(at + 1, close).trim());
        return close + 1;
      }
      case 0x5e:
        if (!isLetter(next)) this.#put = '^';
        else this.odd++;
        return at + 1;
      case 0x7b:
        return this.#brace(at, limit, start);
      case 0x25:
        return this.#percent(at, limit);
      default:
        this.glob = true;
        this.#put = text[at] as string;
        return at + 1;
    }
  }

  #dollar(at: number, limit: number, next: number): number {
    const text = this.#text;
    if (next === 0x27 || next === 0x22) {
      const close = this.#find(next, at + 2, limit);
      if (close < 0) return -1;
      this.#put = next === 0x27 ? ansi(text.slice(at + 2, close)) : text.slice(at + 2, close);
      if (next === 0x27) this.odd++;
      return close + 1;
    }
    if (next === 0x28) {
      const close = this.#closing(at + 2, limit);
      if (close < 0) return -1;
      this.#substitute(text.slice(at + 2, close).trim());
      return close + 1;
    }
    if (next === 0x7b) {
      const close = this.#find(0x7d, at + 2, limit);
      if (close < 0) return -1;
      this.#variable(text.slice(at + 2, close));
      return close + 1;
    }
    if (isLetter(next) || next === 0x5f) {
      let end = at + 1;
      while (end < limit && end - at < 64 && isName(text.charCodeAt(end))) end++;
      // `$IFSid` is no variable that anybody set; the shells that take it for one put in nothing.
      this.#variable(text.slice(at + 1, end));
      if (this.split && text.charCodeAt(end) === 0x24 && text.charCodeAt(end + 1) <= 0x39) return end + 2;
      return end;
    }
    // `$@`, `$*`, `$1`: nothing, where a command line has no arguments of its own.
    if (
      next === 0x40 ||
      next === 0x2a ||
      next === 0x21 ||
      next === 0x3f ||
      next === 0x2d ||
      (isDigit(next) && next !== 0x30)
    ) {
      this.odd++;
      return at + 2;
    }
    this.#put = '$';
    return at + 1;
  }

  /** What a command in the word's place gives: known where it only repeats, `who$(echo am)i`. */
  #substitute(inner: string): void {
    const said = /^(?:echo|printf)(?:\s{1,8}["']?([\w./-]{0,32})["']?)?$/.exec(inner);
    if (inner === '') this.odd++;
    else if (said !== null) {
      this.odd++;
      this.#put = said[1] ?? '';
    } else this.expands = this.substitutes = true;
  }

  #variable(inner: string): void {
    const name = /^[A-Za-z_]\w{0,63}/.exec(inner)?.[0] ?? '';
    const rest = inner.slice(name.length);
    if (name === 'IFS') {
      this.split = true;
      return;
    }
    if (/^(?:PATH|HOME|PWD|SHELL|OLDPWD)$/.test(name)) {
      if (/^:0:1$|^%%/.test(rest)) this.#put = '/';
      else if (name === 'SHELL' && rest === '') this.#put = '/bin/sh';
      else this.expands = true;
      if (rest !== '') this.odd++;
      return;
    }
    const set = this.#assigned().get(name);
    if (set !== undefined) {
      this.#put = set;
      this.odd++;
      return;
    }
    this.expands = true;
    // Set by nobody: nothing. Only a name that is short is likely to be meant so.
    if (name.length <= 1 || rest !== '') this.odd++;
  }

  /** Words that the value itself gives names to. */
  #assigned(): Map<string, string> {
    if (this.#variables !== undefined) return this.#variables;
    const found = new Map<string, string>();
    this.#variables = found;
    for (const hit of this.#text.matchAll(ASSIGNED)) {
      const [, name = '', ansiText, single, double, bare] = hit;
      found.set(
        name,
        ansiText !== undefined ? ansi(ansiText) : (single ?? double ?? bare ?? '').replace(/\\(.)/g, '$1'),
      );
      if (found.size >= MAX_VARIABLES) break;
    }
    return found;
  }

  /** `{cat,/etc/passwd}`: words, the first of which is this one. */
  #brace(at: number, limit: number, start: number): number {
    const text = this.#text;
    const close = at === start ? this.#find(0x7d, at + 1, limit) : -1;
    const inner = close < 0 ? '' : text.slice(at + 1, close);
    if (!inner.includes(',') || /\s/.test(inner)) {
      this.#put = '{';
      return at + 1;
    }
    const [first = '', ...rest] = inner.replace(/["'\\]/g, '').split(',');
    this.#put = first;
    this.list = rest;
    this.odd++;
    return close + 1;
  }

  /** `%COMSPEC%`, `%ProgramFiles:~10,1%`: cmd.exe puts in a piece of text. */
  #percent(at: number, limit: number): number {
    const hit = PERCENT_VARIABLE.exec(this.#text.slice(at, Math.min(limit, at + 64)));
    if (hit === null) {
      this.#put = '%';
      return at + 1;
    }
    if (/^comspec$/i.test(hit[1] as string) && hit[2] === undefined) this.#put = 'cmd.exe';
    else if (/^(?:systemroot|windir|systemdrive)$/i.test(hit[1] as string)) this.#put = 'C:\\windows';
    else {
      this.expands = true;
      // A piece of it is a blank, as a rule.
      if (hit[2] !== undefined) {
        this.odd++;
        this.split = true;
      }
    }
    return at + hit[0].length;
  }

  #find(c: number, from: number, limit: number): number {
    const most = Math.min(limit, from + MAX_NESTED);
    for (let i = from; i < most; i++) {
      const d = this.#text.charCodeAt(i);
      if (d === c) {
        this.steps += i - from;
        return i;
      }
      if (d === 0x5c && c !== 0x27) i++;
    }
    this.steps += most - from;
    return -1;
  }

  /** The parenthesis that closes a substitution. */
  #closing(from: number, limit: number): number {
    const most = Math.min(limit, from + MAX_NESTED);
    let depth = 1;
    for (let i = from; i < most; i++) {
      const d = this.#text.charCodeAt(i);
      if (d === 0x28) depth++;
      else if (d === 0x29 && --depth === 0) {
        this.steps += i - from;
        return i;
      }
    }
    this.steps += most - from;
    return -1;
  }
}

/** `\\n` or `\\r` in two characters, and no name or path goes on behind it: what writes the value makes a line end of it. */
export const endsLine = (text: string, at: number): boolean => {
  const next = text.charCodeAt(at + 1);
  if (text.charCodeAt(at) !== 0x5c || (next !== 0x6e && next !== 0x72)) return false;
  const behind = text.charCodeAt(at + 2);
  return (
    !(behind > 0x20) || behind === 0x5c || behind === 0x2f || behind === 0x27 || behind === 0x22 || isSeparator(behind)
  );
};
const isSeparator = (c: number): boolean => c === 0x3b || c === 0x7c || c === 0x26 || c === 0x60;

const ASSIGNED =
  /(?:^|[;&|\s`('"])([A-Za-z_]\w{0,15})=(?:\$'([^']{0,96})'|'([^']{0,96})'|\$?"([^"]{0,96})"|((?:[\w./-]|\\.){0,64}))(?=[;&|\s])/g;
const PERCENT_VARIABLE = /^%([A-Za-z]\w{2,30}(?:\([a-z0-9]{1,4}\))?)(:[^%\s]{1,20})?%/i;

/** `$'\x63\141t'`: escapes of ANSI C. */
const ansi = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex, octal, four, other) =>
    other !== undefined
      ? other === 'n'
        ? '\n'
        : other === 't'
          ? '\t'
          : other
      : String.fromCharCode(Number.parseInt(hex ?? octal ?? four, octal === undefined ? 16 : 8)),
  );

export const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isName = (c: number): boolean => isLetter(c) || isDigit(c) || c === 0x5f;
