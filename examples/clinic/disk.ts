import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Readable } from 'node:stream';

const HOME = '/srv/clinic';
const DOCUMENTS = `${HOME}/documents`;

/** What a careless server usually has lying around, made up. */
const LYING_AROUND: Readonly<Record<string, string>> = {
  '/etc/passwd': `${[
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'clinic:x:1000:1000:made up for the clinic example:/srv/clinic:/bin/sh',
  ].join('\n')}\n`,
  [`${HOME}/clinic.env`]: 'DATABASE_PASSWORD=made-up-for-the-clinic-example\nSMTP_PASSWORD=also-made-up\n',
};

/**
 * The clinic's disk: a directory that plays the root of a server's file system. Careless handlers may walk all of it,
 * but a path that climbs out of it ends at its root: the clinic is careless with its own files, never with those of
 * the machine it runs on.
 */
export class Disk {
  readonly #root: string;

  /** @param root existing or new directory; must not hold anything else. */
  constructor(root: string) {
    this.#root = root;
    mkdirSync(this.#real(DOCUMENTS), { recursive: true, mode: 0o700 });
    chmodSync(root, 0o700);
    for (const [path, text] of Object.entries(LYING_AROUND)) {
      mkdirSync(dirname(this.#real(path)), { recursive: true, mode: 0o700 });
      if (!existsSync(this.#real(path))) writeFileSync(this.#real(path), text, { mode: 0o600 });
    }
  }

  /** Reads a file of the clinic's home, e.g. its signing key. */
  readHome(name: string): string | undefined {
    const file = this.#real(`${HOME}/${name}`);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  writeHome(name: string, text: string): void {
    writeFileSync(this.#real(`${HOME}/${name}`), text, { mode: 0o600 });
  }

  /** Stores a document under a name that the clinic chose. @returns its SHA-256 in hex. */
  async store(storedAs: string, bytes: Buffer): Promise<string> {
    await writeFile(this.#real(`${DOCUMENTS}/${storedAs}`), bytes, { mode: 0o600 });
    return createHash('sha256').update(bytes).digest('hex');
  }

  storeSync(storedAs: string, bytes: Buffer): void {
    writeFileSync(this.#real(`${DOCUMENTS}/${storedAs}`), bytes, { mode: 0o600 });
  }

  async remove(storedAs: string): Promise<void> {
    await rm(this.#real(`${DOCUMENTS}/${storedAs}`), { force: true });
  }

  /** Opens a file by a path relative to the documents, wherever that leads on the clinic's disk. */
  open(path: string): { stream: Readable; size: number } | undefined {
    const file = this.#real(posix.resolve(DOCUMENTS, path.replaceAll('\\', '/')));
    if (file.includes('\0')) return undefined;
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts === undefined || !facts.isFile()) return undefined;
    return { stream: createReadStream(file), size: facts.size };
  }

  /** Reads a small text file by its path on the clinic's disk (not the machine's); undefined where there is none. */
  readAbsolute(path: string): string | undefined {
    if (path.includes('\0')) return undefined;
    const file = this.#real(path);
    const facts = statSync(file, { throwIfNoEntry: false });
    return facts?.isFile() && facts.size <= 64 * 1024 ? readFileSync(file, 'utf8') : undefined;
  }

  /** `path` is absolute and normal on the clinic's disk, so joining cannot leave the root. */
  #real(path: string): string {
    return join(this.#root, posix.resolve('/', path));
  }
}
