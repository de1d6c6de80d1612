import type { Operation, Parameter } from '../contract/model.ts';
import type { Body, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Services } from '../gateway/services.ts';
import { credentialPlaces } from '../shared/credential-places.ts';
import { escapeStep } from '../shared/json-pointer.ts';
import { Memo } from '../shared/memo.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import type { DetectionClass, Source } from './classes/class.ts';
import { CLASSES } from './classes/index.ts';
import { Exceptions, type Spot } from './exceptions.ts';
import { Judge } from './judge.ts';
import { SEARCH_ALL, type SearchNode, searchTree } from './search-tree.ts';
import type { DetectionSettings } from './settings.ts';
import { type Found, type Visitor, Walk } from './walk.ts';
import { xmlTexts } from './xml-texts.ts';

export const STAGE = 'detect';

/** Findings of one exchange that are noted in report mode; the rest are counted. */
const MAX_NOTED = 10;

/** Headers that the gate writes anew or that cannot reach anything but HTTP itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['host', 'content-length', 'content-type', 'cookie', 'connection']);

/** Bodies that are bytes and nothing else; under no contract, any other is searched as text where it is text. */
const BYTES = /^(?:image|audio|video|font)\/|^application\/(?:octet-stream|pdf|zip|gzip|zstd|wasm|protobuf|grpc)/;

const isXml = (type: string): boolean => type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml');

/** Compiles the search of one operation. */
export function compileStage(
  settings: DetectionSettings,
  operation: Operation,
  services: Pick<Services, 'count'>,
): (exchange: Exchange) => Refusal | undefined {
  const plan = new SearchPlan(settings, operation);
  const report = settings.mode === 'report';
  return (exchange) => {
    const search = new Search(plan, report);
    search.exchange(exchange);
    for (const index of search.excepted)
      services.count('portcullis_detection_exceptions_total', { exception: String(index) });
    if (search.tooLong !== undefined) {
      const { spot, length } = search.tooLong;
      const violation = {
        in: spot.source === 'filename' ? 'body' : spot.source,
        pointer: pointerOf(spot),
        detail: `is longer than the ${settings.maxValue} characters that are searched`,
      };
      if (!report) return refuse('invalid-request', { violations: [violation], evidence: { length } });
      exchange.note(STAGE, 'a value is too long to be searched; reported only', { ...violation, length });
    }
    const { found } = search;
    if (found.length === 0) return undefined;
    for (const each of found) services.count('portcullis_detection_findings_total', { class: each.class });
    if (!report) return refuse('harmful', { evidence: evidenceOf(found[0] as Found) });
    for (const each of found) exchange.note(STAGE, 'harmful; reported only', evidenceOf(each));
    return undefined;
  };
}

/** What the owner is told; nothing of it leaves the gate. */
export function evidenceOf(found: Found): Record<string, unknown> {
  const { spot, key, secret } = found;
  return {
    class: found.class,
    in: spot.source,
    name: placeOf(spot),
    part: key ? 'name' : 'value',
    form: found.form,
    matched: secret ? '[withheld: the place is secret]' : found.span,
    why: found.why,
  };
}

const pointerOf = ({ name, path }: Spot): string =>
  (name === '' ? path : [name, ...path])
    .map((step) => `/${escapeStep(step)}`)
    .join('')
    .slice(0, 500);

/** A parameter by its name, a place in a body by its pointer. */
const placeOf = (spot: Spot): string =>
  spot.name === '' || spot.path.length > 0 ? pointerOf(spot) : spot.name.slice(0, 500);

const NO_TREES: ReadonlyMap<string, SearchNode> = new Map();
/** By settings, which most operations share. */
const judges = new Memo<Judge>();

/** All that can be decided at load. */
class SearchPlan {
  readonly judge: Judge;
  /** Of XML bodies as a whole. */
  readonly documents: Judge;
  readonly exceptions: Exceptions;
  readonly maxValue: number;
  readonly free: boolean;
  readonly parameters: Readonly<Record<'path' | 'query' | 'header' | 'cookie', ReadonlyMap<string, SearchNode>>>;
  readonly secretHeaders: readonly string[];
  readonly secretCookies: readonly string[];
  readonly #bodies = new Map<string, SearchNode>();

