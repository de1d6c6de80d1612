import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import type { Book } from './book.ts';
import type { Changes } from './changes.ts';
import type { Ground } from './ground.ts';
import { isHarmful } from './harm.ts';
import type { ScanIdentity } from './identity.ts';
import { isOpen } from './known.ts';
import type { Maker } from './maker.ts';
import type { Ownership } from './own.ts';
import { keyOf } from './pool.ts';
import type { Samples } from './samples.ts';
import type { Sender } from './sender.ts';
import type { Tried, Try, Trying } from './trying.ts';

/** Rounds in which what one operation answered feeds the others. */
const MOST_ROUNDS = 5;
const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

type Who = ScanIdentity | undefined;

export interface Explorer {
  /** Of `total` operations, `done` were looked at. */
  explore(progress?: (done: number, total: number) => void): Promise<void>;
  /** Tries one operation as one identity again. */
  again(operation: Operation, as: Who): Promise<void>;
}

/** Finds a call that works for each operation and identity: logs of what it is told of feed what it asks next. */
export class Exploring implements Explorer {
  readonly #ground: Ground;
  readonly #book: Book;
  readonly #own: Ownership;
  readonly #samples: Samples;
  readonly #sender: Sender;
  readonly #trying: Trying;
  readonly #changes: Changes;
  readonly #maker: Maker;
  readonly #identities: () => readonly ScanIdentity[];
  /** What was known when an operation was last tried in vain: the same again would be in vain again. */
  readonly #knownAt = new Map<string, string>();

  constructor(
    parts: {
      ground: Ground;
      book: Book;
      own: Ownership;
      samples: Samples;
      sender: Sender;
      trying: Trying;
      changes: Changes;
      maker: Maker;
    },
    identities: () => readonly ScanIdentity[],
  ) {
    this.#ground = parts.ground;
    this.#book = parts.book;
    this.#own = parts.own;
    this.#samples = parts.samples;
    this.#sender = parts.sender;
    this.#trying = parts.trying;
    this.#changes = parts.changes;
    this.#maker = parts.maker;
    this.#identities = identities;
  }

