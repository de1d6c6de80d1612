import { couldBeKnown, HASH_START, hashStep } from './programs.ts';

/** What ends a word, goes on with it, disguises it, or shows that it is no command. */
const ENDS = 1;
const PART = 2;
const DISGUISE = 3;
const ASSIGNS = 4;
const DRIVE = 5;
const KIND = new Uint8Array(128);
for (let c = 0; c <= 32; c++) KIND[c] = ENDS;
for (const each of ';|&<>()') KIND[each.charCodeAt(0)] = ENDS;
for (let c = 97; c <= 122; c++) KIND[c] = KIND[c - 32] = PART;
for (let c = 48; c <= 57; c++) KIND[c] = PART;
for (const each of '_-.') KIND[each.charCodeAt(0)] = PART;
for (const each of '\'"\\$`^?*%') KIND[each.charCodeAt(0)] = DISGUISE;
KIND[0x3d] = ASSIGNS;
KIND[0x3a] = DRIVE;
KIND[0x2f] = ENDS;
KIND[0x5b] = DISGUISE;

/** Characters of a word that are looked at. */
const MAX_WORD = 64;

/** Marks that may stand before a command: `(id)`, `{ id`, `!id`, `@echo`, quotes. */
const MAX_MARKS = 3;

/** Whether the word at a place is worth reading as a command. Most are not, and are told from their letters alone. */
export function couldBeCommand(text: string, from: number): boolean {
  const { length } = text;
  let at = from;
  let c = text.charCodeAt(at);
  while (
    at - from < MAX_MARKS &&
    (c === 0x28 || c === 0x7b || c === 0x21 || c === 0x40 || c === 0x22 || c === 0x27 || c === 0x20)
  )
    c = text.charCodeAt(++at);
  let i = at;
  if (c === 0x2f) c = text.charCodeAt(++i);
  else if (!isLetter(c)) return begins(text, at, c);
  const most = Math.min(length, at + MAX_WORD);
  let hash = HASH_START;
  while (i < most && c < 128 && KIND[c] === PART) {
    hash = hashStep(hash, c | 0x20);
    c = text.charCodeAt(++i);
  }
  if (i >= length) return couldBeKnown(hash) || isExecutable(text, i);
  if (c >= 128) return false;
  switch (KIND[c]) {
    case ENDS:
      return couldBeKnown(hash) || isExecutable(text, i);
    case DISGUISE:
      return goesOn(text, i, c) || couldBeKnown(hash);
    case ASSIGNS:
      return precedesCommand(text, i, most);
    case DRIVE:
      return i === at + 1 && text.charCodeAt(i + 1) === 0x5c;
    default:
      // `{cat,/x}`
      return c === 0x2c && at > from && couldBeKnown(hash);
  }
}

/** What is no letter: a variable, a disguise, `. file`, `[c]at`. */
function begins(text: string, at: number, c: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (c === 0x2e) return next === 0x20 || next === 0x2f || next === 0x2e;
  if (c === 0x5b) return text.charCodeAt(at + 2) === 0x5d;
  if (c === 0x25 || c === 0x5e || c === 0x3f || c === 0x5c) return isLetter(next) || next === c;
  return c === 0x24 || c === 0x60;
}

const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;

const isExecutable = (text: string, end: number): boolean =>
  text.charCodeAt(end - 4) === 0x2e && /^(?:exe|com)$/i.test(text.slice(end - 3, end));

/** A disguise stands within a word, or is a variable: not `what?` and `a[0]`. */
function goesOn(text: string, at: number, c: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (c === 0x22 || c === 0x27) return isLetter(next) || next === c;
  if (c === 0x3f || c === 0x2a || c === 0x5b) return isLetter(next) || text.charCodeAt(at - 1) === 0x2f;
  return next > 0x20;
}

/** `A=b program`: a blank follows the value, not another parameter. */
function precedesCommand(text: string, from: number, most: number): boolean {
  let at = from;
  while (at < most && (text.charCodeAt(at) >= 128 || KIND[text.charCodeAt(at)] !== ENDS)) at++;
  return at < most && text.charCodeAt(at) === 0x20;
}