  constructor(settings: DetectionSettings, operation: Operation) {
    const on = (each: DetectionClass): boolean => settings.classes.includes(each.name);
    this.judge = judges.get(settings, 'values', () => new Judge(CLASSES.filter(on), settings.sensitivity));
    this.documents = judges.get(settings, 'documents', () => {
      const classes = CLASSES.filter((each) => each.documents && on(each));
      return new Judge(classes, settings.sensitivity);
    });
    this.exceptions = Exceptions.of(settings.exceptions, operation);
    this.maxValue = settings.maxValue;
    this.free = isWithoutContract(operation);
    const trees = (where: Parameter['in']): ReadonlyMap<string, SearchNode> => {
      const there = operation.parameters.filter((each) => each.in === where);
      return there.length === 0 ? NO_TREES : new Map(there.map((each) => [each.name, searchTree(each.schema)]));
    };
    const whole = operation.parameters.find((each) => each.in === 'querystring');
    const query = whole === undefined ? trees('query') : new Map([...trees('query'), [whole.name, SEARCH_ALL]]);
    this.parameters = { path: trees('path'), query, header: trees('header'), cookie: trees('cookie') };
    const secrets = credentialPlaces(operation);
    this.secretHeaders = secrets.headers;
    this.secretCookies = secrets.cookies;
    for (const media of operation.body?.content ?? []) this.#bodies.set(media.type, searchTree(media.schema));
  }

  bodyTree(mediaType: string): SearchNode {
    return this.#bodies.get(mediaType) ?? SEARCH_ALL;
  }
}

