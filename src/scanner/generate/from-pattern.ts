import type { Ast } from '../../shared/regex/ast.ts';
import { type CharSet, has } from '../../shared/regex/char-set.ts';
import { parsePattern } from '../../shared/regex/parse.ts';
import { between, oneOf } from './random.ts';

/** Longest text made from a pattern, in code units; what would be longer is given up. */
const MAX_LENGTH = 20_000;
/** Parts of a pattern gone through for one text. */
const MAX_STEPS = 100_000;
/** Parsed patterns kept. */
const MAX_KEPT = 2_000;

const parsed = new Map<string, Ast | undefined>();

function astOf(source: string): Ast | undefined {
  if (parsed.has(source)) return parsed.get(source);
  let ast: Ast | undefined;
  try {
    ({ ast } = parsePattern(source));
  } catch {
    ast = undefined;
  }
  if (parsed.size >= MAX_KEPT) parsed.clear();
  parsed.set(source, ast);
  return ast;
}

/**
 * A text that an ECMAScript pattern (flag `u`) likely matches: look-around and word bounds are not obeyed, so the
 * caller tests it, and asks again.
 * @param stretch how many more turns than needed a repetition may take
 * @returns undefined where the pattern cannot be read, or the text would be too long
 */
export function fromPattern(source: string, random: () => number, stretch: number): string | undefined {
  const ast = astOf(source);
  if (ast === undefined) return undefined;
  const writer = new Writer(random, stretch);
  try {
    writer.write(ast);
  } catch (error) {
    if (error instanceof GivenUp) return undefined;
    throw error;
  }
  return writer.text;
}

class GivenUp extends Error {}

class Writer {
  text = '';
  readonly #random: () => number;
  readonly #stretch: number;
  readonly #groups = new Map<number, string>();
  #steps = 0;

  constructor(random: () => number, stretch: number) {
    this.#random = random;
    this.#stretch = stretch;
  }

  write(ast: Ast): void {
    if (++this.#steps > MAX_STEPS) throw new GivenUp();
    switch (ast.kind) {
      case 'set':
        this.#char(ast.set);
        return;
      case 'seq':
        for (const part of ast.parts) this.write(part);
        return;
      case 'alt':
        this.write(oneOf(this.#random, ast.parts));
        return;
      case 'repeat':
        this.#repeat(ast);
        return;
      case 'group': {
        const from = this.text.length;
        this.write(ast.body);
        this.#groups.set(ast.index, this.text.slice(from));
        return;
      }
      case 'back':
        this.#add(this.#groups.get(ast.index) ?? '');
    }
  }

  #repeat({ body, min, max }: Extract<Ast, { kind: 'repeat' }>): void {
    const most = Math.min(max, min + this.#stretch);
    const times = this.#stretch > 3 ? most : between(this.#random, min, most);
    for (let i = 0; i < times; i++) {
      const before = this.text.length;
      this.write(body);
      // A body that may be empty would go round for nothing.
      if (this.text.length === before && i >= min) return;
    }
  }

  #char(set: CharSet): void {
    const chars = charsOf(set);
    if (chars.length === 0) throw new GivenUp();
    this.#add(oneOf(this.#random, chars));
  }

  #add(text: string): void {
    this.text += text;
    if (this.text.length > MAX_LENGTH) throw new GivenUp();
  }
}

const FRIENDLY = [...'abcdefghijklmnopqrstuvwxyz', ...'0123456789', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(i + 0x20));
/** Characters tried where none of ASCII is in the set. */
const MAX_SAMPLED = 20_000;

const chosen = new WeakMap<CharSet, readonly string[]>();

/** Characters of a set that every API can take, as far as there are: letters and digits, then ASCII, then any. */
function charsOf(set: CharSet): readonly string[] {
  let chars = chosen.get(set);
  if (chars === undefined) chosen.set(set, (chars = choose(set)));
  return chars;
}

function choose(set: CharSet): readonly string[] {
  for (const from of [FRIENDLY, PRINTABLE]) {
    const found = from.filter((char) => has(set, char.codePointAt(0) as number));
    if (found.length > 0) return found;
  }
  const found: string[] = [];
  const consider = (point: number): void => {
    if ((point < 0xd800 || point > 0xdfff) && has(set, point)) found.push(String.fromCodePoint(point));
  };
  if (!set.negated) {
    for (const [low, high] of set.ranges)
      for (let point = low; point <= Math.min(high, low + 16) && found.length < 64; point++) consider(point);
  }
  for (let point = 0xa0; point < MAX_SAMPLED && found.length < 16; point++) consider(point);
  for (let point = 0; point < 0x20 && found.length === 0; point++) consider(point);
  return found;
}