  async explore(progress?: (done: number, total: number) => void): Promise<void> {
    const { operations, signal } = this.#ground;
    for (const identity of this.#identities()) this.#book.seed(identity);
    const free = operations.filter((operation) => this.#isFree(operation));
    for (const operation of operations) if (!free.includes(operation)) this.#leftOut(operation);
    const reads = free.filter(({ method }) => READS.has(method));
    const creators = free
      .filter((operation) => operation.method === 'POST' && !this.#book.resources.isDeed(operation))
      .sort((a, b) => this.#book.resources.path(a).length - this.#book.resources.path(b).length);
    const deeds = free.filter((operation) => operation.method === 'POST' && this.#book.resources.isDeed(operation));
    const puts = free.filter(({ method }) => method === 'PUT' || method === 'PATCH');
    const deletes = free.filter(({ method }) => method === 'DELETE');
    const total = free.length;
    const say = (part: number): void => progress?.(Math.min(total, Math.round(part * total)), total);

    // who calls comes first: its own identifiers are needed for the rest
    await this.#wave(
      reads.filter((operation) => this.#changes.isSelf(operation)),
      false,
    );
    for (let round = 0; round < MOST_ROUNDS && !signal.aborted; round++) {
      const before = this.#count();
      await this.#wave(reads, false);
      say(0.2 + 0.1 * round);
      for (const operation of creators) await this.#all(operation, { wish: 'mine-first' });
      if (this.#count() === before || this.#trying.silent) break;
    }
    await this.#learnRefusals(reads);
    await this.#wave(reads, true);
    for (const operation of creators) await this.#all(operation, { wish: 'mine-first', guess: true });
    say(0.7);
    for (const operation of puts) await this.#change(operation);
    for (const operation of deeds) await this.#consume(operation);
    say(0.85);
    for (const operation of deletes) await this.#consume(operation);
    // what the deletes took away is read anew when it is asked for
    say(1);
  }

  async again(operation: Operation, as: Who): Promise<void> {
    if (!this.#isFree(operation)) return;
    this.#samples.drop(operation, as?.name ?? '');
    if (READS.has(operation.method)) this.#keep(await this.#attempt({ operation, as, guess: true }), { operation, as });
    else if (operation.method === 'PUT' || operation.method === 'PATCH') await this.#changeAs(operation, as);
    else if (operation.method === 'DELETE' || this.#book.resources.isDeed(operation))
      await this.#consumeAs(operation, as);
    else this.#keep(await this.#attempt({ operation, as, wish: 'mine-first' }), { operation, as });
  }

  /** Whether it may be called by chance at all. */
  #isFree(operation: Operation): boolean {
    const { known, options } = this.#ground;
    if (known.login.includes(operation) || known.logout.includes(operation) || known.account.includes(operation))
      return false;
    if (known.register.includes(operation)) return false;
    return options.destructive || !isHarmful(operation) || this.#book.resources.isDeed(operation);
  }

  #leftOut(operation: Operation): void {
    const { known } = this.#ground;
    if (known.login.includes(operation)) this.#samples.failed(operation, '', 'no identity logged in with it');
    else if (known.register.includes(operation))
      this.#samples.failed(operation, '', 'accounts are made only where the scan needs them');
    else if (known.logout.includes(operation))
      this.#samples.failed(operation, '', 'never called by chance: it ends the session');
    else if (known.account.includes(operation)) {
      this.#samples.failed(operation, '', 'never called by chance: it changes a password or ends an account');
    } else
      this.#samples.failed(
        operation,
        '',
        'its name says that it deletes, resets or stops something: needs --destructive',
      );
  }

  #count(): number {
    let count = 0;
    for (const _ of this.#samples.all()) count++;
    return count;
  }

  /** Who may try an operation: everybody; nobody too where no credential is demanded, or there is nobody else. */
  #who(operation: Operation): readonly Who[] {
    const alive = this.#identities().filter((identity) => identity.alive);
    const open = isOpen(operation);
    if (alive.length === 0) return [undefined];
    if (open === true) return [undefined, ...alive];
    return open === undefined && READS.has(operation.method) ? [undefined, ...alive] : alive;
  }

  /**
   * Reads, several operations at once. What they tell is learned afterwards in the contract's order: the next wave is
   * the same, whichever answered first.
   */
  async #wave(operations: readonly Operation[], guess: boolean): Promise<void> {
    const results: { one: Pick<Try, 'operation' | 'as'>; tried: Tried }[][] = operations.map(() => []);
    const queue = operations.entries();
    const work = async (): Promise<void> => {
      for (const [index, operation] of queue) {
        for (const as of this.#who(operation)) {
          if (this.#ground.signal.aborted) return;
          const one = { operation, as, guess };
          if (!this.#worthTrying(one)) continue;
          const tried = await this.#attempt(one);
          results[index]!.push({ one, tried });
          // the next identity may follow its example
          if (tried.exchange) this.#store(tried, one);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, this.#ground.options.concurrency) }, work));
    for (const list of results) for (const { one, tried } of list) this.#keep(tried, one);
  }

  async #all(operation: Operation, more: Partial<Try>): Promise<void> {
    for (const as of this.#who(operation)) {
      if (this.#ground.signal.aborted) return;
      const one = { operation, as, ...more };
      if (this.#worthTrying(one)) this.#keep(await this.#attempt(one), one);
    }
  }

  async #attempt(one: Try): Promise<Tried> {
    const tried = await this.#trying.try(one);
    if (!tried.exchange) this.#knownAt.set(this.#tryKey(one), this.#known(one));
    return tried;
  }

  #tryKey = ({ operation, as }: Pick<Try, 'operation' | 'as'>): string => `${operation.key}\n${as?.name ?? ''}`;

  /** Not yet done, and something is known that was not when it was last tried. */
  #worthTrying(one: Pick<Try, 'operation' | 'as' | 'guess'>): boolean {
    if (this.#samples.get(one.operation, one.as?.name ?? '') || this.#trying.left(one) <= 0) return false;
    return this.#knownAt.get(this.#tryKey(one)) !== this.#known(one);
  }

  /** How many things are known that the operation could name. */
  #known({ operation, guess }: Pick<Try, 'operation' | 'guess'>): string {
    const keys = new Set<string>();
    for (const { kind, property } of this.#book.resources.path(operation)) keys.add(keyOf(kind, property));
    for (const { reference } of this.#book.references(operation)) keys.add(keyOf(reference.kind, reference.property));
    let text = guess ? 'guess' : '';
    for (const key of keys) {
      const dot = key.indexOf('.');
      const entries = this.#book.pool.of({ kind: key.slice(0, dot), property: key.slice(dot + 1), certain: true });
      let seen = 0;
      for (const { seenBy } of entries) seen += seenBy.size;
      text += ` ${Math.min(entries.length, 5)}/${Math.min(seen, 12)}`;
    }
    return text;
  }

  #store({ call, exchange, guessed, maker }: Tried, { operation, as }: Pick<Try, 'operation' | 'as'>): void {
    if (!call || !exchange) return;
    const name = as?.name ?? '';
    this.#samples.set(operation, name, {
      sample: { call, as, exchange },
      uses: this.#book.usesOf(call, name),
      generation: as?.generation ?? 0,
      guessed,
      maker,
    });
  }

  #keep(tried: Tried, one: Pick<Try, 'operation' | 'as'>): void {
    const { operation, as } = one;
    const name = as?.name ?? '';
    if (!tried.exchange) {
      this.#samples.failed(operation, name, tried.why);
      return;
    }
    this.#store(tried, one);
    this.#book.learn(tried.exchange, operation, name, tried.guessed);
    if (as && this.#changes.isSelf(operation) && operation.method === 'GET') {
      this.#own.learnFrom(as, tried.exchange.answer.json);
      this.#book.seed(as);
    }
  }

  async #change(operation: Operation): Promise<void> {
    for (const as of this.#who(operation)) if (!this.#ground.signal.aborted) await this.#changeAs(operation, as);
  }

  async #changeAs(operation: Operation, as: Who): Promise<void> {
    const last = this.#book.resources.path(operation).at(-1);
    const one = { operation, as };
    if (this.#samples.get(operation, as?.name ?? '')) return;
    const known = last ? this.#book.pool.of(last).some(({ made, gone }) => made !== undefined && !gone) : true;
    if (!known && last && this.#maker.canMake(last.kind)) await this.#maker.make(last.kind, [as?.name ?? '']);
    let count = 0;
    const tried = await this.#attempt({
      ...one,
      wish: 'made-first',
      before: (composed) => this.#changes.allowed(composed, as, count++ === 0),
    });
    this.#keep(tried, one);
    const { call, exchange } = tried;
    if (call && exchange && this.#changes.target(call)?.made === undefined)
      await this.#changes.restore({ call, as, exchange }, as);
  }

  /** What uses its thing up: deleting, paying, cancelling. The thing is made for it. */
  async #consume(operation: Operation): Promise<void> {
    for (const as of this.#who(operation)) if (!this.#ground.signal.aborted) await this.#consumeAs(operation, as);
  }

  async #consumeAs(operation: Operation, as: Who): Promise<void> {
    const name = as?.name ?? '';
    const last = this.#book.resources.path(operation).at(-1);
    if (!last) {
      this.#samples.failed(operation, name, 'it names no thing that the scan could have made');
      return;
    }
    if (this.#samples.get(operation, name)) return;
    let victim = this.#book.made.findLast(
      ({ kind, gone, spent, victim: free }) => kind === last.kind && !gone && !spent && free,
    );
    if (!victim || (victim.by !== name && this.#canMake(last.kind, name))) {
      const maker = this.#samples.of(operation)[0]?.maker;
      victim = (await this.#maker.make(last.kind, maker === undefined ? [name] : [name, maker])) ?? victim;
    }
    if (!victim && !this.#ground.options.destructive) {
      this.#samples.failed(operation, name, `no ${last.kind || 'thing'} could be made to try it on`);
      return;
    }
    const one = { operation, as };
    if (victim) victim.victim = true;
    const thing = victim;
    const tried = await this.#attempt({
      ...one,
      wish: 'made-first',
      fixed: thing !== undefined,
      before: async (composed) =>
        thing
          ? (this.#book.on(composed.call, thing) ?? 'the thing that was made does not fit its path')
          : composed.call,
    });
    if (tried.exchange && thing) thing.spent = true;
    this.#keep(thing ? { ...tried, maker: tried.exchange ? thing.by : undefined } : tried, one);
  }

  #canMake(kind: string, name: string): boolean {
    return this.#ground.operations.some(
      (operation) =>
        this.#book.resources.makes(operation) === kind &&
        operation.method === 'POST' &&
        this.#samples.get(operation, name),
    );
  }

  /** What the API answers without a credential, with a nonsense one, and for what is not there. */
  async #learnRefusals(reads: readonly Operation[]): Promise<void> {
    const { outcomes, signal } = this.#ground;
    const nobody = [];
    const good = [];
    for (const operation of reads) {
      if (signal.aborted || nobody.length >= 8) break;
      const kept = this.#samples.of(operation).find(({ sample }) => sample.as !== undefined);
      if (!kept || isOpen(operation) === true) continue;
      good.push(kept.sample.exchange);
      nobody.push(await this.#sender.send(kept.sample.call, undefined));
    }
    outcomes.learnUnauthenticated(nobody, good);
    let asked = 0;
    for (const operation of reads) {
      if (signal.aborted || asked >= 8) break;
      const last = this.#book.resources.path(operation).at(-1);
      const kept = this.#samples.of(operation)[0];
      if (!last || !kept || !operation.template.endsWith('}')) continue;
      asked++;
      const nonsense = [];
      for (const value of [987_654_321, 987_654_320]) {
        const call = buildCall(operation, (place) =>
          place.in === 'path' && place.name === last.name
            ? nonsenseFor(kept.sample.call.values.get(last.place), value)
            : kept.sample.call.values.get(`${place.in}:${place.name}`),
        );
        nonsense.push(
          await this.#sender.send(
            call,
            this.#identities().find((identity) => identity === kept.sample.as),
          ),
        );
      }
      outcomes.learnMissing(operation, nonsense, kept.sample.exchange);
    }
  }
}

/** An identifier of nothing, in the form of one that is there. */
function nonsenseFor(good: unknown, number: number): string | number {
  if (typeof good === 'number') return number;
  const text = String(good ?? '');
  if (/^\d+$/.test(text)) return String(number);
  if (/^[0-9a-f]{8}-/i.test(text)) return `${number.toString(16).padStart(8, '0')}-9c3e-4f6b-8a2d-5e7f90b1c2d3`;
  return (
    text
      .replace(/[a-z]/g, 'q')
      .replace(/[A-Z]/g, 'Q')
      .replace(/\d/g, String(number % 10)) || `none${number}`
  );
}
