import type { Exchange } from '../model/exchange.ts';
import { kindOf } from '../state/names.ts';
import { Outcomes } from '../state/outcome.ts';
import { type Asking, type Control, NOBODY } from './asking.ts';
import type { Entered } from './entering.ts';
import { type Ids, isIdentifier } from './ids.ts';
import { linksOfHeader, linksOfJson, linksOfPage, linksOfText, pathsInCode, type Told } from './links.ts';
import { carrierOfQuery, pathOf, type Sighting, segmentsOf } from './sighting.ts';
import { isParameter } from './templates.ts';
import { BELOW_COLLECTION, BELOW_ITEM, HARMFUL, LOGINS, STATIC } from './words.ts';

/** Parameters and names below the root that are followed. */
export const DEPTH = 3;
/** Identifiers of one collection, and collections within one thing, that are looked at. */
const ITEMS = 2;
/** Identities that are tried where nobody may read. */
const IDENTITIES = 4;
/** Questions for the methods of a path that may be answered with nothing, in a row. */
const IN_VAIN = 6;
const METHODS = /^(?:GET|POST|PUT|PATCH|DELETE)$/;

interface Target {
  readonly path: readonly string[];
  readonly query: string;
  readonly depth: number;
  /** Guessed: only what is answered otherwise than nonsense is there. Else somebody said so. */
  readonly guessed: boolean;
}

/** Looks at paths, and at what their answers lead to. */
export class Looking {
  readonly sightings: Sighting[] = [];
  people: readonly Entered[] = [];
  readonly #asking: Asking;
  readonly #base: URL;
  readonly #root: readonly string[];
  readonly #ids: Ids;
  readonly #outcomes = new Outcomes();
  readonly #queue: Target[] = [];
  readonly #queued = new Set<string>();
  /** Paths where something is, with what `GET` was answered. */
  readonly #inVain = new Map<string, number>();
  readonly #there = new Map<string, readonly string[]>();

  /** @param root segments of the base path: nothing outside of it is looked at */
  constructor(asking: Asking, base: URL, root: readonly string[], ids: Ids) {
    this.#asking = asking;
    this.#base = base;
    this.#root = root;
    this.#ids = ids;
  }

  isThere(path: readonly string[]): boolean {
    return this.#there.has(pathOf(path));
  }

