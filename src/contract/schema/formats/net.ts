import { isBidiDomain, isIdnLabel, isPunycodeLabel } from './idn.ts';

const OCTET = /^(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** RFC 2673, 3.2: four decimal octets, none with a leading zero. */
export function isIpv4(text: string): boolean {
  if (text.length > 15) return false;
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet));
}

/** RFC 4291, 2.2; no zone. */
export function isIpv6(text: string): boolean {
  if (text.length < 2 || text.length > 45) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    if (half === '') continue;
    const parts = half.split(':');
    for (let j = 0; j < parts.length; j++) {
      const part = parts[j]!;
      if (GROUP.test(part)) groups++;
      else if (i === halves.length - 1 && j === parts.length - 1 && isIpv4(part)) groups += 2;
      else return false;
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** RFC 1123, 2.1; labels that are punycode must be so (RFC 5891, 5.3). */
export function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  return text.split('.').every(isAsciiLabel);
}

function isAsciiLabel(label: string): boolean {
  if (!LABEL.test(label)) return false;
  if (label[2] !== '-' || label[3] !== '-') return true;
  return isPunycodeLabel(label.toLowerCase());
}

/** RFC 5890, 2.3.2.3. */
export function isIdnHostname(text: string): boolean {
  if (text.length > 253) return false;
  let length = 0;
  const labels = text.split(/[.\u3002\uff0e\uff61]/);
  if (!isBidiDomain(labels)) return false;
  for (const label of labels) {
    if (/^[\x00-\x7f]*$/.test(label) ? !isAsciiLabel(label) : !isIdnLabel(label)) return false;
    length += label.length + 1;
  }
  return length <= 254;
}

const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;

/** RFC 5321, 4.1.2, Mailbox. */
export const isEmail = (text: string): boolean => isMailbox(text, isHostname);

/** RFC 6531: the same with characters beyond ASCII. */
export function isIdnEmail(text: string): boolean {
  if (text.length > MAX_MAILBOX) return false;
  const normal = text.normalize('NFC');
  const at = normal.lastIndexOf('@');
  return isMailbox(normal.slice(0, at).replace(/[\u0080-\uffff]/g, 'a') + normal.slice(at), isIdnHostname);
}

/** 64 for the local part, 255 for the domain. */
const MAX_MAILBOX = 320;

function isMailbox(text: string, isDomain: (text: string) => boolean): boolean {
  if (text.length > MAX_MAILBOX) return false;
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (local[0] === '"' ? !QUOTED.test(local) : !local.split('.').every((part) => ATOM.test(part))) return false;
  if (domain[0] !== '[' || !domain.endsWith(']')) return isDomain(domain);
  const literal = domain.slice(1, -1);
  return literal.slice(0, 5).toLowerCase() === 'ipv6:' ? isIpv6(literal.slice(5)) : isIpv4(literal);
}
