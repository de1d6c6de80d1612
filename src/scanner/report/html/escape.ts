import { visible } from '../visible.ts';

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that may stand in the page as it is. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | undefined | Html | readonly Part[];

/** Text for an element or a quoted attribute: no markup, nothing invisible. */
export const escapeHtml = (text: string): string => visible(text).replace(/[&<>"']/g, (mark) => MARKUP[mark] as string);

/** A template whose values are escaped, unless they were made by this very function. The one way to make markup. */
export const html = (strings: TemplateStringsArray, ...values: readonly Part[]): Html =>
  new Html(strings.reduce((text, string, index) => text + textOf(values[index - 1]) + string));

function textOf(value: Part): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value === undefined ? '' : value.map(textOf).join('');
}
