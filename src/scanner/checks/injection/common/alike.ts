import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';

/** Values compared in one answer at most; beyond them the texts decide. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 40;
/** A text this long stands in an answer because it was sent, not by chance. */
const ECHO = 6;

/** An answer, with what was sent for it. */
export interface Heard {
  readonly exchange: Exchange;
  readonly sent: string;
}

/**
 * Compares the answers of one place. What differs between two answers to the same request (times, counters, random
 * ids) is not looked at; neither is what was sent, where it comes back.
 */
export class Likeness {
  readonly #context: CheckContext;
  readonly #moving = new Set<string>();
  #coarse = false;

  /** @param first @param second answers to the very same request */
  constructor(context: CheckContext, first: Heard, second: Heard) {
    this.#context = context;
    this.learn(first, second);
  }

  /** Two more answers to one request: what differs between them moves by itself. */
  learn(first: Heard, second: Heard): void {
    if (!this.#same(first, second, this.#moving)) this.#coarse = true;
  }

  /** False where answers to the same request differ in more than single values: then only status and outcome are compared. */
  get stable(): boolean {
    return !this.#coarse;
  }

  same(a: Heard, b: Heard): boolean {
    return this.#same(a, b, undefined);
  }

  #same(a: Heard, b: Heard, moving: Set<string> | undefined): boolean {
    const { exchange: one } = a;
    const { exchange: two } = b;
    const outcome = this.#context.outcome(one);
    if (one.answer.status !== two.answer.status || outcome !== this.#context.outcome(two)) return false;
    if (this.#coarse || (outcome !== 'success' && outcome !== 'redirect')) return true;
    if (one.answer.mediaType !== two.answer.mediaType) return false;
    if (one.answer.headers.get('location') !== two.answer.headers.get('location') && outcome === 'redirect')
      return false;
    if (one.answer.text === two.answer.text) return true;
    const [left, right] = [one.answer.json, two.answer.json];
    if (left !== undefined && right !== undefined) {
      const walk = new Walk(a.sent, b.sent, this.#moving, moving);
      return walk.same(left, right, '', 0);
    }
    return bare(one.answer.text, a.sent) === bare(two.answer.text, b.sent);
  }
}

class Walk {
  readonly #a: string;
  readonly #b: string;
  readonly #skip: ReadonlySet<string>;
  readonly #learn: Set<string> | undefined;
  #left = MAX_VALUES;

  constructor(a: string, b: string, skip: ReadonlySet<string>, learn: Set<string> | undefined) {
    this.#a = a;
    this.#b = b;
    this.#skip = skip;
    this.#learn = learn;
  }

  same(a: unknown, b: unknown, at: string, depth: number): boolean {
    if (a === b) return true;
    if (depth > MAX_DEPTH || this.#left-- <= 0) return false;
    if (Array.isArray(a) && Array.isArray(b)) {
      return a.length === b.length && a.every((item, index) => this.same(item, b[index], `${at}/*`, depth + 1));
    }
    if (isObject(a) && isObject(b)) {
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length) return false;
      return names.every((name) => Object.hasOwn(b, name) && this.same(a[name], b[name], `${at}/${name}`, depth + 1));
    }
    if (typeof a === 'object' || typeof b === 'object') return a === b;
    if (this.#skip.has(at)) return true;
    if (isEcho(a, this.#a) && isEcho(b, this.#b)) return true;
    if (!this.#learn) return false;
    this.#learn.add(at);
    return true;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEcho = (value: unknown, sent: string): boolean =>
  String(value) === sent || (typeof value === 'string' && sent.length >= ECHO && value.includes(sent));

/** A text without what was sent, and without what looks like a time. */
function bare(text: string, sent: string): string {
  let rest = text.replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\b\d{1,2}:\d\d(:\d\d)?\b|\b\d{10,}\b/g, '');
  for (const form of [
    sent,
    JSON.stringify(sent).slice(1, -1),
    escapeHtml(sent),
    encodeURIComponent(sent.toWellFormed()),
  ]) {
    if (form !== '') rest = rest.replaceAll(form, '');
  }
  return rest;
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
