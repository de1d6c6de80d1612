import type { Match, Sensitivity } from '../classes/class.ts';

/** Characters of a distinguished name that are read, and parts of one. */
const MAX_LENGTH = 1024;
const MAX_PARTS = 32;

const PLAIN = /[^=,;+"\\<>#{}()[\]:/?&\r\n]{1,64}/y;
const PART = /\s{0,4}[,;+]\s{0,4}(ou|dc|cn|o|uid|c|l|st|sn|street|userid)\s{0,4}=\s{0,4}[^=,;+"<>\r\n]{1,128}/iy;
/** A comparison by a matching rule's OID, as questions about one byte of a password use it (RFC 4515: extensible). */
const RULE = /^\s{0,8}[A-Za-z][\w-]{0,63}:(?:dn:)?\d{1,3}(?:\.\d{1,10}){3,12}:=/;
const LDIF = /[\r\n]{1,4}changetype:\s{0,4}(?:add|modify|delete|modrdn|moddn)\b/i;

/**
 * Set into a distinguished name (RFC 4514: `uid=VALUE,ou=people,...`), does a value end its part and add others? What
 * begins as a name of its own is one.
 */
export function searchName(text: string, sensitivity: Sensitivity): Match | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (text.includes('changetype:') && !/^\s{0,8}(?:dn|version)\s{0,4}:/i.test(text)) {
    const found = LDIF.exec(text);
    if (found !== null)
      return {
        start: found.index,
        end: found.index + found[0].length,
        why: 'ends its line and adds a change to the directory',
      };
  }
  const rule = RULE.exec(text);
  if (rule !== null) return { start: 0, end: rule[0].length, why: 'compares an attribute by a rule of its own' };
  PLAIN.lastIndex = 0;
  if (!PLAIN.test(text)) return undefined;
  const from = PLAIN.lastIndex;
  let at = from;
  let parts = 0;
  let domains = 0;
  while (at < text.length && parts < MAX_PARTS) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (part === null) return undefined;
    parts++;
    if ((part[1] as string).toLowerCase() === 'dc') domains++;
    at = PART.lastIndex;
  }
  if (parts === 0 || (sensitivity !== 'high' && (domains === 0 || parts < 2))) return undefined;
  return { start: from, end: at, why: 'ends its part of a distinguished name and adds others' };
}
