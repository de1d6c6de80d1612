import type { Weak } from './weaknesses.ts';

const LINES = 1_000;
const LONGEST = 500;

/** What was asked of the clinic, a line a request, kept in memory and read by the administrators. */
export class Log {
  readonly #weak: Weak;
  readonly #lines: string[] = [];

  constructor(weak: Weak) {
    this.#weak = weak;
  }

  /** @param target as it was sent, percent-encoded. */
  add(principal: string, method: string, target: string, status: number): void {
    const time = new Date().toISOString();
    if (this.#weak('log-forging')) {
      // careless: decoded, so that it reads well; whoever sends a line feed writes a line of their own
      this.#keep(`${time} ${principal} ${method} ${decoded(target)} ${status}`);
    } else {
      // The path only: queries hold names of patients. One request is one line, whatever stands in it.
      const path = target.replace(/\?.*/s, '').slice(0, LONGEST);
      this.#keep(`${time} ${printable(principal)} ${printable(method)} ${printable(path)} ${status}`);
    }
  }

  /** The last `count` entries, oldest first. */
  last(count: number): string {
    return this.#lines
      .slice(-count)
      .map((line) => `${line}\n`)
      .join('');
  }

  #keep(line: string): void {
    this.#lines.push(line.slice(0, 4 * LONGEST));
    if (this.#lines.length > LINES) this.#lines.shift();
  }
}

const printable = (text: string): string =>
  text.replace(/[^\x21-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

function decoded(target: string): string {
  try {
    return decodeURIComponent(target.replaceAll('+', ' '));
  } catch {
    return target;
  }
}
