import type { FileFault } from './fault.ts';
import { harmful, invalid } from './fault.ts';
import type { FilesSettings } from './settings.ts';

/** Below this an archive may be packed as tightly as it likes: text of one letter is no bomb yet. */
const FREE = 1024 * 1024;

/** What the files of one request may still unpack to: counted for all of them together, at every depth. */
export class Budget {
  readonly limits: FilesSettings['archives'];
  #entries = 0;
  #unpacked = 0;

  constructor(limits: FilesSettings['archives']) {
    this.limits = limits;
  }

  /** Bytes that may still be unpacked. */
  get left(): number {
    return this.limits.maxUnpacked - this.#unpacked;
  }

  get entriesLeft(): number {
    return this.limits.maxEntries - this.#entries;
  }

  entries(count: number): void {
    this.#entries += count;
  }

  /**
   * Takes what is about to be unpacked.
   *
   * @param packed bytes that it is made of
   * @param depth archives around it: a big archive is a mistake, one that grows from within another is not
   */
  take(unpacked: number, packed: number, depth: number): FileFault | undefined {
    if (unpacked > FREE && unpacked > packed * this.limits.maxRatio)
      return harmful('archive-bomb', `unpacks to more than ${this.limits.maxRatio} times its size`);
    if (unpacked > this.left) {
      const why = `unpacks to more than ${this.limits.maxUnpacked} bytes`;
      return depth > 1 ? harmful('archive-bomb', why) : invalid('archive-size', why);
    }
    this.#unpacked += unpacked;
    return undefined;
  }
}
