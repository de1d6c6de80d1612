import type { ValuePlace } from '../../../model/call.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Severity } from '../../../model/finding.ts';
import { schemaField } from './words.ts';

const ACTIVE: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', 'image/svg+xml']);

/** Whether a browser would show an answer as a page, and run what is in it. */
export function isPage({ answer }: Exchange): boolean {
  if (/^\s*attachment/i.test(answer.headers.get('content-disposition') ?? '')) return false;
  if (ACTIVE.has(answer.mediaType)) return true;
  return answer.mediaType === '' && !/nosniff/i.test(answer.headers.get('x-content-type-options') ?? '');
}

/** How bad a script in an answer is: where the policy of the page holds scripts back, markup still gets in. */
export function severityOf({ answer }: Exchange): Severity {
  const policy = answer.headers.get('content-security-policy') ?? '';
  const scripts =
    /(?:^|[;,])\s*script-src\s([^;,]*)/i.exec(policy) ?? /(?:^|[;,])\s*default-src\s([^;,]*)/i.exec(policy);
  const boxed = /(?:^|[;,])\s*sandbox\b(?![^;,]*allow-scripts)/i.test(policy);
  return boxed || (scripts && !/unsafe-inline/i.test(scripts[1] ?? '')) ? 'medium' : 'high';
}

/** Ways to write a script that does nothing, by a marker: short ones first, for places that take little. */
const SCRIPTS: readonly ((marker: string) => string)[] = [
  (marker) => `${marker}'"><svg/onload=${marker}>`,
  (marker) => `${marker}'"></title><script>/*${marker}*/</script>`,
  (marker) => `<svg/onload=${marker}>`,
];

/** Length of a marker. */
export const MARKER = 8;

/** Two ways that fit a place by what the contract says of its length; at least the shortest. */
export function scriptsFor(place: ValuePlace): readonly ((marker: string) => string)[] {
  const most = schemaField(place, 'maxLength');
  const fitting = SCRIPTS.slice(0, 2).filter(
    (write) => typeof most !== 'number' || write('x'.repeat(MARKER)).length <= most,
  );
  return fitting.length > 0 ? fitting : SCRIPTS.slice(2);
}

/** The part of a page that shows a marker's text came back as markup; undefined where it did not. */
export function scriptIn(exchange: Exchange, marker: string): string | undefined {
  if (!isPage(exchange)) return undefined;
  const { text } = exchange.answer;
  for (const part of [`<script>/*${marker}*/</script>`, `<svg/onload=${marker}>`]) {
    const at = text.indexOf(part);
    if (at >= 0 && !isComment(text, at)) return part;
  }
  return attributeIn(text, marker);
}

const isComment = (text: string, at: number): boolean => text.lastIndexOf('<!--', at) > text.lastIndexOf('-->', at);

/** A quote that ends the attribute the marker stands in. */
function attributeIn(text: string, marker: string): string | undefined {
  for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
    const open = text.lastIndexOf('<', at);
    if (open < 0 || text.lastIndexOf('>', at) > open) continue;
    const before = /=\s{0,8}(["'])[^"']{0,400}$/.exec(text.slice(Math.max(open, at - 500), at));
    if (!before || !/^<[a-zA-Z]/.test(text.slice(open, open + 2))) continue;
    const quote = before[1] as string;
    const rest = text.slice(at + marker.length, at + marker.length + 2);
    if (rest.startsWith(quote) || rest === `'${quote}`) return `${marker}${rest}`;
  }
  return undefined;
}
