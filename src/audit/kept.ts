import type { Findings } from './findings.ts';
import { type Head, judgeCheckpoint } from './head.ts';
import { verifyConsistency } from './merkle.ts';
import {
  type Checkpoint,
  formatVerifier,
  parseCheckpoint,
  parseNote,
  parseVerifier,
  splitNotes,
  type Verifier,
} from './note.ts';
import type { Reading } from './reading.ts';
import { consistencyProof, MissingTile, tileSource } from './tiles.ts';

/** A checkpoint that the owner kept elsewhere, with the key it was kept with if it was. */
export interface KeptCheckpoint {
  readonly source: string;
  readonly checkpoint: Checkpoint;
  readonly verifier: Verifier | undefined;
}

/** How `audit checkpoint` writes a public key beside a checkpoint. */
export const KEY_COMMENT = '# key ';

/**
 * Reads a file of kept checkpoints: signed notes one after the other, with `# key NAME+ID+KEY` comments.
 * @throws SyntaxError saying what is wrong
 */
export function parseKept(text: string): KeptCheckpoint[] {
  const verifiers = new Map<string, Verifier>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(KEY_COMMENT)) continue;
    const verifier = parseVerifier(line.slice(KEY_COMMENT.length));
    if (verifier === undefined) throw new SyntaxError('it holds a "# key" line that is no key');
    verifiers.set(verifier.name, verifier);
  }
  const kept = splitNotes(text).map((source) => {
    const note = parseNote(source);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
    if (checkpoint === undefined) throw new SyntaxError('it holds something that is no checkpoint');
    return { source, checkpoint, verifier: verifiers.get(checkpoint.origin) };
  });
  if (kept.length === 0) throw new SyntaxError('it holds no checkpoint');
  return kept;
}

/**
 * Whether the log continues what was kept. This is what finds someone who had the disk, and the signing key on it, and
 * signed a history of their own.
 */
export async function compareKept(
  directory: string,
  kept: KeptCheckpoint,
  head: Head,
  reading: Reading,
  findings: Findings,
): Promise<void> {
  const { size, root } = kept.checkpoint;
  const named = `the checkpoint kept at ${size} records`;
  const verifier = kept.verifier ?? head.verifier;
  if (verifier !== undefined) {
    const judged = judgeCheckpoint(kept.source, verifier);
    if (typeof judged === 'string')
      findings.add(
        'key',
        `${named} cannot be believed: ${judged}; it is not of this log, or the key of the log was replaced`,
      );
  }
  if (kept.verifier !== undefined && head.verifier !== undefined && !kept.verifier.raw.equals(head.verifier.raw))
    findings.add('key', `the log is signed with ${formatVerifier(head.verifier)}, ${named} with another key`);

  const own = reading.roots.get(size);
  if (own?.equals(root)) return;
  if (own === undefined)
    findings.add('rolled-back', `${named} is longer than the log, which has ${reading.lines}: it was cut`, {
      index: reading.lines,
      last: size - 1,
    });
  const signed = head.checkpoint;
  if (signed === undefined) return;
  if (signed.size < size) {
    if (own !== undefined) findings.add('rewritten', `the records up to ${size} are not those of ${named}`);
    return;
  }
  // The records are not those that were kept; the tiles tell whether what is signed now is a continuation at least.
  let consistent = false;
  try {
    const proof = await consistencyProof(tileSource(directory, signed.size), size, signed.size);
    consistent = verifyConsistency(size, signed.size, root, signed.root, proof);
  } catch (error) {
    if (!(error instanceof MissingTile)) throw error;
  }
  findings.add(
    'rewritten',
    consistent
      ? `the records up to ${size} are not those of ${named}, though what the log signs now continues it`
      : `the log is not a continuation of ${named}: its history was rewritten and signed again`,
  );
}
