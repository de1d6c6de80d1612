import { de } from './de.ts';
import { en, type Texts } from './en.ts';

export type { Texts } from './en.ts';

/** Languages of the pages; a new one is a file and a line here. The first holds where none of them is asked for. */
export const LANGUAGES: ReadonlyMap<string, Texts> = new Map([
  ['en', en],
  ['de', de],
]);

const MOST = 20;

/**
 * Chooses the language of a page.
 * @param uiLocales of the authorization request: languages in order of preference, separated by spaces
 * @param accept Accept-Language (RFC 9110, section 12.5.4)
 */
export function languageFor(uiLocales: string | undefined, accept: string | undefined): string {
  const wanted = (uiLocales ?? '').slice(0, 500).split(' ', MOST);
  const weighted = (accept ?? '')
    .slice(0, 500)
    .split(',', MOST)
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';');
      const weight = Number(/^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameters[0] ?? '')?.[1] ?? 1);
      return { tag: tag.trim(), weight };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
  for (const tag of [...wanted, ...weighted]) {
    const language = tag.toLowerCase().split('-', 1)[0] as string;
    if (LANGUAGES.has(language)) return language;
  }
  return 'en';
}

export const textsIn = (language: string): Texts => LANGUAGES.get(language) ?? en;

/** A lock's length as people say it, never shorter than it is. */
export function spanText(seconds: number, texts: Texts): string {
  if (seconds < 60) return texts.seconds(seconds);
  if (seconds < 3600) return texts.minutes(Math.ceil(seconds / 60));
  return texts.hours(Math.ceil(seconds / 3600));
}
