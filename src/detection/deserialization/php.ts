import { F_COLON, F_UNDERSCORE } from '../features.ts';
import { anyOf } from '../shared/any-of.ts';
import { CODE, MAYBE, PROBE } from '../template/weights.ts';
import { HARMLESS, type Harm } from './bytes.ts';

/** What `serialize` of PHP writes for an object, one with its own format, or a case of an enumeration. */
const OBJECT = anyOf(
  '',
  /(?:^|[;{|\s"'])[OC]:\+?\d{1,10}:\\?"[A-Za-z_\\][\w\\\x80-\uffff]{0,200}\\?":\+?\d{1,10}:\{/,
  /(?:^|[;{|\s"'])E:\+?\d{1,10}:\\?"[A-Za-z_\\][\w\\]{0,200}:\w{1,100}\\?";/,
);
/** The value is a serialized one from its beginning, or a session's: `name|value`. */
const BEGINS = /^[\s"']{0,8}(?:\w{1,64}\|)?(?:[aOC]:\+?\d{1,10}:|E:\d)/;
const ARRAY = /^[\s"']{0,8}a:\+?\d{1,10}:\{(?:[is]:|\}[\s"']{0,4}$)/;
/** A switch in place of a text: compares equal to whatever it is compared with, loosely. */
const SWITCH = /s:\d{1,4}:\\?"[^"]{1,64}\\?";b:[01];/;
const STUB = /__HALT_COMPILER\s{0,4}\(\s{0,4}\)\s{0,4};\s{0,8}\?>/i;

const OBJECTS: Harm = { weight: CODE, why: 'is a serialized object of PHP' };
const QUOTED: Harm = { weight: MAYBE, why: 'has a serialized object of PHP in it' };
const SWITCHES: Harm = { weight: PROBE, why: 'is a serialized array of PHP with switches for texts' };
const PLAIN_ARRAY: Harm = { weight: MAYBE, why: 'is a serialized array of PHP' };
const ARCHIVE: Harm = { weight: PROBE, why: 'is an archive of PHP, which holds objects' };
const READS: Harm = { weight: PROBE, why: 'reads an archive of PHP, which holds objects' };
const PHAR = /^\s{0,8}phar:\/\//i;

/** An archive, or a value that names one to be read. */
export function weighArchive(text: string, features: number): Harm {
  if (features & F_UNDERSCORE && text.includes('__HALT_COMPILER')) return STUB.test(text) ? ARCHIVE : HARMLESS;
  return features & F_COLON && PHAR.test(text) ? READS : HARMLESS;
}

/** What `unserialize` of PHP would make of a text. */
export function weighPhp(text: string): Harm {
  const begins = BEGINS.test(text);
  if (!begins && text.indexOf(':{') < 0) return HARMLESS;
  if (OBJECT.test(text)) return begins ? OBJECTS : QUOTED;
  if (!begins || !ARRAY.test(text)) return HARMLESS;
  return SWITCH.test(text) ? SWITCHES : PLAIN_ARRAY;
}
