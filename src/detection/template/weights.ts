/** Nothing to say of it. */
export const PLAIN = 0;
/** Could do harm; honest templates have it too. */
export const MAYBE = 1;
/** Looks around or tries whether something answers: no honest value does. */
export const PROBE = 2;
/** Reaches code, files or the internals of the language, wherever it stands. */
export const CODE = 3;

/** Where an expression stands. */
export interface Around {
  /** What opened it. */
  readonly opener: string;
  /** The value is this expression and nothing else. */
  readonly whole: boolean;
  /** It stands in a literal of JavaScript within code, as bug reports show. */
  readonly inCode: boolean;
  /** The delimiter is of other uses too (`{`, `[[`, `*{`): little is made of what stands in it. */
  readonly weak: boolean;
}
