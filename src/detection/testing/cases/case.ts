import type { Place } from '../../classes/class.ts';

/** An attack of the project's own; says what it is for. */
export interface Case {
  /** Name of the class that finds it. */
  readonly class: string;
  readonly what: string;
  readonly text: string;
  /** Where it stands; a query where it does not matter. */
  readonly place?: Partial<Place>;
}

/** Makes cases of one class, a line of texts for each kind. */
export const casesOf =
  (name: string) =>
  (what: string, ...texts: readonly string[]): Case[] =>
    texts.map((text) => ({ class: name, what, text }));
