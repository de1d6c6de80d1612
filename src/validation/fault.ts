import type { RefusalCode, Violation } from '../gateway/refusal.ts';

/** Violations told at most: enough to mend a request by, too few to be worth making a thousand of. */
export const MAX_VIOLATIONS = 20;
/** Characters of a pointer that are told: a client may send a key of a megabyte. */
const MAX_POINTER = 200;

/** Something that cannot be read at all. Refused in every mode: what is not understood is not forwarded. */
export class Malformed {
  readonly pointer: string;
  readonly detail: string;
  readonly code: RefusalCode;
  constructor(pointer: string, detail: string, code: RefusalCode = 'invalid-request') {
    this.pointer = capPointer(pointer);
    this.detail = detail;
    this.code = code;
  }
}

/** Collects what was understood but is not what the contract says. */
export class Violations {
  readonly list: Violation[] = [];
  add(where: string, pointer: string, detail: string): void {
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ in: where, pointer: capPointer(pointer), detail });
  }
  get some(): boolean {
    return this.list.length > 0;
  }
}

/** One token of a JSON pointer with its slash (RFC 6901, section 3). */
export function token(name: string | number): string {
  if (typeof name === 'number') return `/${name}`;
  const short = name.length > MAX_POINTER ? name.slice(0, MAX_POINTER) : name;
  return `/${short.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const capPointer = (pointer: string): string =>
  pointer.length <= MAX_POINTER ? pointer : `${pointer.slice(0, MAX_POINTER)}…`;
