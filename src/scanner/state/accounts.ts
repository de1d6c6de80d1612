import type { Operation } from '../../contract/model.ts';
import type { Call } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Book } from './book.ts';
import type { Composer } from './compose.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import type { Ownership } from './own.ts';
import { type Account, registerAccount } from './registering.ts';
import type { Samples } from './samples.ts';
import type { IdentitySettings } from './settings.ts';

/** Accounts that the scan makes for itself: an attacker and a victim. */
const PAIR = 2;

/** A login is a sample of nobody's: it needs no credential. */
export function keepLogin({ session }: ScanIdentity, samples: Samples): void {
  if (session) keep(session, samples);
}

function keep(
  { operation, call, exchange }: { operation: Operation; call: Call; exchange: Exchange },
  samples: Samples,
): void {
  if (samples.get(operation, '')) return;
  samples.set(operation, '', {
    sample: { call, as: undefined, exchange },
    uses: [],
    generation: 0,
    guessed: false,
    maker: undefined,
  });
}

/** Makes accounts where the API lets anyone do so. */
export class Accounts {
  readonly #parts: { ground: Ground; book: Book; composer: Composer; own: Ownership; samples: Samples };
  readonly #identities: readonly ScanIdentity[];
  readonly #add: (settings: IdentitySettings, registered: boolean) => ScanIdentity | undefined;
  readonly #enter: (identity: ScanIdentity) => Promise<void>;

  constructor(
    parts: { ground: Ground; book: Book; composer: Composer; own: Ownership; samples: Samples },
    identities: readonly ScanIdentity[],
    add: (settings: IdentitySettings, registered: boolean) => ScanIdentity | undefined,
    /** Gets its first credential. */
    enter: (identity: ScanIdentity) => Promise<void>,
  ) {
    this.#parts = parts;
    this.#identities = identities;
    this.#add = add;
    this.#enter = enter;
  }

  /**
   * Where no two identities are peers, makes two that are: attacks on the objects of another need a second user. Else
   * one account that nobody uses, so that registering is tried too.
   */
  async join(): Promise<void> {
    const { ground, samples } = this.#parts;
    const [operation] = ground.known.register;
    if (!operation) return;
    if (this.#havePeers()) {
      const account = await registerAccount('spare', ground, this.#parts.composer);
      if (typeof account === 'string') samples.failed(operation, '', account);
      else this.#keep(account);
      return;
    }
    for (let number = 1; number <= PAIR && !ground.signal.aborted; number++) {
      let name = `registered-${number}`;
      while (this.#identities.some((one) => one.name === name)) name += 'x';
      const account = await registerAccount(name, ground, this.#parts.composer);
      if (typeof account === 'string') {
        samples.failed(operation, '', account);
        ground.note(`no account could be registered: ${account}`);
        return;
      }
      await this.#use(account);
    }
  }

  #havePeers(): boolean {
    const roles = new Map<string, number>();
    for (const { role = '', alive } of this.#identities) if (alive) roles.set(role, (roles.get(role) ?? 0) + 1);
    return [...roles.values()].some((count) => count >= 2);
  }

  #keep({ call, exchange }: Account): void {
    this.#parts.book.observe(exchange);
    keep({ operation: call.operation, call, exchange }, this.#parts.samples);
  }

  async #use(account: Account): Promise<void> {
    const { book, own, samples } = this.#parts;
    this.#keep(account);
    const identity = this.#add(account.settings, true);
    if (!identity) return;
    own.learnFrom(identity, account.exchange.answer.json);
    await this.#enter(identity);
    keepLogin(identity, samples);
    for (const { entries } of book.observe(account.exchange)) {
      for (const { kind, property, value } of entries) own.claim(identity, kind, property, value);
    }
  }
}
