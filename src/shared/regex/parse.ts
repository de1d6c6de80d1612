import { type Ast, alt, EMPTY, seq } from './ast.ts';
import { ANY, type CharSet, charSet, complement, DIGIT, LINE_ENDS, SPACE, WORD } from './char-set.ts';

/** A pattern that cannot be read: what is wrong, and at which character. */
export class PatternError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'PatternError';
    this.at = at;
  }
}

export interface Parsed {
  readonly ast: Ast;
  readonly groups: number;
}

/** Characters of a pattern, nesting, and a count in braces, at most. */
const MAX_SOURCE = 20_000;
const MAX_NESTING = 200;
const MAX_COUNT = 100_000;

/** Names of POSIX and Java classes that contracts use and ECMAScript does not know. */
const POSIX: ReadonlyMap<string, readonly (readonly [number, number])[]> = new Map<string, [number, number][]>([
  [
    'XDigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
  [
    'Alnum',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'Punct',
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
]);

const CONTROL: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);

interface ClassPart {
  readonly ranges: readonly (readonly [number, number])[];
  readonly names: readonly string[];
  /** The code point where the part is a single one and may begin or end a range. */
  readonly single: number | undefined;
}

/**
 * Reads a pattern by ECMA-262 (22.2.1, flag `u`). Lenient only where nothing else can be meant, as contracts are
 * written for other engines too: punctuation escaped without need, `-` beside a class escape, lone `]`, `{`, `}`,
 * a repeated look ahead.
 * @throws PatternError
 */
export function parsePattern(source: string): Parsed {
  if (source.length > MAX_SOURCE) throw new PatternError(`longer than ${MAX_SOURCE} characters`, 0);
  return new Parser(source).whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #groups = 0;
  #depth = 0;
  readonly #names = new Map<string, number>();
  readonly #waiting: { node: { kind: 'back'; index: number }; name: string | undefined; at: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Parsed {
    const ast = this.#choice();
    if (this.#at < this.#text.length) this.#fail('a ) closes nothing');
    for (const { node, name, at } of this.#waiting) {
      if (name !== undefined) node.index = this.#names.get(name) ?? 0;
      if (node.index < 1 || node.index > this.#groups)
        throw new PatternError('refers to a group that is not there', at);
    }
    return { ast, groups: this.#groups };
  }

  #fail(message: string): never {
    throw new PatternError(message, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at += found[0].length;
    return found;
  }

  #point(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) this.#fail('ends too early');
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #choice(): Ast {
    if (++this.#depth > MAX_NESTING) this.#fail(`nested deeper than ${MAX_NESTING}`);
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    this.#depth--;
    return alt(parts);
  }

  #sequence(): Ast {
    const parts: Ast[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')')
      parts.push(this.#term());
    return seq(parts);
  }

  #term(): Ast {
    const begin = this.#at;
    const atom = this.#atom();
    const count = this.#match(/[*+?]|\{(\d+)(?:(,)(\d*))?\}/y);
    if (!count) return atom;
    // A look ahead may be repeated by annex B; it says the same again.
    const ahead = atom.kind === 'look' && !atom.behind;
    if (atom.kind === 'start' || atom.kind === 'end' || atom.kind === 'word' || (atom.kind === 'look' && !ahead))
      throw new PatternError('repeats what takes no character', begin);
    const [text, low, comma, high] = count;
    const min = low === undefined ? (text === '+' ? 1 : 0) : Number(low);
    const max =
      low === undefined
        ? text === '?'
          ? 1
          : Infinity
        : comma === undefined
          ? min
          : high === ''
            ? Infinity
            : Number(high);
    if (min > max) this.#fail('counts from high to low');
    if (min > MAX_COUNT || (max !== Infinity && max > MAX_COUNT)) this.#fail(`counts higher than ${MAX_COUNT}`);
    const lazy = this.#take('?');
    if (this.#match(/[*+?]/y)) this.#fail('repeats a repetition');
    if (ahead) return min === 0 ? EMPTY : atom;
    return atom.kind === 'empty' ? EMPTY : { kind: 'repeat', body: atom, min, max, lazy };
  }

  #atom(): Ast {
    const char = this.#text[this.#at]!;
    switch (char) {
      case '^':
        this.#at++;
        return { kind: 'start' };
      case '$':
        this.#at++;
        return { kind: 'end' };
      case '.':
        this.#at++;
        return { kind: 'set', set: charSet(complement(LINE_ENDS)) };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: this.#class() };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        return this.#fail('repeats nothing');
      case '{':
        if (/^\{\d+(,\d*)?\}/.test(this.#text.slice(this.#at, this.#at + 20))) this.#fail('repeats nothing');
    }
    return single(this.#point());
  }

  #group(): Ast {
    const begin = this.#at;
    this.#at++;
    let make: (body: Ast) => Ast;
    const look = this.#match(/\?(<?)([=!])/y);
    if (look) make = (body) => ({ kind: 'look', behind: look[1] === '<', negated: look[2] === '!', body });
    else if (this.#take('?:')) make = (body) => body;
    else {
      const named = this.#match(/\?<([\p{ID_Start}$_][\p{ID_Continue}$]*)>/uy);
      if (!named && this.#text[this.#at] === '?')
        this.#fail('(? with something other than : = ! <= <! or <name> is not ECMAScript');
      const index = ++this.#groups;
      if (named) {
        if (this.#names.has(named[1]!)) this.#fail('two groups have one name');
        this.#names.set(named[1]!, index);
      }
      make = (body) => ({ kind: 'group', index, body });
    }
    const body = this.#choice();
    if (!this.#take(')')) throw new PatternError('a ( is not closed', begin);
    return make(body);
  }

  #escape(): Ast {
    const begin = this.#at;
    if (this.#take('\\b')) return { kind: 'word', negated: false };
    if (this.#take('\\B')) return { kind: 'word', negated: true };
    const numbered = this.#match(/\\([1-9]\d{0,3})/y);
    const named = numbered ? null : this.#match(/\\k<([^>]{1,100})>/y);
    if (numbered || named) {
      const node = { kind: 'back' as const, index: numbered ? Number(numbered[1]) : 0 };
      this.#waiting.push({ node, name: named?.[1], at: begin });
      return node;
    }
    return { kind: 'set', set: fromParts([this.#classEscape()], false) };
  }

  /** An escape that may stand in and out of a class. */
  #classEscape(): ClassPart {
    const begin = this.#at;
    this.#at++;
    const property = this.#match(/([pP])\{([\w=]{1,60})\}/y);
    if (property) return this.#property(property[1] === 'P', property[2]!, begin);
    const unicode = this.#match(/u\{([0-9A-Fa-f]{1,6})\}/y);
    if (unicode) {
      const code = Number.parseInt(unicode[1]!, 16);
      if (code > 0x10ffff) this.#fail('no such character');
      return one(code);
    }
    const pair = this.#match(/u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y);
    if (pair)
      return one(String.fromCharCode(Number.parseInt(pair[1]!, 16), Number.parseInt(pair[2]!, 16)).codePointAt(0)!);
    const hex = this.#match(/u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})/y);
    if (hex) return one(Number.parseInt(hex[1] ?? hex[2]!, 16));
    const control = this.#match(/c([A-Za-z])/y);
    if (control) return one(control[1]!.charCodeAt(0) % 32);
    if (this.#match(/0(?!\d)/y)) return one(0);
    const letter = this.#text[this.#at];
    if (letter === undefined) this.#fail('ends with a backslash');
    const code = CONTROL.get(letter);
    const kind = letter.toLowerCase();
    const ranges = kind === 'd' ? DIGIT : kind === 'w' ? WORD : kind === 's' ? SPACE : undefined;
    if (code !== undefined || ranges) {
      this.#at++;
      if (code !== undefined) return one(code);
      return { ranges: letter === kind ? ranges! : complement(ranges!), names: [], single: undefined };
    }
    if (/[A-Za-z0-9]/.test(letter)) throw new PatternError(`\\${letter} is not ECMAScript`, begin);
    return one(this.#point());
  }

  #property(negated: boolean, name: string, begin: number): ClassPart {
    const posix = POSIX.get(name);
    if (posix) return { ranges: negated ? complement(posix) : posix, names: [], single: undefined };
    const text = `\\${negated ? 'P' : 'p'}{${name}}`;
    try {
      charSet([], [text]);
    } catch {
      throw new PatternError(`ECMAScript knows no property ${name}`, begin);
    }
    return { ranges: [], names: [text], single: undefined };
  }

  #class(): CharSet {
    const begin = this.#at;
    this.#at++;
    const negated = this.#take('^');
    const parts: ClassPart[] = [];
    while (!this.#take(']')) {
      if (this.#at >= this.#text.length) throw new PatternError('a [ is not closed', begin);
      const low = this.#classAtom();
      if (this.#text[this.#at] !== '-' || this.#text[this.#at + 1] === ']') {
        parts.push(low);
        continue;
      }
      this.#at++;
      if (this.#at >= this.#text.length) throw new PatternError('a [ is not closed', begin);
      const high = this.#classAtom();
      if (low.single === undefined || high.single === undefined) parts.push(low, one(0x2d), high);
      else if (low.single > high.single) this.#fail('a range from high to low');
      else parts.push({ ranges: [[low.single, high.single]], names: [], single: undefined });
    }
    return fromParts(parts, negated);
  }

  #classAtom(): ClassPart {
    if (this.#text[this.#at] !== '\\') return one(this.#point());
    if (this.#take('\\b')) return one(8);
    return this.#classEscape();
  }
}

const one = (code: number): ClassPart => ({ ranges: [[code, code]], names: [], single: code });
const single = (code: number): Ast => ({ kind: 'set', set: charSet([[code, code]]) });

function fromParts(parts: readonly ClassPart[], negated: boolean): CharSet {
  const ranges = parts.flatMap((part) => part.ranges);
  const names = parts.flatMap((part) => part.names);
  if (names.length > 0) return charSet(ranges, names, negated);
  const set = charSet(negated ? complement(ranges) : ranges);
  return set.ranges.length === 1 && set.ranges[0]![0] === 0 && set.ranges[0]![1] === 0x10ffff ? ANY : set;
}
