import { createHash, randomBytes } from 'node:crypto';
import type { Weak } from './weaknesses.ts';

const LIFETIME = 2 * 3_600_000;
const KEPT = 20_000;

export interface Session {
  readonly userId: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Who is signed in. Kept under the hash of the key, so that what is in memory opens nothing. */
export class Sessions {
  readonly #weak: Weak;
  readonly #sessions = new Map<string, Session>();
  #counter = 41_000;

  constructor(weak: Weak) {
    this.#weak = weak;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** @param brought the key that came with the sign-in, if any. */
  open(userId: number, brought: string | undefined): { key: string; session: Session } {
    let key = randomBytes(24).toString('base64url');
    if (this.#weak('predictable-sessions')) {
      // careless: nobody has two sessions with one number, and that is all a key must be
      this.#counter += 1;
      key = this.#counter.toString(16).padStart(16, '0');
    }
    // careless: "so that the visitor keeps what was in the basket before"
    if (this.#weak('session-fixation') && brought !== undefined && brought !== '') key = brought;
    const session = { userId, expires: Date.now() + LIFETIME };
    const oldest = this.#sessions.size >= KEPT ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(hash(key), session);
    return { key, session };
  }

  find(key: string): Session | undefined {
    const session = this.#sessions.get(hash(key));
    return session === undefined || session.expires <= Date.now() ? undefined : session;
  }

  end(key: string): void {
    // careless: the browser forgets its cookie, and that should do
    if (this.#weak('session-survives-logout')) return;
    this.#sessions.delete(hash(key));
  }

  /** Ends what a user has open. */
  endAll(userId: number): void {
    for (const [hashed, session] of this.#sessions) if (session.userId === userId) this.#sessions.delete(hashed);
  }
}

const hash = (key: string): string => createHash('sha256').update(key).digest('base64');
