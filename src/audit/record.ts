import type { Decision, Disclosed, Exchange, Peer } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { AuditEvent } from '../gateway/services.ts';
import type { AddressForm } from './address.ts';
import { evidenceJson, freeText } from './evidence.ts';
import { policyOf, type RecordPolicy } from './operations.ts';
import { capped, quote } from './text.ts';

/** Version of the record's form; raised when a member changes its meaning. */
export const RECORD_VERSION = 1;

/** A record as it is read back. Written by {@link Recorder} and {@link eventBody}; anything may be missing in a damaged one. */
export interface AuditRecord {
  readonly v: number;
  /** Index in the log, from 0. */
  readonly n: number;
  /** When the request head was complete (events: when it happened), ISO 8601 with milliseconds, UTC. */
  readonly time: string;
  readonly kind: 'exchange' | 'event';
  readonly id?: string;
  readonly event?: string;
  readonly note?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly peer?: { readonly address: string; readonly socket?: string; readonly tls?: string };
  readonly request?: {
    readonly method: string;
    readonly version: string;
    readonly host: string;
    readonly path?: string;
    readonly query?: readonly string[];
    readonly values?: Readonly<Record<string, string>>;
    readonly agent?: string;
  };
  readonly operation?: { readonly key: string; readonly id?: string };
  readonly principal?: {
    readonly kind: string;
    readonly id: string;
    readonly roles: readonly string[];
    readonly credential: { readonly scheme: string; readonly id: string; readonly binding: string };
  };
  readonly outcome?: Outcome;
  readonly upstream?: number;
  readonly bytes?: readonly [number, number];
  /** Microseconds: total, and by step of the way (`null` where it did not run). */
  readonly us?: { readonly total: number; readonly steps: readonly (number | null)[] };
  readonly decisions?: readonly { readonly stage: string; readonly note: string; readonly evidence?: unknown }[];
  readonly disclosed?: Readonly<Partial<Record<'fields' | 'objects' | 'removed', readonly string[]>>>;
  /** How many entries of a list did not fit into the record, by list. */
  readonly omitted?: Readonly<Record<string, number>>;
}

export type Result = 'allowed' | 'refused' | 'invalid' | 'harmful' | 'failed';

export interface Outcome {
  readonly result: Result;
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly evidence?: unknown;
  readonly violations?: readonly { readonly in: string; readonly pointer: string; readonly detail: string }[];
}

const ROLES = 32;
const DECISIONS = 64;
const VIOLATIONS = 32;
const QUERY_NAMES = 64;
/** Ids of objects must be complete to answer "who saw it"; what is left out beyond this is counted in `omitted`. */
const OBJECTS = 10_000;
const FIELDS = 1000;

/** Writes a length-capped list of texts; what did not fit is counted into `omitted`. */
function list(
  items: readonly string[],
  most: number,
  cap: number,
  name: string,
  omitted: string[],
  text = repeated,
): string {
  const count = Math.min(items.length, most);
  let json = '';
  for (let i = 0; i < count; i++) json += `${i === 0 ? '' : ','}${text(String(items[i]), cap)}`;
  if (items.length > most) omitted.push(`"${name}":${items.length - most}`);
  return `[${json}]`;
}

let moment = -1;
let momentText = '';
let second = -1;
let secondText = '';

