import type { Readable, Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';

/** Bytes of a secret read from standard input. */
const MOST = 8192;

export interface Terminal {
  readonly input: Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;
  readonly output: Writable;
}

const STANDARD = (): Terminal => ({ input: process.stdin, output: process.stderr });

/**
 * Reads a secret: at a terminal it asks and shows nothing of what is typed, else it takes the first line of what is piped in.
 * @returns undefined where it was cancelled, or nothing or too much came
 */
export async function readSecret(prompt: string, terminal: Terminal = STANDARD()): Promise<string | undefined> {
  return terminal.input.isTTY === true ? typed(prompt, terminal) : piped(terminal.input);
}

/** Whether a person is there to be asked twice. */
export const isTerminal = (terminal: Terminal = STANDARD()): boolean => terminal.input.isTTY === true;

async function piped(input: Readable): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Buffer | string);
    chunks.push(bytes);
    size += bytes.length;
    if (size > MOST) return undefined;
    if (bytes.includes(0x0a)) break;
  }
  return decoded(Buffer.concat(chunks))?.split(/\r?\n/, 1)[0] || undefined;
}

function typed(prompt: string, { input, output }: Terminal): Promise<string | undefined> {
  output.write(prompt);
  input.setRawMode?.(true);
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const done = (text: string | undefined) => {
      input.off('data', take);
      input.off('end', ended);
      input.setRawMode?.(false);
      input.pause();
      output.write('\n');
      resolve(text);
    };
    const ended = () => done(undefined);
    const take = (chunk: Buffer | string) => {
      for (const byte of Buffer.from(chunk as string)) {
        if (byte === 0x0d || byte === 0x0a) return done(decoded(bytes) || undefined);
        if (byte === 0x03 || byte === 0x04) return done(undefined);
        if (byte === 0x7f || byte === 0x08) bytes = withoutLastCharacter(bytes);
        else if (byte === 0x15) bytes = Buffer.alloc(0);
        else bytes = Buffer.concat([bytes, Buffer.of(byte)]);
        if (bytes.length > MOST) return done(undefined);
      }
    };
    input.on('data', take);
    input.once('end', ended);
    input.resume();
  });
}

/** Takes off one character of UTF-8, not one byte. */
function withoutLastCharacter(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  let end = bytes.length - 1;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, Math.max(0, end));
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
