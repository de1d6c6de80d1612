import { loadContract } from '../../contract/contract.ts';
import { type Outbound, OutboundError } from '../../outbound/outbound.ts';
import { LoadError } from '../../shared/finding.ts';
import type { Credentials, Identity } from '../model/identity.ts';
import { Outcomes } from '../state/outcome.ts';
import type { IdentitySettings } from '../state/settings.ts';
import { createState } from '../state/state.ts';
import { cookiesOf, tokenIn } from '../state/tokens.ts';
import type { Asking } from './asking.ts';
import { NOBODY } from './asking.ts';
import { type Carrier, carrierOfCookie, carrierOfHeader, pathOf } from './sighting.ts';

/** Where a contract that was made is said to stand: no file has it. */
export const MADE = '/discovered-contract.json';

/** Gives a document out of memory as what stands at a URL; what it refers to is fetched as ever. */
export const inMemory = (source: string, document: object, others?: Outbound): Outbound => ({
  fetch: async (url, options) => {
    if (url === source)
      return { status: 200, mediaType: 'application/json', headers: {}, body: Buffer.from(JSON.stringify(document)) };
    if (others) return await others.fetch(url, options);
    throw new OutboundError('url', `${url} is not fetched here`);
  },
});

/** Names of the field that holds the user name, tried in this order; each try is one login. */
const FIELDS = ['username', 'email', 'login', 'user', 'name'];

/** Somebody discovery can be, with a credential that was given or that a login gave. */
export interface Entered {
  readonly name: string;
  readonly role: string | undefined;
  readonly credentials: Credentials;
  readonly carriers: readonly Carrier[];
}

/** Gets a credential for each identity, by the login operations of a first draft of the contract. Never throws for what the API says. */
export async function enter(
  draft: object,
  identities: readonly IdentitySettings[],
  options: {
    readonly asking: Asking;
    readonly base: URL;
    readonly signal: AbortSignal;
    readonly timeout: number;
    readonly note: (text: string) => void;
  },
): Promise<readonly Entered[]> {
  if (identities.length === 0) return [];
  try {
    const source = new URL(MADE, options.base).href;
    const contract = await loadContract(source, { outbound: inMemory(source, draft) });
    const { asking, base, signal, timeout, note } = options;
    const state = createState({
      client: asking.client,
      contract,
      operations: contract.operations,
      identities,
      base,
      scan: { seed: 1, destructive: false, concurrency: 1, timeout },
      register: false,
      note,
      signal,
    });
    await state.login();
    return state.identities
      .filter(({ alive }) => alive)
      .map(entered)
      .filter(({ carriers }) => carriers.length > 0);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    options.note('nobody could log in: what was found is no contract yet');
    return [];
  }
}

function entered(identity: Identity): Entered {
  const credentials = identity.credentials();
  const carriers: Carrier[] = [];
  for (const [name, value] of credentials.headers) {
    const carrier =
      carrierOfHeader(name, value) ??
      (/csrf|xsrf/i.test(name) ? undefined : ({ type: 'key', in: 'header', name } as const));
    if (carrier) carriers.push(carrier);
  }
  for (const [name] of credentials.query) carriers.push({ type: 'key', in: 'query', name });
  const sessions = credentials.cookies.filter(([name]) => carrierOfCookie(name) !== undefined);
  // One cookie that no name gives away is still the session, where nothing else is.
  for (const [name] of sessions.length > 0 ? sessions : carriers.length === 0 ? credentials.cookies.slice(0, 1) : [])
    carriers.push({ type: 'key', in: 'cookie', name });
  return { name: identity.name, role: identity.role, credentials, carriers };
}

/**
 * Finds under which name a login takes the user name, by logging in.
 * @returns the field; undefined where none worked
 */
export async function loginField(
  asking: Asking,
  path: readonly string[],
  { username, password }: { readonly username: string; readonly password: string },
): Promise<string | undefined> {
  const outcomes = new Outcomes();
  const fields = username.includes('@') ? ['email', ...FIELDS.filter((field) => field !== 'email')] : FIELDS;
  for (const field of fields) {
    const text = JSON.stringify({ [field]: username, password });
    const exchange = await asking.ask('POST', pathOf(path), NOBODY, { type: 'application/json', text });
    if (exchange === undefined) return undefined;
    const outcome = outcomes.of(exchange);
    if (outcome === 'limited' || outcome === 'none' || outcome === 'no-method') return undefined;
    const { answer } = exchange;
    if (outcome === 'success' && (tokenIn(answer, undefined) !== undefined || cookiesOf(answer).size > 0)) return field;
  }
  return undefined;
}
