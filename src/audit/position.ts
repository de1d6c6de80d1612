import { readHead } from './head.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import type { Found } from './search.ts';
import { scanLines } from './segments.ts';
import { inclusionProof, MissingTile, tileSource } from './tiles.ts';

/** What the tree says of one record. */
export interface Position {
  readonly index: number;
  /** Records the newest checkpoint signs; -1 where there is none that can be believed. */
  readonly signed: number;
  /**
   * `proven`: its inclusion proof leads to the signed root. `unsigned`: it was written after the newest checkpoint.
   * `disproven`: the signed log holds another record in its place, or the tiles were damaged.
   */
  readonly state: 'proven' | 'unsigned' | 'disproven';
  readonly reason?: string;
  readonly root?: string;
  /** Hashes of the inclusion proof (RFC 9162, section 2.1.3), base64. */
  readonly proof?: readonly string[];
}

/** Looks up a record's place in its log's tree and checks its inclusion proof against the newest checkpoint. */
export async function positionOf(found: Found): Promise<Position> {
  const { log, record, segment, offset } = found;
  const index = record.n;
  const head = await readHead(log.directory);
  if (head.checkpoint === undefined)
    return { index, signed: -1, state: 'disproven', reason: head.problem ?? 'there is no checkpoint' };
  const { size, root } = head.checkpoint;
  if (index >= size) return { index, signed: size, state: 'unsigned' };
  let leaf: Buffer | undefined;
  await scanLines(
    segment.path,
    (bytes, start, end) => {
      leaf = leafHash(bytes.subarray(start, end));
      return false;
    },
    { from: offset },
  );
  try {
    const proof = await inclusionProof(tileSource(log.directory, size), index, size);
    const state = leaf !== undefined && verifyInclusion(index, size, leaf, proof, root) ? 'proven' : 'disproven';
    return {
      index,
      signed: size,
      state,
      ...(state === 'proven' ? {} : { reason: 'its hash is not the one that was signed' }),
      root: root.toString('base64'),
      proof: proof.map((hash) => hash.toString('base64')),
    };
  } catch (error) {
    if (!(error instanceof MissingTile)) throw error;
    return { index, signed: size, state: 'disproven', reason: `${error.message} is missing` };
  }
}