/** The search of one exchange. */
class Search implements Visitor {
  readonly found: Found[] = [];
  readonly excepted: number[] = [];
  tooLong: { spot: Spot; length: number } | undefined = undefined;
  readonly #plan: SearchPlan;
  readonly #all: boolean;
  readonly #walk: Walk;
  /** Of the text that is searched; one for all of them. */
  readonly #place: { source: Source; name: string; key: boolean; within: string } = {
    source: 'path',
    name: '',
    key: false,
    within: '',
  };
  #secret = false;
  #untrusted = false;

  constructor(plan: SearchPlan, all: boolean) {
    this.#plan = plan;
    this.#all = all;
    this.#walk = new Walk(this);
  }

  exchange(exchange: Exchange): void {
    // Where validation only reports, values may be other than the contract says, and what it would have removed goes on.
    for (const { stage, evidence } of exchange.decisions) {
      if (evidence !== undefined && stage.startsWith('validate')) this.#untrusted = true;
    }
    void (this.#path(exchange) || this.#query(exchange) || this.#headers(exchange) || this.#body(exchange));
  }

  #node(node: SearchNode | undefined): SearchNode {
    return node === undefined || this.#untrusted ? SEARCH_ALL : node;
  }

  #path(exchange: Exchange): boolean {
    const { parameters, free } = this.#plan;
    if (free || exchange.parameters === undefined) {
      const { segments } = exchange.request;
      for (let i = 0; i < segments.length; i++) {
        const text = segments[i] as string;
        if (text.length > 1 && this.text(text, 'path', String(i), NO_PATH, false, false)) return true;
      }
      return false;
    }
    const { path } = exchange.parameters;
    for (const name in path) {
      if (this.#walk.start(path[name], 'path', name, this.#node(parameters.path.get(name)))) return true;
    }
    return false;
  }

  #query(exchange: Exchange): boolean {
    const known = this.#plan.parameters.query;
    const query = exchange.parameters?.query;
    if (query === undefined) return this.#pairs(exchange.request.query, 'query');
    for (const name in query) {
      const node = known.get(name);
      if (node === undefined && this.text(name, 'query', name, NO_PATH, true, false)) return true;
      if (this.#walk.start(query[name], 'query', name, this.#node(node))) return true;
    }
    return this.#untrusted && this.#pairs(exchange.request.query, 'query');
  }

  /** A query or form that no stage has read, or not whole, searched as any server may read it. */
  #pairs(query: string, source: 'query' | 'body'): boolean {
    for (const pair of query.split('&')) {
      const text = pair.replaceAll('+', ' ');
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      if (name.length > 1 && this.text(name, source, name, NO_PATH, true, false)) return true;
      if (text.length > equals + 2 && equals >= 0) {
        if (this.text(text.slice(equals + 1), source, name, NO_PATH, false, false)) return true;
      }
    }
    return false;
  }

  #headers(exchange: Exchange): boolean {
    const { parameters, secretHeaders } = this.#plan;
    const { headers } = exchange.request;
    for (const name in headers) {
      const value = headers[name] as string;
      if (value.length < 2 || OWN_HEADERS.has(name)) continue;
      this.#secret = secretHeaders.includes(name);
      const typed = exchange.parameters?.header[name];
      const node = parameters.header.get(name);
      const stop =
        typed === undefined || node === undefined
          ? this.text(value, 'header', name, NO_PATH, false, false)
          : this.#walk.start(typed, 'header', name, this.#node(node));
      if (stop) return true;
    }
    this.#secret = false;
    const cookie = headers['cookie'];
    return cookie !== undefined && this.#cookies(cookie, exchange);
  }

  #cookies(header: string, exchange: Exchange): boolean {
    const { parameters, secretCookies } = this.#plan;
    const typed = exchange.parameters?.cookie;
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=');
      const name = (equals < 0 ? pair : pair.slice(0, equals)).trim();
      const value = equals < 0 ? '' : pair.slice(equals + 1).trim();
      const node = parameters.cookie.get(name);
      this.#secret = secretCookies.includes(name);
      if (node === undefined && name.length > 1 && this.text(name, 'cookie', name, NO_PATH, true, false)) return true;
      const stop =
        typed?.[name] === undefined || node === undefined
          ? value.length > 1 && this.text(value, 'cookie', name, NO_PATH, false, false)
          : this.#walk.start(typed[name], 'cookie', name, this.#node(node));
      if (stop) return true;
    }
    this.#secret = false;
    return false;
  }

  #body(exchange: Exchange): boolean {
    const { body } = exchange;
    if (body === undefined) return false;
    const { value, mediaType, bytes } = body;
    if (typeof value === 'string' && isXml(mediaType)) {
      if (this.#search(this.#plan.documents, value, 'body', '', NO_PATH, false, false)) return true;
      for (const { text, where, key = false } of xmlTexts(value)) {
        if (this.text(text, 'body', '', where, key, false)) return true;
      }
      return false;
    }
    if (value === undefined && this.#plan.free && bytes.length > 0 && !BYTES.test(mediaType)) {
      const text = bytes.toString('utf8');
      return this.text(text, 'body', '', NO_PATH, false, false);
    }
    if (this.#walk.start(value, 'body', '', this.#node(this.#plan.bodyTree(mediaType)))) return true;
    return this.#untrusted && typeof value === 'object' && this.#rawBody(body);
  }

  /** The bytes that go on, where they may hold more than the value. */
  #rawBody({ mediaType, bytes }: Body): boolean {
    const text = bytes.toString('utf8');
    if (mediaType === 'application/x-www-form-urlencoded') return this.#pairs(text, 'body');
    if (!mediaType.startsWith('multipart/')) return this.text(text, 'body', '', NO_PATH, false, false);
    // Lines: the files among them are too long to be one value, and mostly no text.
    for (const line of text.split('\r\n'))
      if (line.length > 1 && line.length <= this.#plan.maxValue && this.text(line, 'body', '', NO_PATH, false, false))
        return true;
    return false;
  }

  text(text: string, source: Source, name: string, path: readonly string[], key: boolean, secret: boolean): boolean {
    const { judge, maxValue } = this.#plan;
    if (text.length > maxValue) {
      this.tooLong ??= { spot: { source, name, path: [...path] }, length: text.length };
      return !this.#all;
    }
    return this.#search(judge, text, source, name, path, key, secret);
  }

  #search(
    judge: Judge,
    text: string,
    source: Source,
    name: string,
    path: readonly string[],
    key: boolean,
    secret: boolean,
  ): boolean {
    const { exceptions } = this.#plan;
    const place = this.#place;
    place.source = source;
    place.name = name;
    place.key = key;
    place.within = key && path.length > 1 ? (path[path.length - 2] as string) : '';
    let finding = judge.find(text, place);
    if (finding === undefined) return false;
    const spot: Spot = { source, name, path: [...path] };
    let without: Set<string> | undefined;
    while (finding !== undefined && exceptions.size > 0) {
      const index = exceptions.covering(finding.class, spot);
      if (index === undefined) break;
      this.excepted.push(index);
      without ??= new Set();
      without.add(finding.class);
      finding = judge.find(text, place, without);
    }
    if (finding === undefined) return false;
    if (this.found.length < MAX_NOTED) this.found.push({ ...finding, spot, key, secret: secret || this.#secret });
    return !this.#all;
  }
}

const NO_PATH: readonly string[] = [];
