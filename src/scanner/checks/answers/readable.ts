import type { ScanAnswer } from '../../model/exchange.ts';

/** Characters of an answer that are searched, and texts in it. */
const SEARCHED = 64 * 1024;
const TEXTS = 2_000;
const DEPTH = 40;
const LINE_TAG = /<\s{0,4}\/?(?:br|p|div|li|tr|td|h[1-6]|pre|code|span)\b[^<>]{0,200}>/gi;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['#39', "'"],
  ['#x27', "'"],
  ['nbsp', ' '],
  ['amp', '&'],
]);

/**
 * What an answer says to a reader, in lines: of JSON every text in it, of HTML and XML the text without its tags. So a
 * stack trace looks the same whether it came in a page, in one string with escaped line ends, or as a list of lines.
 */
export function readableOf(answer: ScanAnswer): string {
  if (answer.body.length === 0) return '';
  const { json } = answer;
  if (typeof json === 'object' && json !== null) return textsOf(json).join('\n').slice(0, SEARCHED);
  if (typeof json === 'string') return json.slice(0, SEARCHED);
  const text = answer.text.slice(0, SEARCHED);
  return /^\s{0,100}</.test(text) || /ml\b/.test(answer.mediaType) ? plainOf(text) : text;
}

function textsOf(value: object): string[] {
  const texts: string[] = [];
  let length = 0;
  const walk = (at: unknown, depth: number): void => {
    if (texts.length >= TEXTS || length >= SEARCHED || depth > DEPTH) return;
    if (typeof at === 'string') {
      texts.push(at);
      length += at.length;
    } else if (typeof at === 'object' && at !== null) for (const item of Object.values(at)) walk(item, depth + 1);
  };
  walk(value, 0);
  return texts;
}

const plainOf = (text: string): string =>
  text
    .replace(LINE_TAG, '\n')
    .replace(/<[^<>]{0,2000}>/g, '')
    .replace(/&(lt|gt|quot|apos|#39|#x27|nbsp|amp);/g, (_, name: string) => ENTITIES.get(name) ?? ' ');
