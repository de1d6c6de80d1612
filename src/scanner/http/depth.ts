/**
 * Whether the brackets of a JSON text nest deeper than `most`. Reads once, and stops where it is known. What is no JSON
 * gives some answer.
 */
export function deeperThan(text: string, most: number): boolean {
  // As many brackets must be opened, and closed again.
  if (text.length < 2 * most) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      at = endOfString(text, at);
      if (at === -1) return false;
    } else if (char === 0x5b || char === 0x7b) {
      if (++depth > most) return true;
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
  return false;
}

/** Index of the quote that closes the string; -1 where none does. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}
