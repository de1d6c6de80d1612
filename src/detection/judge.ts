import type { DetectionClass, Place, Sensitivity } from './classes/class.ts';
import { F_BRACE, F_FILENAME, F_HEADER, F_KEY, F_SPACELESS, F_STRUCTURE, featuresOf } from './features.ts';
import { decodeBase64 } from './forms/base64.ts';
import { type JsonText, jsonTexts } from './forms/json.ts';
import { type Form, formsOf } from './forms.ts';

/** What was found in one text, and in which form of it. */
export interface Finding {
  readonly class: string;
  readonly form: string;
  /** The harmful part, of the form it was found in; capped. */
  readonly span: string;
  readonly why: string;
}

/** Characters of a span that are kept. */
const MAX_SPAN = 120;
/** How often something may be packed into something. */
const MAX_PACKED = 2;

const featuresOfPlace = ({ source, key }: Place): number =>
  (key ? F_KEY : 0) | (source === 'header' ? F_HEADER : source === 'filename' ? F_FILENAME : 0);

/** Judges single texts by some classes at one sensitivity. Holds no state: the same text has the same answer. */
export class Judge {
  readonly #classes: readonly DetectionClass[];
  /** Features of each class, where reading them does not take a look at an object of whatever shape. */
  readonly #masks: Int32Array;
  readonly #sensitivity: Sensitivity;
  /** Features without which no class has anything to search. */
  readonly #any: number;

  constructor(classes: readonly DetectionClass[], sensitivity: Sensitivity) {
    this.#classes = classes;
    this.#masks = Int32Array.from(classes, ({ features }) => features);
    this.#sensitivity = sensitivity;
    this.#any = classes.reduce((any, { features }) => any | features, 0);
  }

  /**
   * The first harmful part of a text: as sent, in its normal forms, and in what is packed into it.
   * @param without classes that are not asked, by name
   */
  find(text: string, place: Place, without?: ReadonlySet<string>): Finding | undefined {
    return this.#find(text, 'as sent', place, without, 0);
  }

  #find(
    text: string,
    name: string,
    place: Place,
    without: ReadonlySet<string> | undefined,
    depth: number,
  ): Finding | undefined {
    const ofPlace = featuresOfPlace(place);
    const features = featuresOf(text) | ofPlace;
    const json = features & F_BRACE && depth < MAX_PACKED ? jsonTexts(text) : undefined;
    // What stands in its strings is searched there, decoded; the whole matters only to who reads structures.
    if (json?.complete) {
      const whole = { name, text, features: features | F_STRUCTURE };
      return this.#ask(whole, F_STRUCTURE, place, without) ?? this.#texts(json.texts, place, without, depth);
    }
    let found = this.#ask({ name, text, features }, features, place, without);
    if (found !== undefined) return found;
    for (const form of formsOf(text, features, ofPlace)) {
      found = this.#ask(form, form.features, place, without);
      if (found !== undefined) return depth === 0 ? found : { ...found, form: `${name}, ${found.form}` };
    }
    if (json !== undefined) return this.#texts(json.texts, place, without, depth);
    if (depth >= MAX_PACKED || (features & F_SPACELESS) === 0) return undefined;
    const decoded = decodeBase64(text);
    return decoded === undefined ? undefined : this.#find(decoded, 'base64-decoded', place, without, depth + 1);
  }

  /** What is packed into JSON that stands in a string. */
  #texts(
    texts: readonly JsonText[],
    place: Place,
    without: ReadonlySet<string> | undefined,
    depth: number,
  ): Finding | undefined {
    for (const { text, key, within } of texts) {
      const found = this.#find(text, 'JSON in the value', { ...place, key, within }, without, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** @param features those by which a class is asked */
  #ask(form: Form, features: number, place: Place, without: ReadonlySet<string> | undefined): Finding | undefined {
    if ((features & this.#any) === 0) return undefined;
    for (let i = 0; i < this.#masks.length; i++) {
      if (((this.#masks[i] as number) & features) === 0) continue;
      const each = this.#classes[i] as DetectionClass;
      if (each.wants?.(features) === false || without?.has(each.name)) continue;
      const match = each.search(form, place, this.#sensitivity);
      if (match === undefined) continue;
      const end = Math.min(match.end, match.start + MAX_SPAN);
      const span = form.text.slice(match.start, end).toWellFormed();
      return { class: each.name, form: form.name, span: end < match.end ? `${span}…` : span, why: match.why };
    }
    return undefined;
  }
}
