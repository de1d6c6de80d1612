import { formatDuration } from '../../shared/duration.ts';
import { scan } from './clamd.ts';
import type { GivenFile } from './judge-file.ts';
import type { ScanSettings } from './settings.ts';

/** What became of the files of one request. */
export type Scanned =
  | { readonly outcome: 'clean' }
  | { readonly outcome: 'found'; readonly file: GivenFile; readonly signature: string }
  | { readonly outcome: 'too-large'; readonly file: GivenFile }
  | { readonly outcome: 'failed'; readonly file: GivenFile; readonly why: string }
  | { readonly outcome: 'busy' };

/** Requests whose files are scanned at once: clamd has ten threads unless told otherwise, and a queue in its memory. */
const MAX_AT_ONCE = 32;
const running = new Map<string, number>();

/** Shows files to the scanner, one after the other, within the time that is set for all of them. */
export async function scanFiles(settings: ScanSettings, files: readonly GivenFile[]): Promise<Scanned> {
  const large = files.find((file) => file.bytes.length > settings.maxSize);
  if (large !== undefined) return { outcome: 'too-large', file: large };
  const scanner = settings.socket ?? `${settings.host}:${settings.port}`;
  const busy = running.get(scanner) ?? 0;
  if (busy >= MAX_AT_ONCE) return { outcome: 'busy' };
  running.set(scanner, busy + 1);
  try {
    const deadline = performance.now() + settings.timeout;
    for (const file of files) {
      if (file.bytes.length === 0) continue;
      const verdict = await scan(settings, file.bytes, deadline);
      if (verdict.result === 'found') return { outcome: 'found', file, signature: verdict.signature };
      if (verdict.result === 'failed') return { outcome: 'failed', file, why: verdict.why };
    }
    return { outcome: 'clean' };
  } finally {
    running.set(scanner, (running.get(scanner) ?? 1) - 1);
  }
}

/** Which scanner, for people. */
export const nameOfScanner = ({ socket, host, port, timeout }: ScanSettings): string =>
  `clamd at ${socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`}, within ${formatDuration(timeout)}`;