  /** Names a path to look at, once. */
  suggest(
    path: readonly string[],
    options: { readonly query?: string; readonly depth?: number; readonly guessed?: boolean } = {},
  ): void {
    const { query = '', depth = 0, guessed = false } = options;
    const key = pathOf(path);
    if (
      path.length <= this.#root.length ||
      depth > DEPTH ||
      path.length > 12 ||
      this.#queued.size >= 10_000 ||
      this.#queued.has(key)
    )
      return;
    if (!this.#root.every((segment, index) => path[index] === segment)) return;
    if (path.some((segment) => isParameter(segment)) || HARMFUL.test(key) || STATIC.test(key)) return;
    this.#queued.add(key);
    this.#queue.push({ path, query, depth, guessed });
  }

  /** What a text says: templates are taken as they are, paths are looked at. */
  heed(told: readonly Told[], depth: number): void {
    for (const { target, method, fields } of told) {
      const [plain = '', query = ''] = target.split('?', 2);
      const path = segmentsOf(plain);
      if (path === undefined || STATIC.test(plain) || !this.#root.every((segment, index) => path[index] === segment))
        continue;
      const templated = path.some((segment) => isParameter(segment));
      if (fields !== undefined && method === 'GET') {
        this.suggest(path, { depth, query });
        if (fields.length > 0)
          this.#note({ method, path, query: fields.map((name) => [name, ''] as const), carriers: [] });
      } else if (method !== 'GET' || templated) {
        const body =
          fields === undefined
            ? undefined
            : {
                type: 'application/x-www-form-urlencoded',
                value: Object.fromEntries(fields.map((name) => [name, ''])),
              };
        if (METHODS.test(method)) this.#note({ method, path, query: [], body, carriers: [] });
      } else this.suggest(path, { depth, query });
    }
  }

  #note(sighting: Sighting): void {
    if (this.sightings.length < 20_000) this.sightings.push(sighting);
  }

  /** Looks at everything that was suggested, and at where that leads. @param reserve requests that are left for later */
  async work(reserve: number): Promise<void> {
    for (
      let target = this.#queue.shift();
      target !== undefined && this.#asking.left > reserve;
      target = this.#queue.shift()
    ) {
      await this.#look(target);
    }
  }

  /** What was seen without a credential and was refused, again as those who have one. */
  async again(): Promise<void> {
    const refused = this.sightings.filter(
      ({ method, refused, path }) => method === 'GET' && refused === true && path.length > 0,
    );
    for (const { path } of refused) {
      if (this.#asking.left <= 0) return;
      const depth = path.filter(isIdentifier).length;
      await this.#asPeople({ path, query: '', depth, guessed: true });
    }
  }

  async #look(target: Target): Promise<void> {
    const { path, query, guessed } = target;
    const written = `${pathOf(path)}${query === '' ? '' : `?${query}`}`;
    const exchange = await this.#asking.ask('GET', written);
    if (exchange === undefined || exchange.answer.status === 0) return;
    const { answer } = exchange;
    const parent = path.slice(0, -1);
    const control = await this.#asking.control(parent);
    const absent = answer.status === 404 || answer.status === 410 || answer.status === 501;
    const same = control.alike(path, answer);
    // Nothing is there; or, behind a parameter, nothing that could be told from an identifier.
    if (path.length > 0 && (absent || same) && !(same && control.parameter && isIdentifier(path.at(-1) as string))) {
      // Somebody said so: a page that says nothing is there may still mean who asks.
      if (guessed || absent || !same) return;
    }
    const outcome = this.#outcomes.of(exchange);
    if (guessed && outcome === 'success' && (await this.#asking.isPattern(path, answer))) return;
    this.#there.set(pathOf(path), path);
    if (outcome !== 'no-method') this.#seen(target, exchange, undefined);
    if (outcome === 'success' && this.#asking.standing !== NOBODY) {
      const open = await this.#asking.ask('GET', written, NOBODY);
      if (open !== undefined && open.answer.status !== 0) this.#seen(target, open, null);
    }
    await this.#methods(path, exchange, control);
    if (outcome === 'unauthenticated' || outcome === 'forbidden') await this.#asPeople(target);
    await this.#below(target);
  }

  /** The same as those who have a credential, until it works. */
  async #asPeople(target: Target): Promise<void> {
    for (const person of this.people.slice(0, IDENTITIES)) {
      const exchange = await this.#asking.ask(
        'GET',
        `${pathOf(target.path)}${target.query === '' ? '' : `?${target.query}`}`,
        person.credentials,
      );
      if (exchange === undefined) return;
      const outcome = this.#outcomes.of(exchange);
      if (outcome !== 'success') continue;
      this.#seen(target, exchange, person);
      return;
    }
  }

  #seen({ path, query, depth }: Target, exchange: Exchange, person: Entered | null | undefined): void {
    const { answer } = exchange;
    const outcome = this.#outcomes.of(exchange);
    const isPage = answer.mediaType === 'text/html';
    const index = path.length <= this.#root.length;
    const at = new URL(pathOf(path), this.#base);
    const pairs = [...new URLSearchParams(query)].filter(([name]) => carrierOfQuery(name) === undefined);
    const carriers =
      person === null || (person === undefined && this.#asking.standing === NOBODY)
        ? []
        : ((person ?? this.people[0])?.carriers ?? []);
    const refused = outcome === 'unauthenticated' || outcome === 'forbidden';
    // Pages of a site are read for what they lead to; they are no operations.
    if (!(isPage && (index || /<html/i.test(answer.text.slice(0, 2_000)))) || refused) {
      if (!index || answer.mediaType.includes('json'))
        this.#note({
          method: 'GET',
          path,
          query: pairs,
          answer: { status: answer.status, type: answer.mediaType, json: answer.json },
          carriers,
          refused,
        });
    }
    if (outcome !== 'success') return;
    this.#ids.learn(path, answer.json);
    if (answer.json !== undefined) this.heed(linksOfJson(answer.json, at), depth + 1);
    if (isPage) this.heed(linksOfPage(answer.text, at).told, depth + 1);
    for (const { target } of linksOfHeader(answer.headers.get('link'), at))
      this.heed([{ target, method: 'GET' }], depth + 1);
    // What comes into sight late is looked at too: identifiers that this answer held.
    if (person) this.#items(path, depth);
  }

  /** Methods that the API itself names: `Allow` of 405 and of OPTIONS. */
  async #methods(path: readonly string[], { answer }: Exchange, control: Control): Promise<void> {
    if (path.length <= this.#root.length) return;
    let allow = answer.status === 405 ? (answer.headers.get('allow') ?? '') : '';
    for (const method of ['OPTIONS', 'PROPFIND']) {
      // An API that never says is not asked for ever.
      const inVain = this.#inVain.get(method) ?? 0;
      if (allow !== '' || inVain >= IN_VAIN) continue;
      const exchange = await this.#asking.ask(method, pathOf(path));
      const status = exchange?.answer.status ?? 0;
      if (method === 'OPTIONS' ? status < 500 : status === 405) allow = exchange?.answer.headers.get('allow') ?? '';
      if (method === 'OPTIONS' && allow !== '' && allow === (await control.allow())) allow = '';
      this.#inVain.set(method, allow === '' ? inVain + 1 : 0);
    }
    for (const method of allow
      .toUpperCase()
      .split(/\s*,\s*/)
      .slice(0, 20)) {
      if (METHODS.test(method)) this.#note({ method, path, query: [], carriers: [] });
    }
  }

