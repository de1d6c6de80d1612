import { PLAUSIBLE, programOf } from './programs.ts';

/** What stands before a separator: nothing but marks, one token, a few words, prose. */
export const EMPTY = 0;
export const TOKEN = 1;
export const SHORT = 2;
export const PROSE = 3;
export type Before = 0 | 1 | 2 | 3;

/** Words up to which a value is a short one. */
const SHORT_WORDS = 8;
/** Characters that may stand before a separator and still be nothing but marks. */
const MAX_MARKS = 16;
/** Lines and cells that are counted. */
const MAX_LINES = 8;
const MAX_CELLS = 32;
const MAX_LIST = 512;
const MAX_TOKEN = 64;

const MARKS = /^[\s'"`()\]};|&\\$%*.,+#!<>:^~@-]{0,16}(?:\\[nr])?[\s'"`)\]};|&\\$]{0,16}$/;
/** Names that stand for any: nobody has such a field or file. */
const PLACEHOLDER =
  /^(?:test|foo|bar|baz|asdf\w{0,8}|qwerty|abc|xyz|xxx|aaa+|null|none|anything|value|something|dummy|hello|localhost)\d{0,4}$/i;

/** The text around the places where commands could begin; asked lazily, and once for a text. */
export class Surroundings {
  #text = '';
  /** Where words begin, up to one more than is counted; the end of the text where there are no more. */
  readonly #words = new Int32Array(SHORT_WORDS + 2);
  #known = false;
  #lines = -1;

  reset(text: string): void {
    this.#text = text;
    this.#known = false;
    this.#lines = -1;
  }

  before(at: number): Before {
    if (at <= MAX_MARKS && MARKS.test(this.#text.slice(0, at))) return EMPTY;
    if (!this.#known) this.#find();
    const words = this.#words;
    if (at <= (words[1] as number)) return TOKEN;
    return at <= (words[SHORT_WORDS] as number) ? SHORT : PROSE;
  }

  /** Few words: at most three. */
  isFew(at: number): boolean {
    if (!this.#known) this.#find();
    return at <= (this.#words[3] as number);
  }

  #find(): void {
    const text = this.#text;
    this.#known = true;
    let count = 0;
    let inside = false;
    for (let i = 0; i < text.length && count < this.#words.length; i++) {
      const c = text.charCodeAt(i);
      if (c <= 0x20 || c === 0xa0) inside = false;
      else if (!inside && isWord(c)) {
        inside = true;
        this.#words[count++] = i;
      }
    }
    this.#words.fill(text.length + 1, count);
  }

  /** Lines of the text, up to a few. */
  lines(): number {
    if (this.#lines >= 0) return this.#lines;
    let count = 1;
    let at = this.#text.indexOf('\n');
    while (at >= 0 && at < this.#text.length - 1 && count < MAX_LINES) {
      count++;
      at = this.#text.indexOf('\n', at + 1);
    }
    this.#lines = count;
    return count;
  }

  /** The token before a separator is an address, a number, a path or a placeholder, not the name of a column. */
  isSubject(at: number): boolean {
    const token = this.#text.slice(Math.max(0, at - MAX_TOKEN), at).trim();
    const first = /[;|&]/.test(token) ? (token.split(/[;|&]+/, 2)[0] as string) : token;
    if (first.length < 2 || !/^[A-Za-z_][\w-]*$/.test(first) || PLACEHOLDER.test(first)) return true;
    // A command itself: `ls;id`
    return (programOf(first)?.bare ?? 0) >= PLAUSIBLE && first !== 'id';
  }

  /**
   * Names with a separator between them, and nothing else: columns, tags, a row of a table.
   * @returns how many of them are no programs; 0 where the text is no list
   */
  listed(separator: string): number {
    const text = this.#text;
    if (text.length > MAX_LIST) return MAX_CELLS;
    let named = 0;
    let others = 0;
    for (const cell of text.split(separator, MAX_CELLS)) {
      const plain = cell.trim();
      if (plain === '') continue;
      if (!/^[\p{L}\d_:-][\p{L}\d_ .:-]*$/u.test(plain)) return 0;
      named++;
      if (programOf(plain) === undefined) others++;
    }
    return named > 1 ? Math.max(1, others) : 0;
  }

  /**
   * A row of a table: three bars or more.
   * @param single a row of one cell is one as well
   */
  isTable(single: boolean): boolean {
    if (!/^\s{0,8}\|/.test(this.#text)) return false;
    const cells = this.#text.split('|', MAX_CELLS);
    if (cells.length === 3) return single && /^\s{0,8}\|\s/.test(this.#text) && /\s\|\s{0,8}$/.test(this.#text);
    return cells.length > 3 && /\|\s/.test(this.#text);
  }

  /** Behind a place words of prose follow. */
  isFollowed(at: number): boolean {
    return /^\S{0,8}\s+(?:[\p{L}'’]{1,20}[,.]?\s+){3}/u.test(this.#text.slice(at, at + 96));
  }
}

const isWord = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) ||
  ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) ||
  c === 0x2f ||
  c === 0x2e ||
  c >= 0x80 ||
  c === 0x5f;
