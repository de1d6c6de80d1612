import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import type { Call } from '../model/call.ts';
import type { Sample } from '../model/check.ts';
import { LOCKS, type Shown, shownBy, thingIn, unchanging } from './bodies.ts';
import type { Book } from './book.ts';
import type { Composed } from './compose.ts';
import type { Ground } from './ground.ts';
import { isHarmful } from './harm.ts';
import type { ScanIdentity } from './identity.ts';
import { plain } from './names.ts';
import type { Entry } from './pool.ts';
import type { Sender } from './sender.ts';

/** States of things that are kept to be put back. */
const MOST = 500;

/** Values without which one cannot log in any more. */
const ENTRY = /^(user|e?mail|login|active|enabled|disabled|locked|blocked|deleted)/i;

const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** What may be changed, and how it is put back. */
export class Changes {
  readonly #ground: Ground;
  readonly #book: Book;
  readonly #sender: Sender;
  readonly #byTemplate = new Map<string, Operation[]>();
  /** By thing, then by the identity ('' for nobody) that it was shown to. */
  readonly #before = new Map<string, Map<string, Shown>>();
  #kept = 0;
  readonly #left = new Set<string>();

  constructor(ground: Ground, book: Book, sender: Sender) {
    this.#ground = ground;
    this.#book = book;
    this.#sender = sender;
    for (const operation of ground.operations) {
      const list = this.#byTemplate.get(operation.template) ?? [];
      list.push(operation);
      this.#byTemplate.set(operation.template, list);
    }
  }

  /** The operation of another method on the same path. */
  beside({ template }: Operation, method: string): Operation | undefined {
    return this.#byTemplate.get(template)?.find((one) => one.method === method);
  }

  /** Whether an operation is about who calls: `/me`, `/profile`. */
  isSelf(operation: Operation): boolean {
    if (this.#book.resources.path(operation).length > 0) return false;
    return this.#about(operation) === 'self';
  }

  #about(operation: Operation): string {
    const show = this.beside(operation, 'GET');
    return this.#book.resources.answers(show ?? operation);
  }

  /** The thing that the last parameter of a call's path names; undefined where it is not known. */
  target({ operation, values }: Call): Entry | undefined {
    const named = new Map<string, string | number>();
    for (const { place, name } of this.#book.resources.path(operation)) {
      const value = values.get(place);
      if (typeof value === 'string' || typeof value === 'number') named.set(name, value);
    }
    return this.#book.target(operation, named);
  }

  /** See `CheckContext.mayTry`. */
  mayTry(call: Call): boolean {
    const { operation } = call;
    const { known, options } = this.#ground;
    if (known.account.includes(operation) || known.logout.includes(operation)) return false;
    if (options.destructive) return !this.#locksOut(call);
    if (READS.has(operation.method)) return !isHarmful(operation);
    const target = this.target(call);
    const made = target?.made !== undefined && !target.gone;
    if (operation.method === 'POST') {
      if (isHarmful(operation) || this.#book.resources.isDeed(operation)) return made && !this.#isAccount(target);
      return !this.#book.full;
    }
    if (operation.method === 'DELETE') return made && operation.template.endsWith('}') && !this.#isAccount(target);
    if (isHarmful(operation) || (this.#book.resources.isDeed(operation) && !made)) return false;
    if (made) return !this.#isAccount(target) || !this.#locksOut(call);
    return this.#before.has(this.#key(call)) && !this.#locksOut(call);
  }

  /** Whether a thing is the account of one of the scan's identities. */
  #isAccount(entry: Entry | undefined): boolean {
    return entry !== undefined && this.#book.isOwnAccount(entry);
  }

  /** A body that would change the password, the name or the state of an account in use. */
  #locksOut(call: Call): boolean {
    const own = this.isSelf(call.operation) || this.#isAccount(this.target(call));
    if (!own || READS.has(call.operation.method)) return false;
    if (call.operation.method === 'DELETE') return true;
    const states = [...(this.#before.get(this.#key(call))?.values() ?? [])].map(({ json }) => thingIn(json));
    const locks = (now: Record<string, unknown> | undefined): boolean =>
      placesOf(call).some(({ in: place, word, value, name }) => {
        if (place !== 'body' || name === '' || value === undefined || !LOCKS.test(plain(word))) return false;
        if (/pass|pwd|secret|pin/i.test(word)) return true;
        return now !== undefined && now[word] !== value && ENTRY.test(word);
      });
    return states.length === 0 ? locks(undefined) : states.every(locks);
  }

  /**
   * Makes of a composed PUT or PATCH one that is allowed: of a thing that the scan made, or of an own one whose state is
   * read first; best one that changes nothing.
   * @param first false: the one that changes nothing was refused
   * @returns why there is none
   */
  async allowed(composed: Composed, as: ScanIdentity | undefined, first: boolean): Promise<Call | string> {
    const { call, target } = composed;
    const { operation } = call;
    const made = target?.entry.made !== undefined;
    const own =
      made || (target ? target.entry.owner !== undefined && target.entry.owner === as?.name : this.isSelf(operation));
    if (!own && !this.#ground.options.destructive)
      return 'only things that were there before could be changed: that needs --destructive';
    const show = this.#showOf(operation);
    const now = show && (await this.#read(show, call, as));
    const { destructive } = this.#ground.options;
    if (!made) {
      if (now) this.#keep(call, as, now);
      else if (!destructive) return 'what it would change cannot be read before, so it could not be put back';
    }
    if (!now) return call;
    const same = unchanging(call, now);
    if (same && first) return same;
    if (made) return call;
    const back = this.#restorable(call, now) ?? same;
    return back ?? (destructive ? call : 'nothing of what it changes is shown by the API, so it could not be put back');
  }

  /** Only those values that are shown, and could be put back; none that would lock the identity out. */
  #restorable(call: Call, { json }: Shown): Call | undefined {
    const names = new Set(Object.keys(thingIn(json) ?? {}).map(plain));
    let changed = call;
    let left = 0;
    for (const place of placesOf(call)) {
      if (place.in !== 'body' || place.value === undefined || place.name === '' || place.name.indexOf('/', 1) !== -1)
        continue;
      if (names.has(plain(place.word)) && !LOCKS.test(plain(place.word))) left++;
      else changed = put(changed, place, undefined);
    }
    return left === 0 ? undefined : changed;
  }

  async #read(show: Operation, call: Call, as: ScanIdentity | undefined): Promise<Shown | undefined> {
    const exchange = await this.#sender.send(this.#showing(show, call), as);
    return this.#ground.outcomes.of(exchange) === 'success' ? shownBy(exchange.answer) : undefined;
  }

  /** The GET that shows what an operation changes: on the same path, or of the same thing elsewhere. */
  #showOf(operation: Operation): Operation | undefined {
    const beside = this.beside(operation, 'GET');
    const { resources } = this.#book;
    const last = resources.path(operation).at(-1);
    if (beside || !last || !operation.template.endsWith('}')) return beside;
    const kinds = new Set(resources.path(operation).map(({ kind, property }) => `${kind}.${property}`));
    return this.#ground.operations.find((one) => {
      const places = resources.path(one);
      const same = one.method === 'GET' && one.template.endsWith('}') && places.at(-1)?.kind === last.kind;
      return same && places.every(({ kind, property }) => kinds.has(`${kind}.${property}`));
    });
  }

