import type { Client } from '../model/exchange.ts';
import type { IdentitySettings } from '../state/settings.ts';
import { Asking } from './asking.ts';
import { documentOf } from './document.ts';
import { type Entered, enter, loginField } from './entering.ts';
import { readHar } from './har.ts';
import { Ids } from './ids.ts';
import { Looking } from './looking.ts';
import { publishedContract, refersElsewhere } from './published.ts';
import { type Carrier, pathOf, type Sighting, segmentsOf } from './sighting.ts';
import { FIRST, LOGINS, PREFIXES, RESOURCES } from './words.ts';

/** Recorded requests from which on a HAR file is taken to show where the API stands. */
const RECORDED = 10;
/**
 * Checks that hold an API to what its contract forbids or leaves out. A contract that was made by looking forbids
 * nothing: what they find would be said of the looking, not of the API.
 */
export const NEEDS_A_CONTRACT: readonly string[] = [
  'forbidden-accepted',
  'undeclared-method',
  'undeclared-properties',
  'broken-answers',
];
/** How a body stands in the document of which only that there is one is known. */
const UNKNOWN_BODY = '{"schema":{"type":"object"}}';
/** Requests of one discovery, where nothing else is said. */
export const MOST_REQUESTS = 600;

export interface DiscoverOptions {
  /** The API: scheme, host and port. */
  readonly base: URL;
  /** Nothing outside of it is looked at; `/` or absent: all. */
  readonly basePath?: string | undefined;
  readonly client: Client;
  readonly identities: readonly IdentitySettings[];
  /** A HAR file, as text, with its name for messages. */
  readonly har?: { readonly text: string; readonly file: string } | undefined;
  /** Requests at most. Default 600. */
  readonly most?: number | undefined;
  /** Milliseconds for one exchange. */
  readonly timeout?: number | undefined;
  readonly seed?: number | undefined;
  readonly signal: AbortSignal;
}

export interface Discovery {
  /** OpenAPI 3.1, or what the API publishes itself. */
  readonly document: object;
  /** What a person must know: how it was found, what could not be. */
  readonly notes: string[];
  /** Where the API publishes it; undefined where it was made. */
  readonly published: string | undefined;
  readonly requests: number;
}

/**
 * Finds the contract of an API that came without one: the one it publishes, else one that is made of what a HAR file,
 * its index page, common paths and its own answers show. Only GET, OPTIONS and PROPFIND are sent, and logins of the
 * identities that were given. The same API gives the same document.
 *
 * @throws OptionError where the HAR file is none
 */
export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const { base, client, identities, signal } = options;
  const root = segmentsOf(options.basePath ?? '/') ?? [];
  const prefix = root.length === 0 ? '' : pathOf(root);
  const notes: string[] = [];
  const note = (text: string): void => {
    if (notes.length < 100 && !notes.includes(text)) notes.push(text);
  };
  const har = options.har && readHar(options.har.text, base.host, options.har.file);
  for (const text of har?.notes ?? []) note(text);
  const most = options.most ?? MOST_REQUESTS;
  const asking = new Asking(client, most, (options.seed ?? 1).toString(36).padStart(4, 'k'), signal);

  const index = await asking.ask('GET', `${prefix}/`);
  const published = await publishedContract(asking, base, prefix, index?.answer);
  if (published) {
    note(`the API publishes its contract at ${published.target}: that is used${har ? ', not the HAR file' : ''}`);
    if (refersElsewhere(published.document))
      note(
        `it refers to other documents: name ${new URL(published.target, base)} as the contract, in place of --discover`,
      );
    return { document: published.document, notes, published: published.target, requests: asking.sent };
  }

  const ids = new Ids();
  const looking = new Looking(asking, base, root, ids);
  const recorded = (har?.sightings ?? []).filter(({ path }) => root.every((segment, at) => path[at] === segment));
  for (const { path, answer } of recorded) ids.learn(path, answer?.json);
  const carriers: Carrier[] = recorded.flatMap((one) => one.carriers);
  const draft = (extra: readonly Sighting[]): object =>
    documentOf([...recorded, ...looking.sightings, ...extra], ids, {
      title: base.host,
      basePath: prefix === '' ? '/' : prefix,
      carriers,
    });

  // Where nothing is answered without a credential, those that need no login are used at once.
  const lookup = { asking, base, signal, timeout: options.timeout ?? 10_000, note };
  const given = identities.filter(({ login }) => login === undefined);
  const direct = await withGiven(given, draft, lookup);
  looking.people = direct;
  const shut = (await asking.control(root)).status;
  if ((shut === 401 || shut === 403) && direct[0]) {
    asking.standing = direct[0].credentials;
    asking.forget();
  }
  await looking.leads(index);
  for (const { path, method, query } of recorded)
    if (method === 'GET')
      looking.suggest(path, { query: new URLSearchParams(query.map(([name, value]) => [name, value])).toString() });
  await looking.work(most / 2);
  await guess(asking, looking, root, recorded);

  const logins = await loginsOf(asking, looking, recorded, root, identities);
  for (const one of logins) looking.sightings.push(one);
  const entering = identities.filter(({ login }) => login !== undefined);
  if (entering.length > 0 && logins.length === 0 && !recorded.some(({ path }) => LOGINS.includes(path.at(-1) ?? '')))
    note('no login operation was found: give a HAR file in which somebody logs in, or tokens (--as NAME=Bearer:...)');
  else if (entering.length > 0) looking.people = [...direct, ...(await enter(draft([]), entering, lookup))];
  for (const person of looking.people) carriers.push(...person.carriers);
  await looking.again();
  await looking.work(100);
  await looking.nest();

  if (asking.left <= 0 && !signal.aborted) note(`${most} requests were sent, and more could have been looked at`);
  const document = draft([]) as { readonly paths: Readonly<Record<string, object>> };
  const count = Object.values(document.paths).reduce(
    (sum, item) => sum + Object.keys(item).filter((key) => key !== 'parameters').length,
    0,
  );
  note(
    `${count} operations found with ${asking.sent} requests${har ? ` and ${recorded.length} recorded ones` : ''}: read the contract, and correct it (--write-contract FILE); what it does not name is not scanned`,
  );
  const blind = JSON.stringify(document).split(UNKNOWN_BODY).length - 1;
  if (blind > 0)
    note(
      `of ${blind} operations it is not known what they take: a HAR file in which they are used shows it (--har), or write it into the contract`,
    );
  return { document, notes, published: undefined, requests: asking.sent };
}