/** ISO 8601, UTC, milliseconds. The part up to the second is kept: thousands of records share it. */
export function isoTime(time: number): string {
  if (time === moment) return momentText;
  const whole = Math.floor(time / 1000);
  if (whole !== second) {
    const date = new Date(whole * 1000);
    if (Number.isNaN(date.getTime())) return '1970-01-01T00:00:00.000Z';
    second = whole;
    secondText = date.toISOString().slice(0, -4);
  }
  const rest = Math.floor(time) - whole * 1000;
  moment = time;
  momentText = `${secondText}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  return momentText;
}

const known = new Map<string, string>();

/**
 * Text that friends repeat from request to request (names, roles, notes, user agents), as JSON. Strangers can empty the
 * cache but not grow it, and then pay what unrepeated text costs.
 */
function repeated(text: string, cap: number): string {
  const key = text.length > cap ? capped(text, cap) : text;
  let json = known.get(key);
  if (json === undefined) {
    json = freeText(key, cap);
    if (known.size >= 2048) known.clear();
    known.set(key, json);
  }
  return json;
}

const decodeName = (raw: string): string => {
  if (!raw.includes('%') && !raw.includes('+')) return raw;
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    return raw;
  }
};

/** Names of the query parameters, and the values of those the policy lists. */
function queryJson(query: string, values: ReadonlySet<string> | undefined, omitted: string[]): string {
  const pairs = query.split('&', QUERY_NAMES + 1);
  let names = '';
  let kept = '';
  for (let i = 0; i < pairs.length && i < QUERY_NAMES; i++) {
    const pair = pairs[i] as string;
    const equals = pair.indexOf('=');
    const raw = capped(equals === -1 ? pair : pair.slice(0, equals), 192);
    const name = decodeName(raw);
    names += `${i === 0 ? '' : ','}${repeated(name, 64)}`;
    if (values?.has(name) && equals !== -1)
      kept += `${kept === '' ? '' : ','}${freeText(name, 64)}:${freeText(decodeName(pair.slice(equals + 1, equals + 769)), 256)}`;
  }
  if (pairs.length > QUERY_NAMES) omitted.push('"query":1');
  return `,"query":[${names}]${kept === '' ? '' : `,"values":{${kept}}`}`;
}

function resultOf(refusal: Refusal): Result {
  if (refusal.judgement !== undefined) return refusal.judgement;
  return refusal.status >= 500 ? 'failed' : 'refused';
}

function refusalJson(refusal: Refusal, omitted: string[]): string {
  let json = `,"code":${quote(refusal.code, 64)}`;
  if (refusal.detail !== undefined) json += `,"detail":${freeText(refusal.detail, 512)}`;
  const violations = refusal.violations;
  if (violations !== undefined && violations.length > 0) {
    const parts: string[] = [];
    for (let i = 0; i < violations.length && i < VIOLATIONS; i++) {
      const violation = violations[i]!;
      parts.push(
        `{"in":${quote(violation.in, 16)},"pointer":${freeText(violation.pointer, 256)},"detail":${freeText(violation.detail, 256)}}`,
      );
    }
    if (violations.length > VIOLATIONS) omitted.push(`"violations":${violations.length - VIOLATIONS}`);
    json += `,"violations":[${parts.join(',')}]`;
  }
  if (refusal.evidence !== undefined) json += `,"evidence":${evidenceJson(refusal.evidence)}`;
  return json;
}

const micros = (milliseconds: number): number =>
  milliseconds > 0 ? Math.min(Math.round(milliseconds * 1000), Number.MAX_SAFE_INTEGER) : 0;

function stepsJson(timings: readonly number[]): string {
  let last = timings.length - 1;
  while (last >= 0 && Number.isNaN(timings[last])) last--;
  let json = '';
  for (let i = 0; i <= last; i++) {
    const timing = timings[i] as number;
    json += `${i === 0 ? '' : ','}${Number.isNaN(timing) || timing === undefined ? 'null' : micros(timing)}`;
  }
  return json;
}

/** Of decisions that are frozen: made once at load or per credential, and shared by all exchanges. */
const written = new WeakMap<Decision, string>();

function decisionJson(decision: Decision): string {
  const before = written.get(decision);
  if (before !== undefined) return before;
  const { stage, note, evidence } = decision;
  let json = `{"stage":${repeated(stage, 64)},"note":${repeated(note, 512)}`;
  json += evidence === undefined ? '}' : `,"evidence":${evidenceJson(evidence)}}`;
  if (Object.isFrozen(decision)) written.set(decision, json);
  return json;
}

function decisionsJson(exchange: Exchange, omitted: string[]): string {
  let json = '';
  for (let i = 0; i < exchange.decisions.length && i < DECISIONS; i++) {
    json += (i === 0 ? '' : ',') + decisionJson(exchange.decisions[i]!);
  }
  if (exchange.decisions.length > DECISIONS) omitted.push(`"decisions":${exchange.decisions.length - DECISIONS}`);
  return `,"decisions":[${json}]`;
}

/** A count as it stands in a record: never NaN, never a fraction. */
const whole = (value: number): number => (value >= 0 ? Math.floor(value) : 0);

/** Writes the records of exchanges, by the settings of one log. */
export class Recorder {
  readonly #policy: RecordPolicy;
  readonly #address: AddressForm;
  /** A peer lives as long as its connection. */
  readonly #peers = new WeakMap<Peer, string>();
  /** The principal of a credential, as it was written last. */
  readonly #principals = new Map<string, { readonly principal: Principal; readonly json: string }>();

  constructor(policy: RecordPolicy, address: AddressForm) {
    this.#policy = policy;
    this.#address = address;
  }

  /**
   * The record of an exchange as JSON, from its time on; the log puts `{"v":1,"n":INDEX` in front when it knows the
   * index. One string, members in fixed order, no secret, no value of a body. Never throws.
   *
   * @param now monotonic milliseconds, for the duration
   */
  body(exchange: Exchange, now: number): string {
    try {
      return this.#build(exchange, now);
    } catch (error) {
      // A shape that no stage should produce: what can be said is said, so that the exchange is still recorded.
      return `,"time":"${isoTime(exchange.time)}","kind":"exchange","id":${quote(String(exchange.id), 64)},"note":"recorded in part","evidence":${evidenceJson({ error })}}`;
    }
  }

  #peer(peer: Peer): string {
    let json = this.#peers.get(peer);
    if (json === undefined) {
      json = `,"peer":{"address":${quote(this.#address(peer.address), 64)}`;
      if (peer.socket !== peer.address) json += `,"socket":${quote(this.#address(peer.socket), 64)}`;
      json += peer.tls === undefined ? '}' : `,"tls":${quote(peer.tls, 16)}}`;
      this.#peers.set(peer, json);
    }
    return json;
  }

  #principal(principal: Principal, omitted: string[]): string {
    const last = this.#principals.get(principal.credential.id);
    if (last !== undefined && samePrincipal(last.principal, principal)) return last.json;
    const before = omitted.length;
    const json = principalJson(principal, omitted);
    if (omitted.length === before) {
      if (this.#principals.size >= 1024) this.#principals.clear();
      this.#principals.set(principal.credential.id, { principal, json });
    }
    return json;
  }

  #build(exchange: Exchange, now: number): string {
    const { request, operation, principal, refusal, answer, disclosed } = exchange;
    const omitted: string[] = [];
    const recorded = operation === undefined ? undefined : policyOf(operation, this.#policy);

    let json = `,"time":"${isoTime(exchange.time)}","kind":"exchange","id":${quote(exchange.id, 64)}${this.#peer(exchange.peer)},"request":{"method":${repeated(request.method, 32)},"version":${repeated(request.version, 8)},"host":${repeated(request.host, 256)}`;
    if (recorded === undefined ? this.#policy.paths === 'full' : recorded.fullPath)
      json += `,"path":${freeText(request.path, 1024)}`;
    if (request.query !== '') json += queryJson(request.query, recorded?.queryValues, omitted);
    const agent = request.headers['user-agent'];
    json += agent === undefined ? '}' : `,"agent":${repeated(agent, 256)}}`;

    if (recorded !== undefined) json += recorded.json;
    if (principal !== undefined) json += this.#principal(principal, omitted);
    else if (exchange.anonymous) json += ',"anonymous":true';

    json +=
      refusal === undefined
        ? `,"outcome":{"result":"allowed","status":${whole(answer?.status ?? 0)}}`
        : `,"outcome":{"result":"${resultOf(refusal)}","status":${whole(refusal.status)}${refusalJson(refusal, omitted)}}`;
    if (answer !== undefined) json += `,"upstream":${whole(answer.status)}`;
    json += `,"bytes":[${whole(exchange.bytesIn)},${whole(exchange.bytesOut)}],"us":{"total":${micros(now - exchange.started)},"steps":[${stepsJson(exchange.timings)}]}`;

    if (exchange.decisions.length > 0) json += decisionsJson(exchange, omitted);
    if (disclosed.fields.length + disclosed.objects.length + disclosed.removed.length > 0)
      json += disclosedJson(disclosed, omitted);
    if (omitted.length > 0) json += `,"omitted":{${omitted.join(',')}}`;
    return `${json}}`;
  }
}

/** Whether two principals read the same in a record. */
function samePrincipal(a: Principal, b: Principal): boolean {
  if (a === b) return true;
  const { credential: c, roles } = a;
  const { credential: d } = b;
  if (a.id !== b.id || a.kind !== b.kind || c.id !== d.id || c.scheme !== d.scheme || c.binding !== d.binding)
    return false;
  if (roles === b.roles) return true;
  if (roles.length !== b.roles.length) return false;
  for (let i = 0; i < roles.length; i++) if (roles[i] !== b.roles[i]) return false;
  return true;
}

function principalJson({ kind, id, roles, credential }: Principal, omitted: string[]): string {
  return `,"principal":{"kind":${repeated(kind, 16)},"id":${repeated(id, 256)},"roles":${list(roles, ROLES, 128, 'roles', omitted)},"credential":{"scheme":${repeated(credential.scheme, 32)},"id":${repeated(credential.id, 256)},"binding":${repeated(credential.binding, 16)}}}`;
}

function disclosedJson({ fields, objects, removed }: Disclosed, omitted: string[]): string {
  let parts = '';
  if (fields.length > 0) parts += `,"fields":${list(fields, FIELDS, 128, 'fields', omitted)}`;
  if (objects.length > 0) parts += `,"objects":${list(objects, OBJECTS, 256, 'objects', omitted, freeText)}`;
  if (removed.length > 0) parts += `,"removed":${list(removed, FIELDS, 256, 'removed', omitted)}`;
  return `,"disclosed":{${parts.slice(1)}}`;
}

/** The record of an event, from its time on. Never throws. */
export function eventBody(event: AuditEvent, time: number): string {
  const evidence = event.evidence === undefined ? '' : `,"evidence":${evidenceJson(event.evidence)}`;
  return `,"time":"${isoTime(time)}","kind":"event","event":${quote(String(event.event), 128)},"note":${freeText(String(event.note), 1024)}${evidence}}`;
}

/** What stands in front of a body in its line. */
export const linePrefix = (index: number): string => `{"v":${RECORD_VERSION},"n":${index}`;

/** How an object id (`patient:17`) stands in a line, to find it there without parsing. */
export const objectNeedle = (object: string): string => freeText(object, 256);
