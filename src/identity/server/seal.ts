import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * Hides what the authorization server writes to the store. What a client or browser holds (code, token, cookie) is the
 * record's key there as a keyed hash only; the records are encrypted (AES-256-GCM) under their key. The key lies in a file
 * beside the store: who reads the database alone, or a backup of it, can use nothing in it.
 */
export class Seal {
  readonly #cipher: Buffer;
  readonly #hash: Buffer;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.#cipher = createHmac('sha256', key).update('records').digest();
    this.#hash = createHmac('sha256', key).update('ids').digest();
  }

  /** What a secret is known by: 128 bits, base64url. */
  nameOf(kind: string, secret: string): string {
    return createHmac('sha256', this.#hash).update(`${kind}\0${secret}`).digest().subarray(0, 16).toString('base64url');
  }

  /** A value that shows that a form came from a page of ours. */
  tokenOf(purpose: string, subject: string): string {
    return createHmac('sha256', this.#hash).update(`form\0${purpose}\0${subject}`).digest('base64url');
  }

  /** @param name of the record: it cannot be put in another's place */
  close(name: string, value: unknown): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#cipher, nonce).setAAD(Buffer.from(name));
    const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64');
  }

  /** @returns undefined where it was sealed with another key, or for another record */
  open(name: string, sealed: string): unknown {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < NONCE + TAG) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#cipher, bytes.subarray(0, NONCE))
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(bytes.length - TAG));
      const body = Buffer.concat([decipher.update(bytes.subarray(NONCE, bytes.length - TAG)), decipher.final()]);
      return JSON.parse(body.toString('utf8'));
    } catch {
      return undefined;
    }
  }
}
