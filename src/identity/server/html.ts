/** Text that is HTML already: made by {@link html} only, so that whatever else comes in is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

type Piece = Html | string | number | undefined | false | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes for element content and for attribute values in quotes of either kind. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** Template of HTML: every value is escaped unless it was made by this very function; `undefined` and `false` leave nothing. */
export function html(literals: TemplateStringsArray, ...values: readonly Piece[]): Html {
  let text = literals[0] as string;
  for (const [index, value] of values.entries()) text += written(value) + (literals[index + 1] as string);
  return new Html(text);
}

function written(value: Piece): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escaped(String(value));
}