  /** Whatever may stand below: things of a list, deeds of a collection. */
  async #below({ path, depth }: Target): Promise<void> {
    const last = path.at(-1);
    if (last === undefined || path.length <= this.#root.length || depth >= DEPTH || isIdentifier(last)) return;
    this.#items(path, depth);
    if ((await this.#asking.control(path)).parameter) {
      if (this.#ids.of(last).length === 0) this.suggest([...path, '1'], { depth: depth + 1, guessed: true });
    }
  }

  #items(path: readonly string[], depth: number): void {
    const last = path.at(-1);
    if (last === undefined || isIdentifier(last)) return;
    for (const { value } of this.#ids.of(last).slice(0, ITEMS))
      this.suggest([...path, value], { depth: depth + 1, guessed: true });
  }

  /** Collections within things and deeds of collections, as far as requests are left. */
  async nest(): Promise<void> {
    const places = [...this.#there.values()].filter((path) => path.length > this.#root.length);
    const collections = places.filter(
      (path) => !isIdentifier(path.at(-1) as string) && kindOf(path.at(-1) as string) !== path.at(-1),
    );
    const items = new Map<string, readonly string[]>();
    for (const path of places) {
      if (isIdentifier(path.at(-1) as string)) items.set(pathOf(path.slice(0, -1)), path);
    }
    // A thing that cannot be read by itself may still have others in it.
    for (const path of collections) {
      const [known] = this.#ids.of(path.at(-1) as string);
      if (known && !items.has(pathOf(path))) items.set(pathOf(path), [...path, known.value]);
    }
    const names = new Set<string>(BELOW_ITEM);
    for (const path of places) {
      const last = path.at(-1) as string;
      if (!isIdentifier(last) && !LOGINS.includes(last)) names.add(last);
    }
    // Nested ones come into sight while this goes on; the same share for each, so that the last are looked at too.
    const share = Math.floor((this.#asking.left * 0.6) / Math.max(items.size, 1)) - 4;
    for (const path of items.values()) {
      for (const name of [...names].slice(0, Math.max(share, 0)))
        this.suggest([...path, name], { depth: 2, guessed: true });
    }
    await this.work(this.#asking.left / 4);
    // As somebody who is let in, a deed can be told from the identifier of nothing: nobody learns more than "who are you?".
    const [person] = this.people;
    const before = this.#asking.standing;
    if (person && before === NOBODY) {
      this.#asking.standing = person.credentials;
      this.#asking.forget();
    }
    for (const word of BELOW_COLLECTION) {
      for (const path of collections) this.suggest([...path, word], { depth: 2, guessed: true });
    }
    await this.work(0);
    this.#asking.standing = before;
  }

  /** What robots.txt, a site map, security.txt and scripts of the index page name. */
  async leads(index: Exchange | undefined): Promise<void> {
    const root = this.#root.length === 0 ? '' : pathOf(this.#root);
    const at = new URL(`${root}/`, this.#base);
    if (index !== undefined && index.answer.status < 400) {
      const { answer } = index;
      this.heed(
        linksOfHeader(answer.headers.get('link'), at).map(({ target }) => ({ target, method: 'GET' })),
        0,
      );
      if (answer.json !== undefined) {
        this.heed(linksOfJson(answer.json, at), 0);
        if (!(await this.#asking.control(this.#root)).alike(this.#root, answer))
          this.#seen({ path: this.#root, query: '', depth: 0, guessed: false }, index, undefined);
      } else {
        const { told, scripts } = linksOfPage(answer.text, at);
        this.heed(told, 0);
        for (const script of scripts) {
          const exchange = await this.#asking.ask('GET', script);
          if (exchange !== undefined && exchange.answer.status === 200)
            this.heed(pathsInCode(exchange.answer.text, at), 0);
        }
        this.heed(pathsInCode(answer.text, at), 0);
      }
    }
    for (const file of ['/robots.txt', '/sitemap.xml', '/.well-known/security.txt']) {
      const exchange = await this.#asking.ask('GET', file);
      if (exchange !== undefined && exchange.answer.status === 200 && exchange.answer.mediaType !== 'text/html')
        this.heed(linksOfText(exchange.answer.text, at), 0);
    }
  }
}
