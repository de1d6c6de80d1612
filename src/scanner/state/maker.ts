import type { Operation } from '../../contract/model.ts';
import type { Book } from './book.ts';
import type { Composer } from './compose.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import type { Made } from './pool.ts';
import type { Samples } from './samples.ts';
import type { Sender } from './sender.ts';

/** Lists that are read to find what was made. */
const MOST_LISTS = 4;
/** Things made to be used up, in one scan. */
const MOST = 2_000;

/** Makes things anew: to be deleted, paid, cancelled. */
export class Maker {
  readonly #ground: Ground;
  readonly #book: Book;
  readonly #composer: Composer;
  readonly #sender: Sender;
  readonly #samples: Samples;
  readonly #identity: (name: string) => ScanIdentity | undefined;
  readonly #byKind = new Map<string, Operation[]>();
  /** Operations that make what no list shows. */
  readonly #vain = new Set<Operation>();
  #made = 0;

  constructor(
    ground: Ground,
    book: Book,
    composer: Composer,
    sender: Sender,
    samples: Samples,
    identity: (name: string) => ScanIdentity | undefined,
  ) {
    this.#ground = ground;
    this.#book = book;
    this.#composer = composer;
    this.#sender = sender;
    this.#samples = samples;
    this.#identity = identity;
    for (const operation of ground.operations) {
      if (operation.method !== 'POST') continue;
      const kind = book.resources.makes(operation);
      if (kind !== undefined) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), operation]);
    }
  }

  /** Whether anything of a kind can be made. */
  canMake(kind: string): boolean {
    return (this.#byKind.get(kind) ?? []).some((operation) => this.#samples.of(operation).length > 0);
  }

  /**
   * Makes a thing of a kind.
   * @param wishes identities ('' for nobody) by which it had better be made, best first; then whoever can
   */
  async make(kind: string, wishes: readonly string[]): Promise<Made | undefined> {
    for (const operation of this.#byKind.get(kind) ?? []) {
      const able = this.#samples.of(operation).map(({ sample }) => sample.as?.name ?? '');
      for (const as of new Set([...wishes.filter((name) => able.includes(name)), ...able])) {
        if (this.#made >= MOST || this.#book.full || this.#ground.signal.aborted) return undefined;
        const identity = as === '' ? undefined : this.#identity(as);
        if (as !== '' && identity?.alive !== true) continue;
        if (this.#vain.has(operation)) break;
        const kept = this.#samples.get(operation, as);
        const call = kept && this.#composer.renewed(kept.sample.call, as);
        if (!call) continue;
        this.#made++;
        const exchange = await this.#sender.send(call, identity);
        const made = this.#book.observe(exchange).find((one) => one.kind === kind);
        if (made) return made;
        const unseen = this.#book.unseen(exchange);
        if (!unseen || this.#vain.has(operation)) continue;
        if (await this.#reveal(unseen)) return unseen;
        // made, and never to be seen again: no more of these
        this.#vain.add(operation);
      }
    }
    return undefined;
  }

  /** Looks for what was made in the lists of its kind. */
  async #reveal({ kind, entries }: Made): Promise<boolean> {
    let left = MOST_LISTS;
    for (const operation of this.#ground.operations) {
      if (operation.method !== 'GET' || operation.template.endsWith('}')) continue;
      if (this.#book.resources.answers(operation) !== kind) continue;
      for (const { sample, guessed } of this.#samples.of(operation).toReversed()) {
        if (left-- <= 0 || this.#ground.signal.aborted) return false;
        const as = sample.as?.name ?? '';
        const exchange = await this.#sender.send(sample.call, as === '' ? undefined : this.#identity(as));
        if (this.#ground.outcomes.of(exchange) !== 'success') continue;
        this.#book.learn(exchange, operation, as, guessed);
        if (entries.length > 0) return true;
      }
    }
    return false;
  }
}
