import { FORMATS } from '../../contract/schema/formats/formats.ts';
import { length } from '../../contract/schema/primitives.ts';
import type { Facets } from './facets.ts';
import { fits } from './fits.ts';
import { formatted } from './from-format.ts';
import { fromPattern } from './from-pattern.ts';
import { between, letters, oneOf } from './random.ts';
import type { Wish } from './wish.ts';
import { textsFor, wordsOf } from './words.ts';

/** Longest text made where the contract sets no bound, or a wide one. */
const MAX_TEXT = 10_000;
/** How far repetitions of a pattern are stretched, from as short as may be. */
const STRETCHES = [1, 3, 0, 6, 12, 25, 60, 150, 400, 1000];
const TRIES = 4;

/** Rather uncommon, and as good a text as any other. */
const EDGES = ['Ünïcödé Ω 漢字', '  spaces  ', '🙂', 'a', "O'Brien & Sons <x>", '0', 'null', 'true', '-1', '%41', '\t'];

/** A text that the facets allow; undefined where none was found. */
export function textFor(facets: Facets, random: () => number, wish: Wish): string | undefined {
  const words = wordsOf(wish.word);
  const edge = wish.variety === 'edge';
  if (edge) {
    const text = edgeText(facets, random);
    if (text !== undefined) return text;
  }
  const named = textsFor(words, random);
  const forms = [...formatsOf(facets)].flatMap((format) => formatted(format, random, edge));
  // A birthday is a date, but not any. Where nothing enforces the format, the name could lead away from it.
  const enforced = facets.formats.some((format) => FORMATS.get(format)?.text);
  const candidates = enforced ? [...named.filter((text) => fits(facets, text)), ...forms] : [...forms, ...named];
  for (const text of candidates) {
    if (fits(facets, text)) return text;
    const sized = resized(text, facets, random);
    if (sized !== undefined && fits(facets, sized)) return sized;
  }
  const patterned = byPattern(facets, random);
  if (patterned !== undefined) return patterned;
  const last = [`sample${letters(random, 4)}`, letters(random, 3), '1', '2030-01-01', 'A', ''];
  for (const text of last) {
    const sized = resized(text, facets, random) ?? text;
    if (fits(facets, sized)) return sized;
  }
  return undefined;
}

/** Formats that are enforced, and those that only people read. */
function formatsOf({ formats, members }: Facets): Set<string> {
  const names = new Set(formats);
  for (const { spot } of members) {
    const said = (spot.raw as { format?: unknown } | null)?.format;
    if (typeof said === 'string') names.add(said);
  }
  return names;
}

/** A text of a length that is allowed: cut, or filled up with letters. */
function resized(text: string, { minLength, maxLength }: Facets, random: () => number): string | undefined {
  const count = length(text);
  if (count > maxLength)
    return [...text].slice(0, maxLength).join('').trimEnd().padEnd(Math.min(minLength, MAX_TEXT), 'a');
  if (count < minLength) return minLength > 1_000_000 ? undefined : text + letters(random, minLength - count);
  return undefined;
}

function byPattern(facets: Facets, random: () => number): string | undefined {
  for (const { source } of facets.patterns) {
    for (const stretch of STRETCHES) {
      for (let i = 0; i < TRIES; i++) {
        const text = fromPattern(source, random, stretch);
        if (text === undefined) break;
        if (fits(facets, text)) return text;
        // A pattern that is not bound to the ends leaves room for more.
        const longer = resized(text, facets, random);
        if (longer !== undefined && fits(facets, longer)) return longer;
      }
    }
  }
  return undefined;
}

function edgeText(facets: Facets, random: () => number): string | undefined {
  const { minLength, maxLength } = facets;
  const longest = Math.min(maxLength, MAX_TEXT);
  const candidates = [
    oneOf(random, EDGES),
    'x'.repeat(Math.min(minLength, MAX_TEXT)),
    'x'.repeat(maxLength === Number.POSITIVE_INFINITY ? 256 : longest),
    'é'.repeat(Math.min(longest, 300)),
  ];
  for (const _ of candidates) {
    const text = candidates[between(random, 0, candidates.length - 1)] as string;
    if (fits(facets, text)) return text;
  }
  return undefined;
}
