import type { DetectionClass, Place, Sensitivity } from './classes/class.ts';
import { F_BRACE, F_FILENAME, F_HEADER, F_KEY, F_SPACELESS, featuresOf } from './features.ts';
import { decodeBase64 } from './forms/base64.ts';
import { jsonTexts } from './forms/json.ts';
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
  readonly #sensitivity: Sensitivity;
  /** Features without which no class has anything to search. */
  readonly #any: number;

  constructor(classes: readonly DetectionClass[], sensitivity: Sensitivity) {
    this.#classes = classes;
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
    let found = this.#ask({ name, text, features }, place, without);
    if (found !== undefined) return found;
    for (const form of formsOf(text, features, ofPlace)) {
      found = this.#ask(form, place, without);
      if (found !== undefined) return depth === 0 ? found : { ...found, form: `${name}, ${found.form}` };
    }
    return depth < MAX_PACKED ? this.#packed(text, features, place, without, depth) : undefined;
  }

  /** JSON in a string, and base64. */
  #packed(
    text: string,
    features: number,
    place: Place,
    without: ReadonlySet<string> | undefined,
    depth: number,
  ): Finding | undefined {
    if (features & F_BRACE) {
      for (const each of jsonTexts(text) ?? []) {
        const inside = { ...place, key: each.key };
        const found = this.#find(each.text, 'JSON in the value', inside, without, depth + 1);
        if (found !== undefined) return found;
      }
    } else if (features & F_SPACELESS) {
      const decoded = decodeBase64(text);
      if (decoded !== undefined) return this.#find(decoded, 'base64-decoded', place, without, depth + 1);
    }
    return undefined;
  }

  #ask(form: Form, place: Place, without: ReadonlySet<string> | undefined): Finding | undefined {
    const { features } = form;
    if ((features & this.#any) === 0) return undefined;
    for (const each of this.#classes) {
      if ((each.features & features) === 0 || each.wants?.(features) === false || without?.has(each.name)) continue;
      const match = each.search(form, place, this.#sensitivity);
      if (match === undefined) continue;
      const end = Math.min(match.end, match.start + MAX_SPAN);
      const span = form.text.slice(match.start, end).toWellFormed();
      return { class: each.name, form: form.name, span: end < match.end ? `${span}…` : span, why: match.why };
    }
    return undefined;
  }
}
