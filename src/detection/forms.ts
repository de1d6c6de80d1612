import { F_BACKSLASH, F_CONTROL, F_ENTITY, F_PERCENT, F_SLASH, F_WIDE, featuresOf } from './features.ts';
import { decodeEntities } from './forms/entities.ts';
import { decodeEscapes } from './forms/escapes.ts';
import { foldWide } from './forms/fold.ts';
import { decodePercent } from './forms/percent.ts';

/** A text in one of its normal forms. */
export interface Form {
  /** How it was come by: `as sent`, `percent-decoded`, `percent-decoded twice, folded`, ... */
  readonly name: string;
  readonly text: string;
  /** What `features` found in it. */
  readonly features: number;
}

/** Layers that are taken off: what decodes more often is decoded by no server. */
const MAX_LAYERS = 3;
/** Forms of one text: each is searched as the text itself is, so this bounds the cost of a text made of escapes. */
const MAX_FORMS = 8;

interface Decoder {
  readonly name: string;
  readonly feature: number;
  decode(text: string): string;
}

/** Some servers drop a percent sign that begins no escape: `%S%E%L`. */
function dropStrays(text: string): string {
  return /%[g-z](?:%?[a-z0-9_]){0,3}%[a-z]/i.test(text) ? text.replace(/%(?=[a-z])/gi, '') : text;
}

/** Some filters take comments out, and with them what kept a word apart: a comment in the middle of `SELECT`. */
function dropComments(text: string): string {
  return text.includes('/*') && /[a-z]\/\*[^*]{0,64}\*\/[a-z]/i.test(text)
    ? text.replace(/\/\*[^*]{0,64}\*\//g, '')
    : text;
}

const CONTROL = /[\0-\x08\x0e-\x1f\x7f]+/g;

/** In the order in which a value meets them on its way to where it ends up. */
const DECODERS: readonly Decoder[] = [
  { name: 'stray percent signs removed', feature: F_PERCENT, decode: dropStrays },
  { name: 'percent-decoded', feature: F_PERCENT, decode: (text) => decodePercent(text, false) },
  { name: 'entities decoded', feature: F_ENTITY, decode: decodeEntities },
  { name: 'escapes decoded', feature: F_BACKSLASH, decode: decodeEscapes },
  { name: 'folded to ASCII', feature: F_WIDE, decode: foldWide },
  { name: 'comments removed', feature: F_SLASH, decode: dropComments },
  { name: 'control characters removed', feature: F_CONTROL, decode: (text) => text.replace(CONTROL, '') },
];

const ANY = F_SLASH | F_PERCENT | F_ENTITY | F_BACKSLASH | F_WIDE | F_CONTROL;
const NONE: readonly Form[] = [];

/**
 * The forms that a text decodes to, each made from the one before; without the text itself. At most eight, and none is
 * longer than the text by more than a small factor.
 * @param place features of the place, which every form has
 */
export function formsOf(text: string, features: number, place = 0): readonly Form[] {
  if ((features & ANY) === 0) return NONE;
  const forms: Form[] = [];
  let current = text;
  let known = features;
  let name = '';
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const before = forms.length;
    for (const decoder of DECODERS) {
      if ((known & decoder.feature) === 0 || forms.length >= MAX_FORMS) continue;
      const decoded = decoder.decode(current);
      if (decoded === current) continue;
      current = decoded;
      known = featuresOf(decoded) | place;
      name = name === '' ? decoder.name : `${name}, ${decoder.name}`;
      forms.push({ name, text: decoded, features: known });
    }
    if (forms.length === before) break;
  }
  return forms;
}
