import { CODE, MAYBE, PLAIN, PROBE } from './weights.ts';

/** Where an expression leads, and how bad that is. */
export interface Reached {
  readonly weight: number;
  readonly why: string;
}

export const reached = (weight: number, why: string): Reached => ({ weight, why });

export const NOWHERE = reached(PLAIN, '');
export const RUNS = reached(CODE, 'runs code from a template');
export const INTERNAL = reached(CODE, 'reaches the internals of the language');
export const JAVA = reached(CODE, 'reaches classes of Java');
export const MAKES = reached(CODE, 'makes a function of a text');
export const HIDES = reached(PROBE, 'puts a name together to hide it');
export const SHOWS = reached(PROBE, 'shows what the application keeps to itself');
export const CHANGES = reached(PROBE, 'reaches what the server keeps of a session or an application');
export const OPENS = reached(PROBE, 'opens a file or an address from a template');
export const MIGHT = reached(MAYBE, 'may run code from a template');
