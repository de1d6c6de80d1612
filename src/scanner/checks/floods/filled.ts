/** A body that is mostly one character: small as a command, large on the wire. */
export interface Filled {
  readonly body: Uint8Array;
  /** A shell command that prints it. */
  readonly command: string;
}

/**
 * @param fill one ASCII character, repeated `count` times between `head` and `tail`
 */
export function filled(head: string | Uint8Array, fill: string, count: number, tail: string | Uint8Array): Filled {
  const before = Buffer.from(head as string);
  const after = Buffer.from(tail as string);
  const body = Buffer.alloc(before.length + count + after.length, fill);
  before.copy(body, 0);
  after.copy(body, before.length + count);
  const run = `head -c ${count} /dev/zero | tr '\\000' '${fill}'`;
  return { body, command: `{ ${[...printing(before), run, ...printing(after)].join('; ')}; }` };
}

/** `printf` with every byte that a shell, or printf, could read in another way written as a number. */
function printing(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const text = bytes
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9 ._/:;,"=<>(){}[\]+*&#@!?|~^$-]/g,
      (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
  return [`printf '${text.replace(/^-/, '\\055')}'`];
}

/** The command that prints `text` `count` times, without line ends between them. */
export const repeated = (text: string, count: number): string => `yes '${text}' | head -n ${count} | tr -d '\\n'`;
