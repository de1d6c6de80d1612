import type { Contract, Operation } from '../../contract/model.ts';
import type { Call } from '../model/call.ts';
import type { KnownObject, Outcome, Sample, ScanOptions } from '../model/check.ts';
import type { Client, Exchange, SendOptions } from '../model/exchange.ts';
import type { Identity } from '../model/identity.ts';
import { Accounts, keepLogin } from './accounts.ts';
import { Book } from './book.ts';
import { Changes } from './changes.ts';
import { cleanUp } from './cleaning.ts';
import { Composer } from './compose.ts';
import { Exploring } from './exploring.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import { type KnownOperations, knownOperations } from './known.ts';
import { Maker } from './maker.ts';
import { createIdentity } from './obtain.ts';
import { Outcomes } from './outcome.ts';
import { Ownership } from './own.ts';
import { Preparing } from './preparing.ts';
import { Probe } from './probe.ts';
import { Resources } from './resources.ts';
import { type Kept, Samples } from './samples.ts';
import { Sender } from './sender.ts';
import type { IdentitySettings } from './settings.ts';
import { knownObjects } from './things.ts';
import { Trying } from './trying.ts';

export interface StateOptions {
  readonly client: Client;
  readonly contract: Contract;
  /** Those in scope. */
  readonly operations: readonly Operation[];
  readonly identities: readonly IdentitySettings[];
  readonly base: URL;
  readonly scan: ScanOptions;
  /** Whether the scan may make accounts of its own. Default true. */
  readonly register?: boolean | undefined;
  note(text: string): void;
  readonly signal: AbortSignal;
}

