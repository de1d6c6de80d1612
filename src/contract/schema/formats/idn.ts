import { domainToASCII, domainToUnicode } from 'node:url';

/** RFC 5892, 2.6: valid or not whatever their category says. */
const VALID = new Set([0xdf, 0x3c2, 0x6fd, 0x6fe, 0xf0b, 0x3007]);
const INVALID = new Set([0x640, 0x7fa, 0x302e, 0x302f, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303b]);
const LETTER_DIGIT = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
const MARK = /^\p{M}/u;
const OLD_JAMO = /^[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]$/;
/** Signs that join letters (canonical combining class 9). */
const VIRAMA =
  /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed]$/u;
/** Scripts whose letters join, so that a non-joiner between two says something. */
const JOINING = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Mandaic}]/u;
const LONGEST = 63;

/** Whether a label beyond ASCII is a U-label (RFC 5891, 4.2; RFC 5892). */
export function isIdnLabel(label: string): boolean {
  if (label === '' || label.length > LONGEST || label !== label.normalize('NFC')) return false;
  if (label[0] === '-' || label.endsWith('-') || label.slice(2, 4) === '--' || MARK.test(label)) return false;
  const points = [...label];
  for (let i = 0; i < points.length; i++) if (!isAllowed(points, i, label)) return false;
  const ascii = domainToASCII(label);
  return ascii === '' || ascii.length <= LONGEST;
}

/** Whether a label that begins like punycode stands for a U-label (RFC 5891, 5.3 and 5.4). */
export function isPunycodeLabel(label: string): boolean {
  if (!label.startsWith('xn--')) return false;
  const unicode = domainToUnicode(label);
  if (unicode === '' || unicode === label || unicode.includes('.')) return false;
  return isIdnLabel(unicode) && domainToASCII(unicode) === label;
}

function isAllowed(points: readonly string[], i: number, label: string): boolean {
  const char = points[i]!;
  const code = char.codePointAt(0)!;
  const before = points[i - 1];
  const after = points[i + 1];
  if (code < 0x80) return /[a-z0-9-]/.test(char);
  switch (code) {
    // RFC 5892, appendix A: characters that are right in one company only.
    case 0x200c:
      return (
        before !== undefined &&
        (VIRAMA.test(before) || (after !== undefined && JOINING.test(before) && JOINING.test(after)))
      );
    case 0x200d:
      return before !== undefined && VIRAMA.test(before);
    case 0xb7:
      return before === 'l' && after === 'l';
    case 0x375:
      return after !== undefined && /\p{Script=Greek}/u.test(after);
    case 0x5f3:
    case 0x5f4:
      return before !== undefined && /\p{Script=Hebrew}/u.test(before);
    case 0x30fb:
      return /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(label.replaceAll('\u30fb', ''));
  }
  if (code >= 0x660 && code <= 0x669) return !/[\u06f0-\u06f9]/.test(label);
  if (code >= 0x6f0 && code <= 0x6f9) return !/[\u0660-\u0669]/.test(label);
  if (VALID.has(code)) return true;
  if (INVALID.has(code) || OLD_JAMO.test(char) || !LETTER_DIGIT.test(char)) return false;
  return char.normalize('NFKC').toLowerCase().normalize('NFKC') === char;
}

const RIGHT =
  /(?![\u0660-\u0669\u06f0-\u06f9])[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const ARABIC_DIGIT = /[\u0660-\u0669]/;
const EUROPEAN_DIGIT = /[0-9\u06f0-\u06f9]/;
const LETTER = /^\p{L}/u;

/** RFC 5893, 2: where a label is written from right to left, all must be readable in one direction. */
export function isBidiDomain(labels: readonly string[]): boolean {
  if (!labels.some((label) => RIGHT.test(label) || ARABIC_DIGIT.test(label))) return true;
  return labels.every((label) => {
    if (label === '') return true;
    const first = String.fromCodePoint(label.codePointAt(0)!);
    if (!LETTER.test(first) && !RIGHT.test(first)) return false;
    if (!RIGHT.test(first)) return !RIGHT.test(label) && !ARABIC_DIGIT.test(label);
    if (ARABIC_DIGIT.test(label) && EUROPEAN_DIGIT.test(label)) return false;
    return ![...label].some((char) => LETTER.test(char) && !RIGHT.test(char));
  });
}
