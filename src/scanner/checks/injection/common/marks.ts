import type { Exchange } from '../../../model/exchange.ts';

/** How a value that was sent stands in its request; empty where it can't be found. */
export function marksOf({ request }: Exchange, sent: unknown): string[] {
  const text = typeof sent === 'string' ? sent : (JSON.stringify(sent) ?? '');
  if (text === '') return [];
  const percent = encodeURIComponent(text.toWellFormed());
  const strict = percent.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    text,
    percent,
    strict,
    percent.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+'),
    JSON.stringify(text).slice(1, -1),
  ];
  const body = typeof request.body === 'string' ? request.body : '';
  const where = [request.target, body, ...request.headers.map(([, value]) => value)];
  const found = forms.find((form) => where.some((part) => part.includes(form)));
  return found === undefined ? [] : [found];
}