async function withGiven(
  given: readonly IdentitySettings[],
  draft: (extra: readonly Sighting[]) => object,
  lookup: Parameters<typeof enter>[2],
): Promise<readonly Entered[]> {
  if (given.length === 0) return [];
  return await enter(draft([{ method: 'GET', path: [], query: [], carriers: [] }]), given, lookup);
}

/** Common names, below the root and below each prefix that is alive. */
async function guess(
  asking: Asking,
  looking: Looking,
  root: readonly string[],
  recorded: readonly Sighting[],
): Promise<void> {
  // Who recorded a session knows where the API stands: what is left is better spent below what was seen.
  const known = recorded.length >= RECORDED;
  const names = known ? RESOURCES.slice(0, 110) : RESOURCES;
  const segments = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');
  const suggest = (below: readonly string[], names: readonly string[]): void => {
    for (const name of names) looking.suggest([...below, ...segments(name)], { guessed: true });
  };
  const isAlive = (path: readonly string[]): boolean =>
    FIRST.some((name) => looking.isThere([...path, ...segments(name)]));
  const alive: (readonly string[])[] = [];
  suggest(root, FIRST);
  await looking.work(0);
  if (root.length === 0) {
    for (const prefix of PREFIXES.map(segments)) {
      if (known && !recorded.some(({ path }) => prefix.every((segment, at) => path[at] === segment))) continue;
      if (alive.length >= 2) break;
      suggest(prefix, FIRST);
      await looking.work(asking.left / 2);
      if (isAlive(prefix)) alive.push(prefix);
    }
  }
  // Where the API stands below a prefix, little of it stands beside.
  suggest(root, alive.length > 0 && !isAlive(root) ? RESOURCES.slice(0, 40) : [...names, ...LOGINS]);
  for (const prefix of alive) suggest(prefix, [...names, ...LOGINS]);
  await looking.work(150);
}

/** Login operations that were found, with the fields they take. */
async function loginsOf(
  asking: Asking,
  looking: Looking,
  recorded: readonly Sighting[],
  root: readonly string[],
  identities: readonly IdentitySettings[],
): Promise<readonly Sighting[]> {
  const login = identities.find((one) => one.login !== undefined)?.login;
  const isLogin = ({ method, path }: Sighting): boolean =>
    method === 'POST' && LOGINS.some((name) => path.slice(root.length).join('/').endsWith(name));
  if (recorded.some((one) => isLogin(one) && one.body !== undefined)) return [];
  const paths = new Map(looking.sightings.filter(isLogin).map(({ path }) => [pathOf(path), path]));
  for (const one of looking.sightings) {
    // Found, and nobody told the methods.
    if (one.method === 'GET' && isLogin({ ...one, method: 'POST' }) && paths.size < 3)
      paths.set(pathOf(one.path), one.path);
  }
  const found: Sighting[] = [];
  for (const path of [...paths.values()].slice(0, 3)) {
    const field = login === undefined ? undefined : await loginField(asking, path, login);
    if (login !== undefined && field === undefined) continue;
    const body = { type: 'application/json', value: { [field ?? 'username']: 'name', password: 'word' } };
    found.push({
      method: 'POST',
      path,
      query: [],
      body,
      answer: { status: 200, type: 'application/json', json: undefined },
      carriers: [],
    });
    if (field !== undefined) break;
  }
  return found;
}
