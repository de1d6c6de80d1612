/**
 * Text that came from outside, made safe to write and to show: a reader of the log must see what was sent, and a
 * terminal or log viewer must not be steered by it.
 */

// C0, DEL, C1; bidi controls and marks; line separators; zero-width and invisible characters; surrogates (looked at one by one).
export const UNSAFE =
  /["\\\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/;
const UNSHOWABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/;

const escapeUnit = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** Escapes what `pattern` names; surrogate pairs stay, but lone surrogates and invisible tag characters do not. */
function escapeUnits(text: string, pattern: RegExp): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const character = text[i] as string;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(i + 1);
      const paired = next >= 0xdc00 && next <= 0xdfff;
      // U+E0000 to U+E0FFF (tags, variation selectors): never seen, can hide a message.
      const invisible = unit >= 0xdb40 && unit <= 0xdb43;
      if (paired && !invisible) out += character + text[++i];
      else out += escapeUnit(unit);
    } else if (!pattern.test(character)) out += character;
    else if (unit === 0x22 || unit === 0x5c) out += `\\${character}`;
    else out += escapeUnit(unit);
  }
  return out;
}

/** Cuts to `cap` UTF-16 units, the last one an ellipsis where something was cut. */
export const capped = (text: string, cap: number): string =>
  text.length > cap ? `${text.slice(0, Math.max(0, cap - 1))}…` : text;

/**
 * A JSON string (RFC 8259, section 7) that holds no control, bidirectional, invisible or line-separating character.
 * @param cap UTF-16 units kept
 */
export function quote(text: string, cap: number): string {
  const cut = text.length > cap ? capped(text, cap) : text;
  return UNSAFE.test(cut) ? `"${escapeUnits(cut, UNSAFE)}"` : `"${cut}"`;
}

/** Text for a terminal: what could move the cursor, change colours or reorder is shown as `\uXXXX`. */
export const printable = (text: string): string => (UNSHOWABLE.test(text) ? escapeUnits(text, UNSHOWABLE) : text);

/** JSON that is safe to print, whatever was read. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value) ?? 'null');
