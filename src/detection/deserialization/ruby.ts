/** Values read before a stream counts as what it is so far, and values within values. */
const MAX_VALUES = 4096;
const MAX_DEPTH = 64;

/** What loading a stream of Ruby's Marshal would do: nothing it is, plain data, objects of classes it names. */
export const NO_MARSHAL = 0;
export const DATA = 1;
export const OBJECTS = 2;

/** Reads Ruby's Marshal 4.8, type by type, without making anything. `bytes` has a character for each byte. */
class Reader {
  readonly #bytes: string;
  #at = 2;
  #left = MAX_VALUES;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  read(): number {
    return this.#value(0);
  }

  #value(depth: number): number {
    if (depth > MAX_DEPTH || --this.#left < 0 || this.#at >= this.#bytes.length) return NO_MARSHAL;
    const type = this.#bytes[this.#at++] as string;
    switch (type) {
      case '0':
      case 'T':
      case 'F':
        return DATA;
      case 'i':
      case ';':
      case '@':
        this.#number();
        return DATA;
      case '"':
      case ':':
      case 'f':
        return this.#skip(this.#number());
      case '/': {
        const read = this.#skip(this.#number());
        this.#at++;
        return read;
      }
      case 'l':
        this.#at++;
        return this.#skip(this.#number() * 2);
      case 'I': {
        const value = this.#value(depth + 1);
        return value === DATA ? this.#many(this.#number() * 2, depth) : value;
      }
      case '[':
        return this.#many(this.#number(), depth);
      case '{':
        return this.#many(this.#number() * 2, depth);
      case '}':
        return this.#many(this.#number() * 2 + 1, depth);
      // An object, one that loads itself, a struct, a class, a module, an extended one: a symbol or a name follows.
      case 'o':
      case 'u':
      case 'U':
      case 'S':
      case 'e':
      case 'C':
        return /[:;]/.test(this.#bytes[this.#at] ?? '') ? OBJECTS : NO_MARSHAL;
      case 'c':
      case 'm':
      case 'M':
        return this.#skip(this.#number()) === DATA ? OBJECTS : NO_MARSHAL;
      default:
        return NO_MARSHAL;
    }
  }

  #many(count: number, depth: number): number {
    if (count < 0) return NO_MARSHAL;
    for (let i = 0; i < count; i++) {
      const read = this.#value(depth + 1);
      if (read !== DATA) return read;
    }
    return DATA;
  }

  #skip(length: number): number {
    if (length < 0) return NO_MARSHAL;
    this.#at += length;
    return this.#at <= this.#bytes.length ? DATA : NO_MARSHAL;
  }

  /** A packed integer: one byte, or a count of bytes before them. */
  #number(): number {
    const c = this.#bytes.charCodeAt(this.#at++);
    if (Number.isNaN(c) || c === 0) return 0;
    if (c > 4 && c < 128) return c - 5;
    if (c >= 128) return -1;
    let value = 0;
    for (let i = 0; i < c; i++) value += (this.#bytes.charCodeAt(this.#at++) & 0xff) * 256 ** i;
    return Number.isNaN(value) ? -1 : value;
  }
}

/** What a stream that begins with Marshal's version (4, 8) holds. */
export const readMarshal = (bytes: string): number =>
  bytes.charCodeAt(0) === 4 && bytes.charCodeAt(1) === 8 ? new Reader(bytes).read() : NO_MARSHAL;
