import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { createOutbound } from '../outbound/guarded.ts';
import { discover, NEEDS_A_CONTRACT } from '../scanner/discover/discover.ts';
import { inMemory, MADE } from '../scanner/discover/entering.ts';
import { createClient } from '../scanner/http/client.ts';
import { OptionError } from '../scanner/options/as.ts';
import type { FoundContract } from '../scanner/options/plan.ts';
import type { ResolvedScan } from '../scanner/options/resolve.ts';
import { readTextFile } from '../scanner/options/text-file.ts';
import { printable } from './printable.ts';

/** Bytes of a HAR file. */
const HAR = 256 * 1024 * 1024;

/** `--discover`, as the command line has it. */
export interface DiscoveryOptions {
  readonly har: string | undefined;
  readonly writeContract: string | undefined;
  readonly signal: AbortSignal;
  /** What is told while it goes on. */
  say(text: string): void;
}

/**
 * Finds the contract of an API, and writes it to the file that was named.
 * @throws OptionError where nothing was found, LoadError where a file can't be read
 */
export const discoveryOf =
  ({ har, writeContract, signal, say }: DiscoveryOptions) =>
  async (scan: ResolvedScan, ca: string | undefined): Promise<FoundContract> => {
    const { base, basePath, identities, options } = scan;
    const file = har === undefined ? undefined : { text: readTextFile(har, 'HAR', HAR), file: har };
    say(`looking for the contract of ${base.origin}${basePath ?? ''}`);
    const client = createClient({
      base,
      concurrency: options.concurrency,
      rate: options.rate,
      timeout: options.timeout,
      signal,
      ca,
      insecure: scan.insecure,
      observe: () => undefined,
      note: (text) => say(printable(text)),
    });
    try {
      const { timeout, seed } = options;
      const found = await discover({ base, basePath, client, identities, har: file, timeout, seed, signal });
      for (const text of found.notes) say(printable(text));
      if (isEmpty(found.document))
        throw new OptionError(
          `no operation was found at ${base.origin}${basePath ?? ''}: is it the right address? Give a HAR file (--har), tokens (--as), or the contract`,
        );
      const skip = found.published === undefined ? NEEDS_A_CONTRACT : [];
      if (skip.length > 0)
        say(
          `left out, since a contract that was made by looking forbids nothing: ${skip.join(', ')}; correct the contract, and scan with it`,
        );
      if (writeContract !== undefined) {
        keep(writeContract, found.document);
        say(`written: ${printable(writeContract)}`);
        return { source: writeContract, outbound: createOutbound(), skip };
      }
      const source = new URL(found.published ?? MADE, base).href;
      return { source, outbound: inMemory(source, found.document, createOutbound()), skip };
    } finally {
      client.close();
    }
  };

const isEmpty = (document: object): boolean =>
  Object.keys((document as { readonly paths?: object }).paths ?? {}).length === 0;

function keep(file: string, document: object): void {
  const text = /\.json$/i.test(file)
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { lineWidth: 160, aliasDuplicateObjects: false });
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new OptionError(
      `--write-contract ${file}: it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    );
  }
}