  /** The GET of the thing that a call names. */
  #showing(show: Operation, call: Call): Call {
    const { resources } = this.#book;
    const named = resources.path(call.operation);
    const places = resources.path(show);
    return buildCall(show, (place) => {
      if (place.in !== 'path') return undefined;
      const wanted = places.find(({ name }) => name === place.name);
      const found = named.find(({ kind, property }) => kind === wanted?.kind && property === wanted.property);
      return call.values.get(found?.place ?? `path:${place.name}`);
    });
  }

  #keep(call: Call, as: ScanIdentity | undefined, now: Shown): void {
    const key = this.#key(call);
    const known = this.#before.get(key) ?? new Map<string, Shown>();
    const name = as?.name ?? '';
    if (known.has(name) || this.#kept >= MOST) return;
    this.#kept++;
    this.#before.set(key, known.set(name, now));
  }

  #key({ operation, values }: Call): string {
    return [
      operation.template,
      ...this.#book.resources.path(operation).map(({ place }) => String(values.get(place))),
    ].join(' ');
  }

  #earlier(call: Call, as: ScanIdentity | undefined): Shown | undefined {
    const known = this.#before.get(this.#key(call));
    const byOther = this.isSelf(call.operation) ? undefined : known?.values().next().value;
    return known?.get(as?.name ?? '') ?? byOther;
  }

  /**
   * Puts a thing back as it was: as the sample shows it, where it is one of a GET; else as it was before the scan first
   * changed it. What cannot be put back is noted.
   */
  async restore(sample: Sample, as: ScanIdentity | undefined): Promise<void> {
    const { call } = sample;
    const { operation } = call;
    const reads = READS.has(operation.method);
    const before = reads ? shownBy(sample.exchange.answer) : this.#earlier(call, as);
    if (before === undefined) {
      if (!this.#isMadeOrGone(call))
        this.#note(`${operation.key}: what was there before is not known, so it was not put back`);
      return;
    }
    const show = reads ? operation : this.#showOf(operation);
    const now = show && (await this.#read(show, call, as));
    if (now && same(before, now)) return;
    const changing = reads ? [this.beside(operation, 'PATCH'), this.beside(operation, 'PUT')] : [operation];
    for (const change of changing) {
      if (!change) continue;
      const whole = buildCall(
        change,
        (place) => (place.in === 'path' ? call.values.get(`path:${place.name}`) : undefined),
        { fill: 'all' },
      );
      const back = unchanging(whole, before);
      if (!back) continue;
      const exchange = await this.#sender.send(back, as);
      if (this.#ground.outcomes.of(exchange) !== 'success') continue;
      const after = show && (await this.#read(show, call, as));
      if (!after || same(before, after)) return;
    }
    if (!this.#isMadeOrGone(call)) this.#note(`${operation.key}: what was changed could not be put back wholly`);
  }

  #isMadeOrGone(call: Call): boolean {
    const target = this.target(call);
    return target?.made !== undefined || target?.gone === true;
  }

  #note(text: string): void {
    if (this.#left.has(text)) return;
    this.#left.add(text);
    this.#ground.note(text);
  }
}

/** Names of what changes by itself. */
const RESTLESS = /^(updated|modified|changed|lastmodified|lastseen|lastlogin|version|revision|etag|timestamp)/;
const DEPTH = 20;

const same = (a: Shown, b: Shown): boolean =>
  a.json === undefined ? Buffer.compare(a.bytes, b.bytes) === 0 : sameThing(a.json, b.json);

/** Whether two states of a thing are the same, without what changes by itself: times, versions. */
function sameThing(before: unknown, now: unknown): boolean {
  const same = (a: unknown, b: unknown, depth: number): boolean => {
    if (a === b || depth > DEPTH) return true;
    if (
      typeof a !== 'object' ||
      typeof b !== 'object' ||
      a === null ||
      b === null ||
      Array.isArray(a) !== Array.isArray(b)
    )
      return false;
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of names) {
      if (RESTLESS.test(plain(name))) continue;
      if (!same((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], depth + 1)) return false;
    }
    return true;
  };
  return same(thingIn(before) ?? before, thingIn(now) ?? now, 0);
}
