import type { Contract, Operation, SecurityScheme } from '../../contract/model.ts';
import type { Call } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Credentials, Identity } from '../model/identity.ts';
import type { Way } from './settings.ts';

/** What proves an identity now. */
export interface Credential {
  /** The token or key itself; undefined for Basic. */
  readonly secret: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly cookies: readonly (readonly [name: string, value: string])[];
  /** Sent with calls that change something. */
  readonly csrf: readonly [name: string, value: string] | undefined;
  /** A key whose place the contract says, operation by operation. */
  readonly key: string | undefined;
  /** Milliseconds since 1970 at which it ends; undefined: not known. */
  readonly ends: number | undefined;
}

export const credential = (given: Partial<Credential>): Credential => ({
  secret: undefined,
  headers: [],
  query: [],
  cookies: [],
  csrf: undefined,
  key: undefined,
  ends: undefined,
  ...given,
});

/** A credential is renewed when less than this many milliseconds (or a tenth of its life) are left. */
const EARLY = 20_000;
/** Renewals of one identity. */
const MOST_RENEWALS = 200;
/** Renewals in a row after which nothing worked. */
const MOST_IN_VAIN = 3;

export interface IdentityOptions {
  readonly name: string;
  readonly role: string | undefined;
  readonly way: Way;
  readonly contract: Contract;
  readonly login: { readonly username: string; readonly password: string; readonly operation?: Operation } | undefined;
  /** Made by the scan itself, at the API's own registration. */
  readonly registered: boolean;
  /** Gets a credential; a text says why there is none. Absent: what was given is all there is. */
  readonly obtain: (() => Promise<Credential | string>) | undefined;
  readonly given: Credential | undefined;
  note(text: string): void;
}

/** An identity of the scan: its credential, which may be renewed, and what is known to be its own. */
export class ScanIdentity implements Identity {
  readonly name: string;
  readonly role: string | undefined;
  readonly kind: Way;
  readonly login: { readonly username: string; readonly password: string; readonly operation?: Operation } | undefined;
  readonly registered: boolean;
  readonly own: Set<string> = new Set();
  /** The same by `kind.property`. */
  readonly ownIds: Map<string, Set<string>> = new Map();
  alive = true;
  /** Its last login. */
  session: { readonly operation: Operation; readonly call: Call; readonly exchange: Exchange } | undefined;
  /** Why it is dead. */
  fate: string | undefined;
  /** Counts renewals: calls that were tried before one may be tried again. */
  generation = 0;
  readonly #options: IdentityOptions;
  #credential: Credential | undefined;
  #since = Date.now();
  #renewing: Promise<boolean> | undefined;
  #inVain = 0;

  constructor(options: IdentityOptions) {
    this.name = options.name;
    this.role = options.role;
    this.kind = options.way;
    this.login = options.login;
    this.registered = options.registered;
    this.#options = options;
    this.#credential = options.given;
  }

  get secret(): string | undefined {
    return this.#credential?.secret;
  }

  /** The whole credential; undefined before login. */
  get credential(): Credential | undefined {
    return this.#credential;
  }

  set credential(value: Credential | undefined) {
    this.#credential = value;
    this.#since = Date.now();
  }

  get renewable(): boolean {
    return this.#options.obtain !== undefined;
  }

  /** Whether its end is near. */
  get ending(): boolean {
    const ends = this.#credential?.ends;
    if (ends === undefined || !this.renewable || this.#inVain > 0) return false;
    const left = ends - Date.now();
    return left < Math.min(EARLY, (ends - this.#since) / 10);
  }

  credentials(operation?: Operation): Credentials {
    const now = this.#credential;
    if (!now) return { headers: [], query: [], cookies: [] };
    const safe = operation === undefined || ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'].includes(operation.method);
    const headers = now.csrf && !safe ? [...now.headers, now.csrf] : now.headers;
    if (now.key === undefined) return { headers, query: now.query, cookies: now.cookies };
    const scheme = keyScheme(this.#options.contract, operation);
    const pair = [scheme?.parameter ?? 'X-API-Key', now.key] as const;
    switch (scheme?.in) {
      case 'query':
        return { headers, query: [pair], cookies: now.cookies };
      case 'cookie':
        return { headers, query: now.query, cookies: [pair] };
      default:
        return { headers: [...headers, pair], query: now.query, cookies: now.cookies };
    }
  }

  /** Calls at the same time share one renewal. */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    const { obtain, note } = this.#options;
    if (!obtain) {
      this.fate ??= 'its credential was given and cannot be renewed';
      return false;
    }
    if (this.generation >= MOST_RENEWALS || this.#inVain >= MOST_IN_VAIN) return false;
    this.generation++;
    const got = await obtain();
    if (typeof got === 'string') {
      this.#inVain++;
      const before = this.#credential === undefined ? 'cannot log in' : 'cannot log in any more';
      this.fate = `${before}: ${got}`;
      if (this.#credential === undefined || this.#inVain >= MOST_IN_VAIN) {
        this.alive = false;
        note(`identity ${this.name} ${this.fate}; what needs it is left out`);
      }
      return false;
    }
    this.#inVain = 0;
    this.fate = undefined;
    this.alive = true;
    this.credential = got;
    return true;
  }

  /** Says that it is of no use any more. */
  die(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.fate = why;
    this.#options.note(`identity ${this.name}: ${why}; what needs it is left out`);
  }
}

/** The scheme of a key for an operation: one of its own, else the first of the contract. */
function keyScheme(contract: Contract, operation: Operation | undefined): SecurityScheme | undefined {
  for (const { schemes } of operation?.security ?? []) {
    for (const { scheme } of schemes) if (scheme.type === 'apiKey') return scheme;
  }
  return contract.securitySchemes.find(({ type }) => type === 'apiKey');
}
