import { type FileFault, harmful, invalid } from '../fault.ts';

/** What a reader of RTF does by itself: fetch a template, update an object, ask another program. */
const TEMPLATE = /\\\*\\template\s{0,20}(?:\\[a-z]+\d{0,5}\s?){0,5}(?:https?:|ftp:|\\\\|\/\/)/i;
const UPDATES = /\\objupdate\b|\\objautlink\b|\\objocx\b/;
/** The equation editor (CVE-2017-11882), by class name or by the first bytes of its CLSID in hexadecimal digits. */
const EQUATION = /\\objclass\s{1,20}Equation\.[23]|02ce020000000000c0000000000000/i;
const FIELD = /\\fldinst[^\\]{0,20}(?:[\s{]|\\[a-z*'][a-z0-9-]{0,30}){0,12}\s{0,20}["']?DDE(?:AUTO)?\b/i;
/** A program, as hexadecimal digits of an object: `MZ` and the sentence in its stub. */
const PROGRAM = /546869732070726f6772616d2063616e6e6f742062652072756e/i;

/** Judges a rich text document. */
export function judgeRtf(bytes: Buffer): FileFault | undefined {
  const text = bytes.toString('latin1');
  if (TEMPLATE.test(text)) return harmful('rtf-template', 'is a document that fetches a template');
  if (FIELD.test(text)) return harmful('rtf-dde', 'is a document that starts a program');
  if (UPDATES.test(text)) return harmful('rtf-object', 'is a document with an object that is opened by itself');
  if (!text.includes('\\obj')) return undefined;
  // Digits may be parted by spaces and groups: they are read without.
  const digits = text.replace(/[\s{}]+|\\[a-z*]+-?\d{0,10} ?/gi, '');
  if (EQUATION.test(text) || EQUATION.test(digits))
    return invalid('rtf-object', 'is a document with an object of the old equation editor');
  return PROGRAM.test(digits) ? harmful('program', 'is a document with a program in it') : undefined;
}
