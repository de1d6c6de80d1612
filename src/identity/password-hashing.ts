import { randomBytes, timingSafeEqual } from 'node:crypto';
import { argon2id, THREADS } from './argon2-threads.ts';
import { normalPassword } from './password-rules.ts';

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. About 44 ms of one core. */
const MEMORY = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG = 32;
const SALT = 16;

export interface HashingLimits {
  /** Hashes at once; as many as there are threads for it. */
  readonly concurrent: number;
  /** Hashes that may wait. */
  readonly waiting: number;
  /** Of one owner (an address): so that one caller cannot fill the queue for everybody. */
  readonly waitingPerOwner: number;
  /** Milliseconds a hash may wait before it is given up. */
  readonly patience: number;
}

export const HASHING_LIMITS: HashingLimits = { concurrent: THREADS, waiting: 32, waitingPerOwner: 4, patience: 3_000 };

/** There was no room, or no time. `retryAfter`: seconds. */
export class Overloaded extends Error {
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super('Too many passwords are being checked.');
    this.name = 'Overloaded';
    this.retryAfter = retryAfter;
  }
}

interface Parsed {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Waiting {
  readonly owner: string;
  readonly start: () => void;
  readonly give: (error: Overloaded) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Argon2id with a bound on how much of it happens at once: without one, a few hundred wrong passwords a second take
 * all memory and threads of the gate.
 */
export class PasswordHashing {
  readonly #limits: HashingLimits;
  readonly #queue = new Set<Waiting>();
  readonly #owners = new Map<string, number>();
  #running = 0;

  constructor(limits: HashingLimits = HASHING_LIMITS) {
    this.#limits = limits;
  }

  /** Hashes that run or wait. */
  get load(): number {
    return this.#running + this.#queue.size;
  }

  /**
   * Hashes a new password.
   * @returns a PHC string: it names its parameters, so that they can change while old hashes still verify
   * @throws Overloaded
   */
  async hash(password: string, owner = ''): Promise<string> {
    const salt = randomBytes(SALT);
    const tag = await this.#run(owner, () =>
      tagOf(password, { memory: MEMORY, passes: PASSES, lanes: LANES, salt }, TAG),
    );
    return `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(tag)}`;
  }

  /**
   * Compares a password with a PHC string. Does the same work where there is no such account: give {@link NOBODY}.
   * @param owner who asks (an address), for a fair share of the queue
   * @throws Overloaded; Error where the PHC string is not one of ours
   */
  async verify(password: string, phc: string, owner = ''): Promise<boolean> {
    const parsed = parsePhc(phc);
    if (parsed === undefined) throw new Error('A stored password hash is not an Argon2id PHC string.');
    const tag = await this.#run(owner, () => tagOf(password, parsed, parsed.tag.length));
    return timingSafeEqual(tag, parsed.tag);
  }

  async #run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.concurrent) await this.#turn(owner);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(owner: string): Promise<void> {
    const mine = this.#owners.get(owner) ?? 0;
    if (this.#queue.size >= this.#limits.waiting || mine >= this.#limits.waitingPerOwner) {
      return Promise.reject(new Overloaded(this.#retryAfter()));
    }
    this.#owners.set(owner, mine + 1);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        owner,
        start: resolve,
        give: reject,
        timer: setTimeout(() => {
          this.#leave(waiting);
          reject(new Overloaded(this.#retryAfter()));
        }, this.#limits.patience),
      };
      this.#queue.add(waiting);
    });
  }

  #leave(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    this.#queue.delete(waiting);
    const left = (this.#owners.get(waiting.owner) ?? 1) - 1;
    if (left > 0) this.#owners.set(waiting.owner, left);
    else this.#owners.delete(waiting.owner);
  }

  /** Hands the place to whoever waits longest; `running` stays as it is then. */
  #next(): void {
    for (const waiting of this.#queue) {
      this.#leave(waiting);
      waiting.start();
      return;
    }
    this.#running--;
  }

  /** Whole seconds until the queue as it is will have been worked off, at about 50 ms a hash. */
  #retryAfter(): number {
    return Math.max(1, Math.ceil((this.#queue.size * 0.05) / this.#limits.concurrent));
  }
}

/** The hash of nobody's password: costs what a real one costs, and never verifies. */
export const NOBODY = `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${LANES}$${base64(randomBytes(SALT))}$${base64(randomBytes(TAG))}`;

/** Whether a hash was made with other parameters than today's and should be made anew at the next success. */
export const isOutdated = (phc: string): boolean =>
  !phc.startsWith(`$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${LANES}$`);

/** Parts of a PHC string, within bounds that no honest writer leaves. */
function parsePhc(phc: string): Parsed | undefined {
  const match = PHC.exec(phc);
  if (match === null) return undefined;
  const [memory, passes, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (memory > 1_048_576 || passes < 1 || passes > 16 || lanes < 1 || lanes > 16 || memory < 8 * lanes)
    return undefined;
  return { memory, passes, lanes, salt: Buffer.from(match[4]!, 'base64'), tag: Buffer.from(match[5]!, 'base64') };
}

function tagOf(
  password: string,
  { memory, passes, lanes, salt }: Omit<Parsed, 'tag'>,
  length: number,
): Promise<Buffer> {
  const message = Buffer.from(normalPassword(password));
  return argon2id({ message, nonce: salt, parallelism: lanes, tagLength: length, memory, passes });
}

/** Base64 without padding, as PHC strings have it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
