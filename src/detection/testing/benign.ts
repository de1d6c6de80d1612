import type { Place } from '../classes/class.ts';
import { BROWSING } from './benign/browsing.ts';
import { CODE_PLACES } from './benign/code-places.ts';
import { DATA } from './benign/data.ts';
import { DEVELOPERS } from './benign/developers.ts';
import { Kit, type Makers } from './benign/kit.ts';
import { MARKUP } from './benign/markup.ts';
import { NUMBERS } from './benign/numbers.ts';
import { PEOPLE } from './benign/people.ts';
import { requestsOf } from './benign/requests.ts';
import { WEB } from './benign/web.ts';

/** A value as friendly callers send it, and what kind it is. */
export interface Benign {
  readonly kind: string;
  readonly text: string;
}

/** A value at its place in a request. */
export interface PlacedBenign extends Benign {
  readonly place: Place;
}

const KINDS: Makers = { ...PEOPLE, ...NUMBERS, ...WEB, ...MARKUP, ...DATA, ...DEVELOPERS, ...BROWSING };
const SEED = 20261123;

/** The kinds of values there are. */
export const BENIGN_KINDS: readonly string[] = Object.keys(KINDS);

/** As a reader hands it on: one flat string, not a rope of pieces. */
const flat = (text: string): string => Buffer.from(text).toString();

function make(kinds: Makers, count: number, seed: number): Benign[] {
  const kit = new Kit(seed);
  const makers = Object.entries(kinds);
  return Array.from({ length: count }, (_, index) => {
    const [kind, maker] = makers[index % makers.length] as (typeof makers)[number];
    return { kind, text: flat(maker(kit)) };
  });
}

/** Friendly values of all kinds in turn, nasty as real ones are. The same for the same seed. */
export const benignValues = (count: number, seed = SEED): Benign[] => make(KINDS, count, seed);

/** Code and queries, as they stand at places declared for them: for sensitivity `low`. */
export const codePlaces = (count: number, seed = SEED): Benign[] => make(CODE_PLACES, count, seed);

/** The values of whole requests, each at its place; kinds of requests in turn. */
export function benignRequests(count: number, seed = SEED): PlacedBenign[][] {
  const kit = new Kit(seed);
  const requests = Array.from(requestsOf(KINDS).values());
  return Array.from({ length: count }, (_, index) =>
    (requests[index % requests.length] as NonNullable<(typeof requests)[number]>).map(({ source, name, kind }) => ({
      kind,
      text: flat((KINDS[kind] as (kit: Kit) => string)(kit)),
      place: { source, name, key: false },
    })),
  );
}
