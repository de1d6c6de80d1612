import { Malformed, token } from '../fault.ts';
import { exactNumber } from '../numbers.ts';
import type { JsonLimits } from './json.ts';

/**
 * JSON by hand (RFC 8259): slower than the engine's own, but it knows where it is, so that a fault has a pointer. It is
 * asked when the fast reader has a doubt, and its answer is final.
 * @returns the value, or Malformed.
 */
export function readCarefully(text: string, limits: JsonLimits): unknown {
  const reader = new CarefulReader(text, limits);
  const value = reader.document();
  return reader.fault ?? value;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** A run of characters that stand for themselves in a string. */
const PLAIN = /[^"\\\x00-\x1f]*/y;
const HEX = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
});

class CarefulReader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #values = 0;
  fault: Malformed | undefined = undefined;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): unknown {
    this.#space();
    const value = this.#value();
    if (this.fault !== undefined) return undefined;
    this.#space();
    return this.#at < this.#text.length ? this.#fail('something follows the JSON value') : value;
  }

  #fail(detail: string): undefined {
    if (this.fault === undefined) this.fault = new Malformed(this.#path.map(token).join(''), detail);
    return undefined;
  }

  #space(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
      this.#at++;
    }
  }

  #value(): unknown {
    if (++this.#values > this.#limits.values) return this.#fail(`more than ${this.#limits.values} values`);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case undefined:
        return this.#fail('the JSON text ends too early');
      default:
        return this.#number();
    }
  }

  #word(word: string, value: unknown): unknown {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail('not a JSON value');
    this.#at += word.length;
    return value;
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) return this.#fail('not a JSON value');
    this.#at += match[0].length;
    return exactNumber(match[0]) ?? this.#fail('the number cannot be held without loss (beyond 2^53, or out of range)');
  }

  #string(): string | undefined {
    let value = '';
    this.#at++;
    for (;;) {
      PLAIN.lastIndex = this.#at;
      const run = PLAIN.exec(this.#text)?.[0] ?? '';
      value += run;
      this.#at += run.length;
      const c = this.#text[this.#at++];
      if (c === '"') break;
      if (c === undefined) return this.#fail('a string does not end');
      if (c !== '\\') return this.#fail('a control character stands in a string unescaped');
      const letter = this.#text[this.#at++] ?? '';
      if (letter === 'u') {
        HEX.lastIndex = this.#at;
        const digits = HEX.exec(this.#text)?.[0];
        if (digits === undefined) return this.#fail('a \\u escape needs four hexadecimal digits');
        this.#at += 4;
        value += String.fromCharCode(Number.parseInt(digits, 16));
      } else {
        const plain = ESCAPES[letter];
        if (plain === undefined) return this.#fail('an escape that JSON does not know');
        value += plain;
      }
    }
    return value.isWellFormed() ? value : this.#fail('a string holds half of a surrogate pair');
  }

  #array(): unknown {
    const array: unknown[] = [];
    if (this.#path.length >= this.#limits.depth) return this.#fail(`nested more than ${this.#limits.depth} deep`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return array;
    }
    for (;;) {
      this.#path.push(array.length);
      this.#space();
      array.push(this.#value());
      if (this.fault !== undefined) return undefined;
      this.#path.pop();
      this.#space();
      const c = this.#text[this.#at++];
      if (c === ']') return array;
      if (c !== ',') return this.#fail('expected a comma or the end of the array');
    }
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    const seen = new Set<string>();
    if (this.#path.length >= this.#limits.depth) return this.#fail(`nested more than ${this.#limits.depth} deep`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') return this.#fail('expected a key in double quotes');
      const key = this.#string();
      if (key === undefined) return undefined;
      this.#path.push(key);
      if (seen.has(key)) return this.#fail('the key stands twice');
      seen.add(key);
      this.#space();
      if (this.#text[this.#at++] !== ':') return this.#fail('expected a colon after the key');
      this.#space();
      const value = this.#value();
      if (this.fault !== undefined) return undefined;
      // Defined, not assigned: `__proto__` is a key like any other, and stays an own one.
      if (key === '__proto__')
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      else object[key] = value;
      this.#path.pop();
      this.#space();
      const c = this.#text[this.#at++];
      if (c === '}') return object;
      if (c !== ',') return this.#fail('expected a comma or the end of the object');
    }
  }
}
