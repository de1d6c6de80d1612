/** An attribute of a start tag. Offsets are of the text. */
export interface Attribute {
  /** In lower case. */
  readonly name: string;
  /** The value as it stands, without its quotes; empty where there is none. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** The character of its quotes; 0 where it has none. */
  readonly quote: number;
}

/** A start tag as browsers read it. */
export interface Tag {
  /** In lower case, with its prefix: `svg:script`. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly start: number;
  /** Behind its `>`, or where it was left. */
  readonly end: number;
  /** It has its `>`. */
  readonly closed: boolean;
  /** A value begins with a backtick, which some browsers took for a quote, or has no name before it. */
  readonly ticks: boolean;
  /** An attribute says that its script is in another language: `language=vbs`. */
  readonly foreign: boolean;
}

const MAX_NAME = 64;
const FOREIGN = /^\s*(?:vb|jscript\.)/i;

/** White space of HTML, and what old browsers took for it: NUL and vertical tab. */
const isSpace = (c: number): boolean => c === 0x20 || (c >= 0x09 && c <= 0x0d) || c === 0;

/**
 * Reads a start tag whose `<` stands at `start`: the states of WHATWG HTML 13.2.5.6 (tag open) to 13.2.5.40 (self-closing
 * start tag), with an end of the text taken for the end of the tag: the page goes on behind the value. Looks at each
 * character once.
 * @param limit where reading stops at most
 * @param ticks backticks are quotes and values need no name, as in old Internet Explorer
 */
export function readTag(text: string, start: number, limit: number, ticks: boolean): Tag {
  let at = start + 1;
  while (at < limit) {
    const c = text.charCodeAt(at);
    if ((isSpace(c) && c !== 0) || c === 0x2f || c === 0x3e || c === 0x3c || c === 0x22 || c === 0x3d) break;
    at++;
  }
  const name = plainName(text, start + 1, at);
  const attributes: Attribute[] = [];
  let ticked = false;
  let foreign = false;
  while (at < limit) {
    const c = text.charCodeAt(at);
    if (c === 0x3e) return { name, attributes, start, end: at + 1, closed: true, ticks: ticked, foreign };
    if (isSpace(c) || c === 0x2f) {
      at++;
      continue;
    }
    const from = at++;
    if (c === 0x3d && (text.charCodeAt(at) === 0x22 || text.charCodeAt(at) === 0x27)) {
      ticked = true;
      // Without a name before it the value's quotes hold in old browsers only.
      if (ticks) {
        const quote = text.charCodeAt(at++);
        while (at < limit && text.charCodeAt(at) !== quote) at++;
        at++;
        continue;
      }
    }
    while (at < limit) {
      const d = text.charCodeAt(at);
      if ((isSpace(d) && d !== 0) || d === 0x2f || d === 0x3e || d === 0x3d) break;
      at++;
    }
    const nameEnd = at;
    while (at < limit && isSpace(text.charCodeAt(at))) at++;
    let quote = 0;
    let value = at;
    let end = at;
    if (text.charCodeAt(at) === 0x3d && at < limit) {
      at++;
      while (at < limit && isSpace(text.charCodeAt(at))) at++;
      const d = at < limit ? text.charCodeAt(at) : 0;
      if (d === 0x60) ticked = true;
      if (d === 0x22 || d === 0x27 || (ticks && d === 0x60)) {
        quote = d;
        value = ++at;
        while (at < limit && text.charCodeAt(at) !== d) at++;
        end = at++;
      } else {
        value = at;
        while (at < limit) {
          const e = text.charCodeAt(at);
          if ((isSpace(e) && e !== 0) || e === 0x3e) break;
          at++;
        }
        end = at;
      }
    } else {
      end = value = nameEnd;
      // Without a value it says nothing, unless script stands in its place.
      if (c !== 0x3d && text.slice(from, Math.min(nameEnd, from + MAX_NAME)).indexOf('(') < 0) continue;
    }
    const attribute = { name: plainName(text, from, nameEnd), value: text.slice(value, end), start: from, end, quote };
    if (attribute.name.endsWith('language') && FOREIGN.test(attribute.value)) foreign = true;
    attributes.push(attribute);
  }
  return { name, attributes, start, end: Math.min(at, limit), closed: false, ticks: ticked, foreign };
}

const plainName = (text: string, from: number, to: number): string => {
  const name = text.slice(from, Math.min(to, from + MAX_NAME));
  return (name.includes('\0') ? name.replaceAll('\0', '') : name).toLowerCase();
};

/** The value of an attribute of that name, the first as in browsers; undefined where there is none. */
export function attributeOf({ attributes }: Tag, name: string): string | undefined {
  for (const each of attributes) if (each.name === name) return each.value;
  return undefined;
}

/** The name without its prefix. */
export const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1);
