import type { IncomingMessage } from 'node:http';

/** Bytes of a form of ours; a passkey's answer is the longest there is. */
const MOST = 32 * 1024;
const MOST_FIELDS = 40;

/**
 * Reads a form that a page of ours has sent: URL-encoded UTF-8, each name once.
 * @returns undefined for anything else
 */
export async function readForm(req: IncomingMessage): Promise<ReadonlyMap<string, string> | undefined> {
  if (!/^application\/x-www-form-urlencoded(?:\s*;\s*charset=utf-8)?$/i.test(req.headers['content-type'] ?? ''))
    return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST) return undefined;
    chunks.push(chunk);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name) || form.size >= MOST_FIELDS) return undefined;
    form.set(name, value);
  }
  return form;
}
