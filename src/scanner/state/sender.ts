import { render } from '../calls/render.ts';
import type { Call } from '../model/call.ts';
import type { Exchange, SendOptions } from '../model/exchange.ts';
import type { Book } from './book.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import type { Samples } from './samples.ts';
import { cookiesOf } from './tokens.ts';

/** Sends calls as identities, and keeps their credentials alive. */
export class Sender {
  readonly #ground: Ground;
  readonly #book: Book;
  readonly #samples: Samples;
  /** Called when an identity got a new credential. */
  readonly #renewed: (identity: ScanIdentity) => void;

  constructor(ground: Ground, book: Book, samples: Samples, renewed: (identity: ScanIdentity) => void) {
    this.#ground = ground;
    this.#book = book;
    this.#samples = samples;
    this.#renewed = renewed;
  }

  /**
   * Sends a call; one that is refused for want of a credential though the identity's worked before is sent once more
   * with a new one. Logins go out without a credential: an API that lets them take over a session that is there would
   * make one identity of two.
   */
  async send(
    call: Call,
    as: ScanIdentity | undefined,
    options?: SendOptions & { readonly check?: string },
  ): Promise<Exchange> {
    if (this.#ground.known.login.includes(call.operation)) return await this.#once(call, undefined, options);
    if (as?.ending) await this.renew(as);
    const generation = as?.generation;
    const exchange = await this.#once(call, as, options);
    if (!as?.renewable || this.#ground.outcomes.of(exchange) !== 'unauthenticated') return exchange;
    // somebody else renewed it while this one was on its way
    if (as.generation !== generation) return await this.#once(call, as, options);
    if (!(await this.#isDead(as, call)) || !(await this.renew(as))) return exchange;
    return await this.#once(call, as, options);
  }

  /** Gets a new credential. */
  async renew(as: ScanIdentity): Promise<boolean> {
    const before = as.generation;
    const got = await as.renew();
    if (got && as.generation !== before) this.#renewed(as);
    return got;
  }

  async #once(
    call: Call,
    as: ScanIdentity | undefined,
    options?: SendOptions & { readonly check?: string },
  ): Promise<Exchange> {
    const { client, base } = this.#ground;
    const request = render(call, as?.credentials(call.operation), base);
    const exchange = await client.send(request, { check: '', ...options, operation: call.operation, as: as?.name });
    this.#book.observe(exchange);
    const joins = this.#ground.known.register.includes(call.operation);
    if (as?.kind === 'login' && !joins && exchange.answer.headers.has('set-cookie')) this.#rotate(as, exchange);
    return exchange;
  }

  /** Whether a credential is dead: what worked with it before works no more. */
  async #isDead(as: ScanIdentity, call: Call): Promise<boolean> {
    for (const { sample } of this.#samples.all()) {
      if (sample.as !== as || sample.call.operation.method !== 'GET') continue;
      const answer = await this.#once(sample.call, as);
      return this.#ground.outcomes.of(answer) === 'unauthenticated';
    }
    return this.#samples.get(call.operation, as.name) !== undefined;
  }

  /** A session cookie that is changed with an answer that worked is the one from then on. */
  #rotate(as: ScanIdentity, exchange: Exchange): void {
    const now = as.credential;
    if (!now || now.cookies.length === 0 || this.#ground.outcomes.of(exchange) !== 'success') return;
    const set = cookiesOf(exchange.answer);
    if (!now.cookies.some(([name, value]) => set.has(name) && set.get(name) !== value)) return;
    const cookies = now.cookies.map(([name, value]) => [name, set.get(name) ?? value] as const);
    const secret = cookies.find(([name]) =>
      now.cookies.find(([one, value]) => one === name && value === now.secret),
    )?.[1];
    as.credential = { ...now, cookies, secret: secret ?? now.secret };
  }
}
