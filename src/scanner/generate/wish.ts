/** What is wished of a value beside that it is valid. */
export interface Wish {
  /** Name of the place: what a schema does not say, its name may. */
  readonly word: string;
  /** `plain`: what most APIs take; `edge`: as valid, at the bounds and less common. */
  readonly variety: 'plain' | 'edge';
  /** Of optional properties: none, or all (in depth as far as a bound lets). */
  readonly fill: 'required' | 'all';
}
