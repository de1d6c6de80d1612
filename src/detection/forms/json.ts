/** Characters of a JSON text inside a string that are taken apart, values in it, and containers within containers. */
const MAX_LENGTH = 256 * 1024;
const MAX_TEXTS = 10_000;
const MAX_DEPTH = 64;

/** A string of a JSON text, or the name of a member. */
export interface JsonText {
  readonly text: string;
  readonly key: boolean;
}

/** The strings and names of a JSON text that stands in a string; undefined where it is none. */
export function jsonTexts(text: string): readonly JsonText[] | undefined {
  let at = 0;
  while (at < 16 && text.charCodeAt(at) <= 0x20) at++;
  const c = text.charCodeAt(at);
  if ((c !== 0x7b && c !== 0x5b) || text.length > MAX_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const texts: JsonText[] = [];
  gather(value, texts, 0);
  return texts;
}

function gather(value: unknown, into: JsonText[], depth: number): void {
  if (into.length >= MAX_TEXTS) return;
  if (typeof value === 'string') {
    if (value.length > 1) into.push({ text: value, key: false });
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    if (Array.isArray(value)) for (const each of value) gather(each, into, depth + 1);
    else
      for (const name of Object.keys(value)) {
        if (name.length > 1) into.push({ text: name, key: true });
        gather((value as Record<string, unknown>)[name], into, depth + 1);
      }
  }
}
