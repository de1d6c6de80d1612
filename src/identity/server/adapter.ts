import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { inRange, parseRange } from '../../shared/address.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import { findClient } from '../clients.ts';
import { clientMetadata } from './client-metadata.ts';
import { endGrant, GRANT, labelOfGrant } from './grants.ts';
import type { Records } from './records.ts';

/** Ends of records that oidc-provider gives none, in ms. */
const DEFAULT_LIFE = 86_400_000;

/** What the adapter needs of the server around it. */
export interface AdapterContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly records: Records;
  /** Who asks, where it is an application itself and not a browser on its behalf. */
  caller(): { readonly address: string } | undefined;
  /** A token that may be used once was used twice. */
  reused(kind: string, payload: AdapterPayload): void;
}

/** Storage for one model of oidc-provider. */
export const adapterFor =
  (context: AdapterContext) =>
  (model: string): Adapter => {
    if (model === 'Client') return new ClientAdapter(context);
    return model === 'Grant' ? new GrantAdapter(context) : new RecordAdapter(model, context);
  };

const nothing = async (): Promise<void> => {};

class RecordAdapter implements Adapter {
  readonly #model: string;
  readonly #context: AdapterContext;

  constructor(model: string, context: AdapterContext) {
    this.#model = model;
    this.#context = context;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const { records, clock, store } = this.#context;
    const ends = clock.now() + (expiresIn > 0 ? expiresIn * 1000 : DEFAULT_LIFE);
    const name = records.nameOf(this.#model, id);
    store.transaction(() => {
      // Written anew, a used one stays used.
      const consumed = records.get(this.#model, name)?.record.consumed;
      records.put(this.#model, name, payload, ends, undefined, consumed);
      if (payload.userCode !== undefined) this.#point('UserCode', payload.userCode, name, ends);
      if (this.#model === 'Session' && payload.uid !== undefined) this.#point('Uid', payload.uid, name, ends);
    });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#read(this.#context.records.nameOf(this.#model, id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#follow('Uid', uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#follow('UserCode', userCode);
  }

  /** Exactly one of those who come at once gets through; the others have presented a token that was used. */
  async consume(id: string): Promise<void> {
    const { records, store, clock, reused } = this.#context;
    const name = records.nameOf(this.#model, id);
    const payload = this.#read(name);
    if (records.consume(this.#model, name)) return;
    if (payload?.grantId !== undefined) {
      endGrant(store, clock, payload.grantId, 'a token that may be used once was used twice', 'server');
      reused(this.#model, payload);
    }
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    const { records } = this.#context;
    records.delete(this.#model, records.nameOf(this.#model, id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    // Tokens without their grant are not found: its end is the end of them all.
    endGrant(this.#context.store, this.#context.clock, grantId, 'revoked by the application, or used twice', 'server');
  }

  #point(kind: string, secret: string, name: string, ends: number): void {
    const { records } = this.#context;
    records.put(kind, records.nameOf(kind, secret), { name }, ends);
  }

  #follow(kind: string, secret: string): AdapterPayload | undefined {
    const { records } = this.#context;
    const pointer = records.get<{ name: string }>(kind, records.nameOf(kind, secret));
    return pointer === undefined ? undefined : this.#read(pointer.value.name);
  }

  #read(name: string): AdapterPayload | undefined {
    const { records } = this.#context;
    const found = records.get<AdapterPayload>(this.#model, name);
    if (found === undefined) return undefined;
    const { value, record } = found;
    if (value.grantId !== undefined && this.#model !== 'Interaction' && records.get(GRANT, value.grantId) === undefined)
      return undefined;
    return record.consumed === undefined ? value : { ...value, consumed: Math.floor(record.consumed / 1000) };
  }
}

/** Grants are listed to people, and their ids stand in tokens: they are no secret. */
class GrantAdapter implements Adapter {
  readonly #context: AdapterContext;

  constructor(context: AdapterContext) {
    this.#context = context;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const { records, clock } = this.#context;
    const ends = clock.now() + (expiresIn > 0 ? expiresIn * 1000 : DEFAULT_LIFE);
    records.put(GRANT, id, payload, ends, labelOfGrant(payload));
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#context.records.get<AdapterPayload>(GRANT, id)?.value;
  }

  async destroy(id: string): Promise<void> {
    endGrant(
      this.#context.store,
      this.#context.clock,
      id,
      'logged out, revoked by the application, or used twice',
      'server',
    );
  }

  findByUid = nothing as Adapter['findByUid'];
  findByUserCode = nothing as Adapter['findByUserCode'];
  consume = nothing as Adapter['consume'];
  revokeByGrantId = nothing as Adapter['revokeByGrantId'];
}

/** Applications come from the registry; the server itself never writes them. */
class ClientAdapter implements Adapter {
  readonly #context: AdapterContext;

  constructor(context: AdapterContext) {
    this.#context = context;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const record = /^app_[0-9A-Za-z]{16}$/.test(id) ? findClient(this.#context.store, id) : undefined;
    if (record?.state !== 'approved') return undefined;
    const caller = this.#context.caller();
    if (caller !== undefined && !isAllowed(caller.address, record.ranges)) return undefined;
    return clientMetadata(id, record);
  }

  upsert = nothing as Adapter['upsert'];
  destroy = nothing as Adapter['destroy'];
  findByUid = nothing as Adapter['findByUid'];
  findByUserCode = nothing as Adapter['findByUserCode'];
  consume = nothing as Adapter['consume'];
  revokeByGrantId = nothing as Adapter['revokeByGrantId'];
}

/** Whether an address is within ranges; no ranges are all. */
export const isAllowed = (address: string, ranges: readonly string[]): boolean =>
  ranges.length === 0 ||
  ranges.some((text) => {
    const range = parseRange(text);
    return range !== undefined && inRange(address, range);
  });
