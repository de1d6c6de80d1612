import type { Argon2Parameters } from 'node:crypto';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Threads that hash, in all of this process. */
export const THREADS = 2;

export interface Job {
  readonly id: number;
  readonly parameters: Argon2Parameters;
}

export type Result =
  | { readonly id: number; readonly tag: Uint8Array }
  | { readonly id: number; readonly problem: string };

interface Pending {
  readonly resolve: (tag: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** A thread of its own for hashing, started with the first job, given up when it ends; keeps no process alive while idle. */
class HashingThread {
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined = undefined;
  #next = 1;

  get load(): number {
    return this.#pending.size;
  }

  derive(parameters: Argon2Parameters): Promise<Buffer> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#pending.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, parameters } satisfies Job);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./argon2-thread${extname(import.meta.filename)}`, import.meta.url), {
      // What the main thread was started with may not be allowed in a thread.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.on('message', (result: Result) => {
      const pending = this.#pending.get(result.id);
      this.#pending.delete(result.id);
      if (this.#pending.size === 0) worker.unref();
      if ('tag' in result) pending?.resolve(Buffer.from(result.tag));
      else pending?.reject(new Error(result.problem));
    });
    const ended = (error: Error): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    };
    worker.on('error', ended);
    worker.on('exit', () => ended(new Error('The thread that hashes passwords has ended.')));
    return worker;
  }
}

const threads = Array.from({ length: THREADS }, () => new HashingThread());

/** Argon2id on a thread of low priority. Whoever asks bounds how many at once. */
export function argon2id(parameters: Argon2Parameters): Promise<Buffer> {
  const least = threads.reduce((a, b) => (b.load < a.load ? b : a));
  return least.derive(parameters);
}
