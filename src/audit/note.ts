import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/**
 * Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint), Ed25519 only: what the head of the log is
 * signed as, readable by any tool of that family.
 */

const ED25519 = 0x01;
const SIGNATURES = 16;
/** Characters of a note that are looked at. */
const NOTE = 65_536;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key with the name it signs under. */
export interface Verifier {
  readonly name: string;
  /** First four bytes of SHA-256(name || 0x0A || 0x01 || key). */
  readonly id: Buffer;
  readonly raw: Buffer;
  readonly key: KeyObject;
}

/** The head of a log: how many records, and the root of the tree over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

const keyName = (name: string): boolean => name.length > 0 && name.length <= 512 && !/[\s+\u0000-\u001f]/.test(name);

/** @param raw 32 bytes of an Ed25519 public key (RFC 8032) */
export function verifierOf(name: string, raw: Buffer): Verifier {
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]), 'buffer').subarray(
    0,
    4,
  );
  return {
    name,
    id,
    raw,
    key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }),
  };
}

/** `name+keyid+base64(type || key)`: the form in which such keys are handed around. */
export const formatVerifier = (verifier: Verifier): string =>
  `${verifier.name}+${verifier.id.toString('hex')}+${Buffer.concat([Buffer.of(ED25519), verifier.raw]).toString('base64')}`;

/** Reads {@link formatVerifier}'s form. @returns undefined where it is none. */
export function parseVerifier(text: string): Verifier | undefined {
  const match = /^([^+\s]{1,512})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\r?\n?$/.exec(text);
  if (match === null) return undefined;
  const bytes = Buffer.from(match[3]!, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ED25519) return undefined;
  const verifier = verifierOf(match[1]!, bytes.subarray(1));
  return verifier.id.toString('hex') === match[2] ? verifier : undefined;
}

/** Body of a checkpoint: origin, size, root, one line each. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** A checkpoint as signed note. */
export function signCheckpoint(checkpoint: Checkpoint, verifier: Verifier, key: KeyObject): string {
  const text = checkpointText(checkpoint);
  const signature = Buffer.concat([verifier.id, sign(null, Buffer.from(text), key)]);
  return `${text}\n— ${verifier.name} ${signature.toString('base64')}\n`;
}

/** A note taken apart; nothing of it is believed before {@link signedBy}. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly id: Buffer; readonly signature: Buffer }[];
}

/** @returns undefined where it is no note. Never throws. */
export function parseNote(source: string): Note | undefined {
  if (source.length > NOTE || !source.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(source)) return undefined;
  const blank = source.lastIndexOf('\n\n');
  if (blank === -1) return undefined;
  const lines = source.slice(blank + 2, -1).split('\n');
  if (lines.length > SIGNATURES) return undefined;
  const signatures: { name: string; id: Buffer; signature: Buffer }[] = [];
  for (const line of lines) {
    const match = /^— (\S{1,512}) ([A-Za-z0-9+/]{8,}={0,2})$/.exec(line);
    if (match === null || !keyName(match[1]!)) return undefined;
    const bytes = Buffer.from(match[2]!, 'base64');
    if (bytes.length <= 4 || bytes.toString('base64') !== match[2]) return undefined;
    signatures.push({ name: match[1]!, id: bytes.subarray(0, 4), signature: bytes.subarray(4) });
  }
  return { text: source.slice(0, blank + 1), signatures };
}

/** Whether the note is signed by that key; a wrong signature under the key's name and id spoils the whole note. */
export function signedBy(note: Note, verifier: Verifier): boolean {
  const own = note.signatures.filter((s) => s.name === verifier.name && s.id.equals(verifier.id));
  return own.length > 0 && own.every((s) => verify(null, Buffer.from(note.text), verifier.key, s.signature));
}

/** Reads the body of a checkpoint. @returns undefined where it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root, ...rest] = text.split('\n');
  if (origin === undefined || origin === '' || size === undefined || !/^(?:0|[1-9]\d{0,15})$/.test(size))
    return undefined;
  // Extension lines are allowed by the format, ignored here; the last element is what follows the final newline.
  if (root === undefined || !/^[A-Za-z0-9+/]{43}=$/.test(root) || rest.length === 0) return undefined;
  const bytes = Buffer.from(root, 'base64');
  if (!Number.isSafeInteger(Number(size)) || bytes.toString('base64') !== root) return undefined;
  return { origin, size: Number(size), root: bytes };
}

/** Splits a file of several notes, one after the other, as `portcullis audit checkpoint` prints them; `#` lines are comments. */
export function splitNotes(source: string): string[] {
  const notes: string[] = [];
  let current = '';
  let signed = false;
  for (const line of source
    .slice(0, NOTE * 16)
    .replaceAll('\r\n', '\n')
    .split('\n')) {
    if (line.startsWith('#')) continue;
    const signature = line.startsWith('— ');
    if (signed && !signature) {
      notes.push(current);
      current = '';
      signed = false;
    }
    if (current === '' && line === '') continue;
    current += `${line}\n`;
    signed ||= signature;
  }
  if (current.trim() !== '') notes.push(current);
  return notes;
}
