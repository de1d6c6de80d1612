import type { Operation } from '../../contract/model.ts';
import type { Call } from '../model/call.ts';
import type { Book } from './book.ts';
import type { Changes } from './changes.ts';
import type { Composer } from './compose.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import type { Maker } from './maker.ts';
import { registration } from './registering.ts';
import type { Kept, Samples } from './samples.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** Gives calls that should work when they are sent once: what they use up is made anew. */
export class Preparing {
  readonly #ground: Ground;
  readonly #book: Book;
  readonly #composer: Composer;
  readonly #changes: Changes;
  readonly #maker: Maker;
  readonly #samples: Samples;
  readonly #current: (operation: Operation, as: ScanIdentity | undefined) => Promise<Kept | undefined>;

  constructor(
    parts: { ground: Ground; book: Book; composer: Composer; changes: Changes; maker: Maker; samples: Samples },
    /** The sample of an identity, tried again if it may be stale. */
    current: (operation: Operation, as: ScanIdentity | undefined) => Promise<Kept | undefined>,
  ) {
    this.#ground = parts.ground;
    this.#book = parts.book;
    this.#composer = parts.composer;
    this.#changes = parts.changes;
    this.#maker = parts.maker;
    this.#samples = parts.samples;
    this.#current = current;
  }

  /** See `CheckContext.prepare`. */
  async prepare(operation: Operation, as: ScanIdentity | undefined): Promise<Call | undefined> {
    const { known, options } = this.#ground;
    if (known.account.includes(operation) && !(options.destructive && as?.registered)) return undefined;
    if (known.register.includes(operation)) return registration(operation, this.#composer, 'required');
    if (known.login.includes(operation)) {
      return (this.#samples.get(operation, as?.name ?? '') ?? this.#samples.of(operation)[0])?.sample.call;
    }
    const name = as?.name ?? '';
    const uses = operation.method === 'DELETE' || this.#book.resources.isDeed(operation);
    const kept = uses ? this.#samples.get(operation, name) : await this.#current(operation, as);
    if (!kept) return undefined;
    const { call } = kept.sample;
    if (READS.has(operation.method)) return call;
    const last = this.#book.resources.path(operation).at(-1);
    if (uses && last) {
      const made = await this.#maker.make(last.kind, kept.maker === undefined ? [name] : [kept.maker, name]);
      if (made) {
        made.victim = true;
        const renewed = this.#book.on(call, made);
        if (renewed && operation.method !== 'POST') return renewed;
        return renewed && (this.#composer.renewed(renewed, name, this.#context(renewed)) ?? renewed);
      }
      return options.destructive ? call : undefined;
    }
    if (operation.method === 'POST') return this.#composer.renewed(call, name);
    // PUT and PATCH
    const target = this.#changes.target(call);
    if (target?.made && !target.gone) return call;
    if (last && this.#maker.canMake(last.kind) && (target === undefined || target.gone)) {
      const made = await this.#maker.make(last.kind, kept.maker === undefined ? [name] : [kept.maker, name]);
      return made && this.#book.on(call, made);
    }
    return this.#changes.mayTry(call) ? call : undefined;
  }

  #context({ operation, values }: Call): Map<string, string | number> {
    const context = new Map<string, string | number>();
    for (const { place, kind, property } of this.#book.resources.path(operation)) {
      const value = values.get(place);
      if (typeof value === 'string' || typeof value === 'number') context.set(`${kind}.${property}`, value);
    }
    return context;
  }
}
