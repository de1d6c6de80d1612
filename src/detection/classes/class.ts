import type { Form } from '../forms.ts';

/** Where values come from; a place of an exchange is one of these and a name. */
export const SOURCES = ['path', 'query', 'header', 'cookie', 'body', 'filename'] as const;
export type Source = (typeof SOURCES)[number];

/** Where a text stands. One object is used for many texts: what is to be kept of it is copied. */
export interface Place {
  readonly source: Source;
  /** Of the parameter, header (in lower case), cookie or part; empty where it has none. */
  readonly name: string;
  /** The text is the name of something, not a value. */
  readonly key: boolean;
  /** Of a name: the name of the member whose member it names; empty where there is none. */
  readonly within?: string;
}

/** A place of which no more is known than its source. */
export const somewhere = (source: Source): Place => ({ source, name: '', key: false });

/**
 * The dial. `low`: only what is an attack wherever it stands; for places that carry code or queries. `default`: what
 * would do harm where such values usually end up. `high`: also what could, at the price of some false alarms in prose.
 */
export const SENSITIVITIES = ['low', 'default', 'high'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** A part of a text that would do harm, and how. Offsets are of the form's text. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** What the value would do, in one sentence for the owner. */
  readonly why: string;
}

/**
 * A class of attack. A new one is a file in this folder and a line in `index.ts`; nothing else.
 *
 * It asks what a text would do where such texts end up, not what it looks like, and it owns no normal forms: `search`
 * is called for the text as it came and for each form it decodes to. It must be linear in the length of the text and
 * must not throw, whatever stands in it. What every class needs of a text first is gathered in one pass
 * (`features.ts`, bits of the place among them); `features` and `wants` answer from that alone and keep ordinary text
 * away from the lexer.
 */
export interface DetectionClass {
  /** Stable name, as settings and records have it: `sql-injection`. */
  readonly name: string;
  /** For people: `SQL injection`. */
  readonly title: string;
  /** A text with none of these features holds no attack of this class. */
  readonly features: number;
  /** Where having one of them is not enough: whether a text with these features can hold an attack of this class. */
  readonly wants?: (features: number) => boolean;
  /** Also asked of an XML body as a whole, which is otherwise searched text by text. */
  readonly documents?: boolean;
  /** The first harmful part of a form. */
  search(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined;
}
