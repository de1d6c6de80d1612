/** Characters of a JSON text inside a string that are taken apart, values in it, and containers within containers. */
const MAX_LENGTH = 256 * 1024;
const MAX_TEXTS = 10_000;
const MAX_DEPTH = 64;

/** A string of a JSON text, or the name of a member. */
export interface JsonText {
  readonly text: string;
  readonly key: boolean;
  /** Of a name: the name of the member it is in. */
  readonly within: string;
}

/** What was taken out of a JSON text. */
export interface JsonTexts {
  readonly texts: readonly JsonText[];
  /** Every string of the text is among them, or is one that is: nothing is left that only the text as a whole shows. */
  readonly complete: boolean;
}

/** The strings and names of a JSON text that stands in a string, each once; undefined where it is none. */
export function jsonTexts(text: string): JsonTexts | undefined {
  if (text.length > MAX_LENGTH || !isBracketed(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const gatherer = new Gatherer();
  gatherer.take(value, 0, '');
  // Of two members with one name the parser keeps the last.
  return { texts: gatherer.texts, complete: gatherer.complete && gatherer.strings === stringsIn(text) };
}

/** An object or an array from the first to the last sign: most of what is none is told without parsing it. */
function isBracketed(text: string): boolean {
  let from = 0;
  while (text.charCodeAt(from) <= 0x20) from++;
  const open = text.charCodeAt(from);
  if (open !== 0x7b && open !== 0x5b) return false;
  let to = text.length - 1;
  while (text.charCodeAt(to) <= 0x20) to--;
  if (text.charCodeAt(to) !== open + 2) return false;
  // What a failing parser costs, errors with a stack and all, is a hundred times this look at its first token.
  do from++;
  while (text.charCodeAt(from) <= 0x20);
  return (open === 0x7b ? MEMBER : ITEM).includes(text.charAt(from));
}

/** First characters behind an opening brace and an opening bracket. */
const MEMBER = '"}';
const ITEM = '"{[]-0123456789tfn';

/** How many strings stand in a text that is JSON. */
function stringsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    count++;
    do {
      at = text.indexOf('"', at + 1);
    } while (isEscaped(text, at));
  }
  return count;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === 0x5c) at--;
  return ((quote - at) & 1) === 1;
}

class Gatherer {
  readonly texts: JsonText[] = [];
  /** Strings and names there are, however often. */
  strings = 0;
  complete = true;
  readonly #values = new Set<string>();
  readonly #names = new Map<string, Set<string>>();

  take(value: unknown, depth: number, within: string): void {
    if (typeof value === 'string') {
      this.strings++;
      if (value.length > 1 && isNew(this.#values, value)) this.#add({ text: value, key: false, within: '' });
    } else if (typeof value === 'object' && value !== null) {
      if (depth === MAX_DEPTH) this.complete = false;
      else if (Array.isArray(value)) for (const each of value) this.take(each, depth + 1, within);
      else this.#object(value as Record<string, unknown>, depth, within);
    }
  }

  #object(value: Record<string, unknown>, depth: number, within: string): void {
    let names = this.#names.get(within);
    if (names === undefined) this.#names.set(within, (names = new Set()));
    for (const name of Object.keys(value)) {
      this.strings++;
      if (name.length > 1 && isNew(names, name)) this.#add({ text: name, key: true, within });
      this.take(value[name], depth + 1, name);
    }
  }

  #add(text: JsonText): void {
    if (this.texts.length < MAX_TEXTS) this.texts.push(text);
    else this.complete = false;
  }
}

/** Puts a text into a set. @returns whether it was not in it */
function isNew(set: Set<string>, text: string): boolean {
  const before = set.size;
  set.add(text);
  return set.size > before;
}
