import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditError, errnoOf } from './errors.ts';
import type { SigningKey } from './keys.ts';
import {
  type Checkpoint,
  formatVerifier,
  parseCheckpoint,
  parseNote,
  parseVerifier,
  signCheckpoint,
  signedBy,
  type Verifier,
  verifierOf,
} from './note.ts';

/**
 * The head of a log on disk: `checkpoint` (signed note) and `vkey` (the public key and, as its name, the origin).
 */

const CHECKPOINT = 'checkpoint';
const VKEY = 'vkey';

/** The text of a small file; undefined where there is none. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A checkpoint file as found. `checkpoint` is set only where the signature is right. */
export interface Head {
  readonly source: string | undefined;
  readonly verifier: Verifier | undefined;
  readonly checkpoint: Checkpoint | undefined;
  /** Why there is no checkpoint that can be believed. */
  readonly problem: string | undefined;
}

/** Judges a checkpoint's text by a key. @returns the checkpoint, or what is wrong with it */
export function judgeCheckpoint(source: string, verifier: Verifier): Checkpoint | string {
  const note = parseNote(source);
  if (note === undefined) return 'it is not a signed note';
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint === undefined) return 'it is not a checkpoint';
  if (!signedBy(note, verifier)) return `it is not signed by ${formatVerifier(verifier)}`;
  if (checkpoint.origin !== verifier.name) return `its origin is ${checkpoint.origin}, not ${verifier.name}`;
  return checkpoint;
}

/** Reads and judges the head of a log by the key that stands beside it. */
export async function readHead(directory: string): Promise<Head> {
  const [source, vkey] = await Promise.all([readText(join(directory, CHECKPOINT)), readText(join(directory, VKEY))]);
  const verifier = vkey === undefined ? undefined : parseVerifier(vkey);
  if (source === undefined) return { source, verifier, checkpoint: undefined, problem: 'there is no checkpoint' };
  if (verifier === undefined)
    return { source, verifier, checkpoint: undefined, problem: `the public key (${VKEY}) is missing or unreadable` };
  const judged = judgeCheckpoint(source, verifier);
  return typeof judged === 'string'
    ? { source, verifier, checkpoint: undefined, problem: `the checkpoint cannot be believed: ${judged}` }
    : { source, verifier, checkpoint: judged, problem: undefined };
}

/**
 * The name and key a log is signed under. A log keeps the origin it was begun with, whatever is configured later.
 * @throws AuditError `tampered` where the key is not the one it was begun with
 */
export async function openIdentity(
  directory: string,
  origin: string,
  key: SigningKey,
  fresh: boolean,
): Promise<Verifier> {
  const text = await readText(join(directory, VKEY));
  if (text === undefined && fresh) {
    const verifier = verifierOf(origin, key.publicKey);
    await replace(join(directory, VKEY), `${formatVerifier(verifier)}\n`, 0o644);
    return verifier;
  }
  const known = text === undefined ? undefined : parseVerifier(text);
  if (known === undefined) throw new AuditError('tampered', `${join(directory, VKEY)} is missing or unreadable`);
  if (!known.raw.equals(key.publicKey))
    throw new AuditError(
      'tampered',
      `the key that signs (signing.key) is not the one that the log in ${directory} was begun with`,
    );
  return known;
}

/** Signs and replaces the checkpoint: the old or the new one is there at any moment, never half of one. */
export async function writeHead(
  directory: string,
  checkpoint: Checkpoint,
  verifier: Verifier,
  key: SigningKey,
): Promise<void> {
  await replace(join(directory, CHECKPOINT), signCheckpoint(checkpoint, verifier, key.privateKey), 0o644);
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode, flush: true });
  await rename(`${file}.new`, file);
}

/** Makes the names in a directory last (after a file was made in it); where the system cannot, nothing is lost but that. */
export async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows, some network file systems.
  }
}
