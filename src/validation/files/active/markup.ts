/** An element's start as it stands: names lower case and without prefix, values with their references resolved. */
export interface Tag {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** Index after the tag. */
  readonly end: number;
}

/** Takes the pieces of markup; an answer other than undefined ends the walk. */
export interface MarkupVisitor<T> {
  tag(tag: Tag, text: string): T | undefined;
  /** `<!DOCTYPE ...>` with its internal subset. */
  doctype(declaration: string): T | undefined;
  /** What stands between `<?` and `?>`. */
  instruction(text: string): T | undefined;
}

const MAX_ATTRIBUTES = 1000;
const NAME = /[^\s/>=<'"]+/y;
const SPACE = /[\s/]*/y;

/**
 * Walks markup as a lenient reader would: anything that could be a start tag is one, attributes may be unquoted, and what is
 * not closed goes to the end. Comments and CDATA sections are skipped.
 */
export function walkMarkup<T>(text: string, visitor: MarkupVisitor<T>): T | undefined {
  let at = text.indexOf('<');
  while (at >= 0) {
    let end = at + 1;
    let found: T | undefined;
    const next = text.charCodeAt(at + 1);
    if (next === 0x21) {
      if (text.startsWith('<!--', at)) end = after(text, '-->', at + 4);
      else if (text.startsWith('<![CDATA[', at)) end = after(text, ']]>', at + 9);
      else if (/^<!doctype/i.test(text.slice(at, at + 9))) {
        end = doctypeEnd(text, at);
        found = visitor.doctype(text.slice(at, end));
      }
    } else if (next === 0x3f) {
      end = after(text, '?>', at + 2);
      found = visitor.instruction(text.slice(at + 2, end));
    } else if ((next | 0x20) >= 0x61 && (next | 0x20) <= 0x7a) {
      const tag = readTag(text, at + 1);
      end = tag.end;
      found = visitor.tag(tag, text);
    }
    if (found !== undefined) return found;
    at = text.indexOf('<', end);
  }
  return undefined;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

/** The end of a document type: with a subset, the `]>` after it. */
function doctypeEnd(text: string, from: number): number {
  const close = after(text, '>', from);
  const subset = text.indexOf('[', from);
  if (subset < 0 || subset > close) return close;
  const end = /\]\s{0,100}>/.exec(text.slice(subset));
  return end === null ? text.length : subset + end.index + end[0].length;
}

function readTag(text: string, from: number): Tag {
  NAME.lastIndex = from;
  const name = NAME.exec(text)?.[0] ?? '';
  const attributes: [string, string][] = [];
  let at = from + name.length;
  for (;;) {
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
    const c = text.charCodeAt(at);
    if (c === 0x3e) return { name: bare(name), attributes, end: at + 1 };
    if (Number.isNaN(c) || c === 0x3c) return { name: bare(name), attributes, end: at };
    NAME.lastIndex = at;
    const key = NAME.exec(text)?.[0];
    if (key === undefined) {
      at++;
      continue;
    }
    at += key.length;
    let value = '';
    const equals = /^\s{0,1000}=\s{0,1000}/.exec(text.slice(at, at + 2002));
    if (equals !== null) {
      at += equals[0].length;
      const quote = text.charAt(at);
      let end: number;
      if (quote === '"' || quote === "'") {
        end = text.indexOf(quote, at + 1);
        if (end < 0) end = text.length;
        value = text.slice(at + 1, end);
        end++;
      } else {
        const unquoted = /[\s>]/g;
        unquoted.lastIndex = at;
        end = unquoted.exec(text)?.index ?? text.length;
        value = text.slice(at, end);
      }
      at = end;
    }
    // More attributes than any drawing has: their names are still judged, in one.
    if (attributes.length < MAX_ATTRIBUTES) attributes.push([bare(key), resolve(value)]);
    else attributes.push([bare(key), value]);
  }
}

/** `xlink:href` is `href`: what a prefix stands for, the document says itself. */
const bare = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf(':') + 1);
};

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  colon: ':',
  tab: '\t',
  newline: '\n',
  lpar: '(',
  sol: '/',
};

/** Resolves character references, and the named ones that hide a scheme. */
export function resolve(value: string): string {
  if (!value.includes('&')) return value;
  return value.replace(
    /&(?:#[xX]([0-9a-fA-F]{1,8})|#(\d{1,8})|([a-zA-Z]{2,8}));?/g,
    (all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}