/** All that the scan knows of the API's state, and what it did to it. Never throws for what the API says. */
export interface State {
  /** As given, and those that were registered; dead ones too. */
  readonly identities: readonly Identity[];
  readonly known: KnownOperations;
  /** Gets a credential for each identity; makes accounts where that is allowed and needed. */
  login(): Promise<void>;
  /** Finds a call that works for each operation and identity. */
  explore(progress?: (done: number, total: number) => void): Promise<void>;
  /** Takes away what was made. */
  cleanUp(): Promise<void>;
  /** To be called with every exchange of the scan: things made and changed are remembered. Cheap for reads. */
  observe(exchange: Exchange): void;
  /** Sends a call as an identity; one whose credential died on the way gets a new one, and the call is sent again. */
  send(
    call: Call,
    as: Identity | null | undefined,
    options?: SendOptions & { readonly check?: string },
  ): Promise<Exchange>;
  samples(operation: Operation): readonly Sample[];
  sample(operation: Operation, as?: Identity | null): Promise<Sample | undefined>;
  prepare(operation: Operation, as: Identity): Promise<Call | undefined>;
  mayTry(call: Call): boolean;
  restore(sample: Sample): Promise<void>;
  outcome(exchange: Exchange): Outcome;
  objects(operation: Operation): readonly KnownObject[];
  /** Why no call of an operation worked; undefined where one did. */
  why(operation: Operation): string | undefined;
  /** What became of an identity, where that must be said: why it cannot log in. */
  fate(name: string): string | undefined;
  /** Whether the API still answers a call that worked before. */
  answers(): Promise<boolean>;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY']);

export function createState(options: StateOptions): State {
  const { client, contract, operations, base, scan, signal } = options;
  const ground: Ground = {
    client,
    contract,
    operations,
    base,
    known: knownOperations(operations),
    outcomes: new Outcomes(),
    options: scan,
    seed: scan.seed,
    signal,
    nonce: Date.now().toString(36),
    note: options.note,
  };
  const identities: ScanIdentity[] = [];
  const byName = new Map<string, ScanIdentity>();
  const resources = new Resources(contract, operations);
  const own = new Ownership(resources, () => identities);
  const book = new Book(ground, resources, own);
  const samples = new Samples();
  const sender = new Sender(ground, book, samples, (identity) => own.learnSelf(identity));
  const composer = new Composer(book, scan.seed, ground.nonce);
  const trying = new Trying(ground, composer, sender, samples);
  const changes = new Changes(ground, book, sender);
  const maker = new Maker(ground, book, composer, sender, samples, (name) => byName.get(name));
  const exploring = new Exploring({ ground, book, own, samples, sender, trying, changes, maker }, () => identities);
  const probe = new Probe(ground);
  const again = new Map<string, Promise<void>>();

  const add = (settings: IdentitySettings, registered: boolean): ScanIdentity | undefined => {
    if (byName.has(settings.name)) {
      ground.note(`identity ${settings.name} stands there twice: the first counts`);
      return undefined;
    }
    const identity = createIdentity(settings, ground, probe, own, registered);
    identities.push(identity);
    byName.set(settings.name, identity);
    return identity;
  };
  for (const settings of options.identities) add(settings, false);

  const enter = async (identity: ScanIdentity): Promise<void> => {
    if (identity.renewable) {
      if (!(await sender.renew(identity))) return;
    } else if ((await probe.accepts((operation) => identity.credentials(operation), identity.kind)) === false) {
      identity.die('its credential is refused wherever it was tried');
      return;
    }
    own.learnSelf(identity);
  };

  /** The sample of an identity, tried again where what it stands on was changed. */
  const current = async (operation: Operation, as: ScanIdentity | undefined): Promise<Kept | undefined> => {
    const name = as?.name ?? '';
    const kept = samples.get(operation, name);
    if (!kept) return undefined;
    const stale =
      book.changedSince(kept.uses, kept.sample.exchange.id) || (as !== undefined && as.generation !== kept.generation);
    if (!stale) return kept;
    const key = `${operation.key}\n${name}`;
    let trial = again.get(key);
    if (!trial) again.set(key, (trial = refresh(operation, as, kept).finally(() => again.delete(key))));
    await trial;
    return samples.get(operation, name);
  };

  const refresh = async (operation: Operation, as: ScanIdentity | undefined, kept: Kept): Promise<void> => {
    const { call } = kept.sample;
    const gone = book.resources.path(operation).some(({ place, kind }) => {
      const value = call.values.get(place);
      return (typeof value === 'string' || typeof value === 'number') && book.entry(kind, value)?.gone === true;
    });
    if (READS.has(operation.method) && !gone) {
      const exchange = await sender.send(call, as);
      if (ground.outcomes.of(exchange) === 'success') {
        samples.set(operation, as?.name ?? '', {
          ...kept,
          sample: { ...kept.sample, exchange },
          generation: as?.generation ?? 0,
        });
        return;
      }
    } else if (!gone && !READS.has(operation.method)) {
      // sending it again would change something again: what it names is still there
      return;
    }
    if (operation.method === 'DELETE' || book.resources.isDeed(operation)) return;
    await exploring.again(operation, as);
  };

  const mine = (as: Identity | null | undefined): ScanIdentity | undefined => (as ? byName.get(as.name) : undefined);
  const preparing = new Preparing({ ground, book, composer, changes, maker, samples }, current);

  const accounts = new Accounts({ ground, book, composer, own, samples }, identities, add, enter);

  return {
    identities,
    known: ground.known,
    login: async () => {
      for (const identity of identities) {
        if (signal.aborted) return;
        await enter(identity);
        keepLogin(identity, samples);
      }
      if (options.register !== false) await accounts.join();
      for (const identity of identities) book.seed(identity);
    },
    explore: (progress) => exploring.explore(progress),
    cleanUp: () => cleanUp(ground, book, samples, sender, identities),
    observe: (exchange) => {
      book.observe(exchange);
    },
    send: (call, as, sending) => sender.send(call, mine(as), sending),
    samples: (operation) => samples.of(operation).map(({ sample }) => sample),
    sample: async (operation, as) => {
      if (as !== undefined) return (await current(operation, mine(as)))?.sample;
      for (const { sample } of samples.of(operation)) {
        if (sample.as?.alive === false) continue;
        const found = await current(operation, mine(sample.as));
        if (found) return found.sample;
      }
      return undefined;
    },
    prepare: (operation, as) => preparing.prepare(operation, mine(as)),
    mayTry: (call) => changes.mayTry(call),
    restore: (sample) => changes.restore(sample, mine(sample.as)),
    outcome: (exchange) => ground.outcomes.of(exchange),
    objects: (operation) => knownObjects(operation, book),
    why: (operation) => samples.why(operation),
    fate: (name) => byName.get(name)?.fate,
    answers: async () => {
      for (const { sample } of samples.all()) {
        if (!READS.has(sample.call.operation.method)) continue;
        const outcome = ground.outcomes.of(await sender.send(sample.call, mine(sample.as)));
        return outcome === 'success';
      }
      const { answer } = await client.send({ method: 'GET', target: base.pathname, headers: [] }, { check: '' });
      return answer.status > 0 && answer.status !== 403 && answer.status !== 429;
    },
  };
}
