import { connect, type Socket } from 'node:net';
import type { ScanSettings } from './settings.ts';

/** What the scanner says. `failed` is everything that is no result: no answer, half of one, one that makes no sense. */
export type Verdict =
  | { readonly result: 'clean' }
  | { readonly result: 'found'; readonly signature: string }
  | { readonly result: 'failed'; readonly why: string };

/** Bytes of one chunk on the wire. */
const CHUNK = 256 * 1024;
/** Bytes of an answer; a longer one is none. */
const MAX_REPLY = 4096;
const COMMAND = Buffer.from('zINSTREAM\0', 'latin1');
const LAST = Buffer.alloc(4);
const REPLY = /^stream: (?:(OK)|([\x20-\x7e]{1,300}) FOUND)$/;

/**
 * Shows one file to clamd (clamd(8), command INSTREAM): chunks with their length before them, on a connection of their own.
 * Never rejects.
 *
 * @param deadline `performance.now()` at which the answer must be there
 */
export function scan(settings: ScanSettings, bytes: Buffer, deadline: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const left = deadline - performance.now();
    if (left <= 0) return resolve({ result: 'failed', why: 'no time is left to scan it' });
    const socket: Socket =
      settings.socket === undefined
        ? connect({ host: settings.host, port: settings.port as number })
        : connect({ path: settings.socket });
    let reply = '';
    let problem = 'closed the connection without an answer';
    let settled = false;
    const settle = (verdict: Verdict): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      socket.destroy();
      resolve(verdict);
    };
    const timer = setTimeout(() => settle({ result: 'failed', why: 'did not answer in time' }), left);
    socket.setEncoding('latin1');
    socket.on('connect', () => send(socket, bytes));
    socket.on('data', (text) => {
      reply += text;
      const end = reply.indexOf('\0');
      if (end >= 0) settle(verdictOf(reply.slice(0, end)));
      else if (reply.length > MAX_REPLY) settle({ result: 'failed', why: 'answered more than an answer is long' });
    });
    // An answer may stand in the way of what is still being sent: the one that came counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      problem = `cannot be reached (${error.code ?? 'error'})`;
    });
    socket.on('close', () => settle({ result: 'failed', why: problem }));
  });
}

function send(socket: Socket, bytes: Buffer): void {
  socket.cork();
  socket.write(COMMAND);
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    socket.write(chunk);
  }
  socket.write(LAST);
  socket.uncork();
}

function verdictOf(reply: string): Verdict {
  const match = REPLY.exec(reply);
  if (match === null) {
    const said = reply.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 100);
    return { result: 'failed', why: `gave no result: ${said}` };
  }
  return match[1] === undefined ? { result: 'found', signature: match[2] as string } : { result: 'clean' };
}
