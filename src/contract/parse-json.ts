import { LIMITS, type Parsed, type SyntaxProblem } from './parse.ts';
import { emptyObject, setOwn } from './references.ts';
import { inKeyOrder, SourceMap } from './source-map.ts';

/** Thrown inside the parser only. */
class Stop {
  readonly problem: SyntaxProblem;
  constructor(offset: number, message: string, mend: string, rule = 'syntax') {
    this.problem = { rule, message, mend, offset };
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * JSON (RFC 8259) with places: duplicate names are errors (RFC 8259 leaves their meaning open, and two readers of one
 * contract must not differ), depth and number of values are bounded.
 */
export function parseJson(text: string): Parsed {
  const map = new SourceMap(text);
  const problems: SyntaxProblem[] = [];
  let value: unknown;
  try {
    value = new Reader(text, map, problems).document();
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    problems.push(stop.problem);
  }
  return { value, map, problems };
}

class Reader {
  readonly #text: string;
  readonly #map: SourceMap;
  readonly #problems: SyntaxProblem[];
  #at = 0;
  #depth = 0;
  #values = 0;
  /** One string for one text: contracts repeat theirs thousands of times. */
  readonly #strings = new Map<string, string>();

  constructor(text: string, map: SourceMap, problems: SyntaxProblem[]) {
    this.#text = text;
    this.#map = map;
    this.#problems = problems;
  }

  document(): unknown {
    this.#space();
    if (this.#at === this.#text.length) throw new Stop(0, 'the document is empty', 'write a contract into it');
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the document');
    return value;
  }

  #value(): unknown {
    if (++this.#values > LIMITS.values) {
      throw new Stop(this.#at, `more than ${LIMITS.values.toLocaleString('en')} values`, 'split the document', 'limit');
    }
    const code = this.#text.charCodeAt(this.#at);
    if (code === 0x7b) return this.#object();
    if (code === 0x5b) return this.#array();
    if (code === 0x22) return this.#string();
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number();
    for (const [word, meaning] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return meaning;
      }
    }
    throw this.#unexpected('a value');
  }

  #object(): unknown {
    const object = emptyObject();
    const keys: string[] = [];
    const offsets: number[] = [];
    this.#enter();
    if (!this.#skip(0x7d)) {
      do {
        this.#space();
        const offset = this.#at;
        if (this.#text.charCodeAt(offset) !== 0x22) throw this.#unexpected('a name in quotes');
        const key = this.#string();
        this.#space();
        if (!this.#skip(0x3a)) throw this.#unexpected("':'");
        this.#space();
        const value = this.#value();
        if (key in object) this.#duplicate(key, offset);
        else {
          setOwn(object, key, value);
          keys.push(key);
          offsets.push(offset);
        }
        this.#space();
      } while (this.#skip(0x2c));
      if (!this.#skip(0x7d)) throw this.#unexpected("',' or '}'");
    }
    this.#depth--;
    this.#map.add(object, inKeyOrder(object, keys, offsets));
    return object;
  }

  #array(): unknown {
    const array: unknown[] = [];
    const offsets: number[] = [];
    this.#enter();
    if (!this.#skip(0x5d)) {
      do {
        this.#space();
        offsets.push(this.#at);
        array.push(this.#value());
        this.#space();
      } while (this.#skip(0x2c));
      if (!this.#skip(0x5d)) throw this.#unexpected("',' or ']'");
    }
    this.#depth--;
    this.#map.add(array, offsets);
    return array;
  }

  #enter(): void {
    if (++this.#depth > LIMITS.depth) {
      throw new Stop(this.#at, `nested deeper than ${LIMITS.depth} levels`, 'flatten the document, use $ref', 'limit');
    }
    this.#at++;
    this.#space();
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let end = text.indexOf('"', start + 1);
    while (end > 0 && escaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) throw new Stop(start, 'a string without an end', 'close it with a quote');
    this.#at = end + 1;
    const raw = text.slice(start, end + 1);
    const known = this.#strings.get(raw);
    if (known !== undefined) return known;
    try {
      // The runtime's own parser for one string: escapes and control characters exactly as RFC 8259 has them.
      const made = JSON.parse(raw) as string;
      if (raw.length < 64) this.#strings.set(raw, made);
      return made;
    } catch {
      throw new Stop(start, 'a string with a control character or an unknown escape', 'escape it as \\n or \\u000a');
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (!found) throw this.#unexpected('a number');
    const value = Number(found[0]);
    if (!Number.isFinite(value)) throw new Stop(this.#at, 'a number too large', 'write one below 1.8e308');
    this.#at += found[0].length;
    return value;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #skip(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #duplicate(key: string, offset: number): void {
    this.#problems.push({
      rule: 'duplicate-key',
      message: `the name '${key.slice(0, 100)}' stands twice in one object`,
      mend: 'keep one of the two',
      offset,
    });
    if (this.#problems.length >= LIMITS.problems) throw new Stop(offset, 'too many problems', 'mend these first');
  }

  #unexpected(wanted: string): Stop {
    const found = this.#at < this.#text.length ? `'${this.#text.slice(this.#at, this.#at + 1)}'` : 'the end';
    return new Stop(this.#at, `expected ${wanted}, found ${found}`, 'mend the JSON here');
  }
}

const WORDS: readonly [string, unknown][] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

function escaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}
