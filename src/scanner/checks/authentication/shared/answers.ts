import type { CheckContext } from '../../../model/check.ts';
import type { Exchange, ScanAnswer } from '../../../model/exchange.ts';

/** A scalar of a JSON value: its pointer with `*` for array indices, the last name on the way, and the value. */
export interface Leaf {
  readonly path: string;
  /** Lower case, without `_` and `-`: `patient_id` and `patientId` are one. */
  readonly word: string;
  readonly value: string | number | boolean | null;
}

const MAX_LEAVES = 2_000;
const MAX_VISITED = 20_000;

/** A name as it is compared: `X-User_Id` is `xuserid`. */
export const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The scalars of a JSON value in document order, at most 2,000. Never recurses: depth is the server's choice. */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const stack: { value: unknown; path: string; word: string }[] = [{ value, path: '', word: '' }];
  for (let visited = 0; stack.length > 0 && visited < MAX_VISITED && leaves.length < MAX_LEAVES; visited++) {
    const { value: at, path, word } = stack.pop()!;
    if (Array.isArray(at)) {
      for (let index = Math.min(at.length, MAX_LEAVES) - 1; index >= 0; index--) {
        stack.push({ value: at[index], path: `${path}/*`, word });
      }
    } else if (typeof at === 'object' && at !== null) {
      const entries = Object.entries(at).slice(0, MAX_LEAVES);
      for (let index = entries.length - 1; index >= 0; index--) {
        const [name, inner] = entries[index]!;
        stack.push({ value: inner, path: `${path}/${name}`, word: plain(name) });
      }
    } else if (at === null || typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean') {
      leaves.push({ path, word, value: at });
    }
  }
  return leaves;
}

/** Names whose values change by themselves, or say nothing of the object. */
const VOLATILE =
  /^(timestamp|time|now|servertime|date|requestid|traceid|spanid|correlationid|nonce|csrf.*|iat|exp|nbf|jti|expires.*|lastseen.*|lastlogin.*|duration|took|elapsed|instance|uptime)$/;
/** Names of envelopes and pages: they stand around data, and are none. */
const FRAME =
  /^(ok|success|status|statuscode|code|message|msg|error|errors|title|detail|type|limit|offset|page|perpage|pagesize|size|total|totalpages|totalcount|totalitems|count|next|prev|previous|hasmore|hasnext|first|last|self|href)$/;

/** What an answer says: the scalars that are no frame and do not change by themselves. */
export const contentOf = (answer: ScanAnswer): Leaf[] =>
  leavesOf(answer.json).filter(({ word, value }) => !VOLATILE.test(word) && !FRAME.test(word) && value !== null);

/**
 * How much of what `model` says stands in `other` too, value for value at the same path: 0 to 1.
 * Where the model is no JSON: 1 for the same text, else 0. A model that says nothing: undefined.
 */
export function sharedContent(model: ScanAnswer, other: ScanAnswer): number | undefined {
  if (model.json === undefined || typeof model.json !== 'object') {
    const text = model.text.trim();
    return text === '' ? undefined : text === other.text.trim() ? 1 : 0;
  }
  const wanted = contentOf(model);
  if (wanted.length === 0) return undefined;
  const there = new Set(contentOf(other).map(({ path, value }) => `${path}=${String(value)}`));
  const found = wanted.filter(({ path, value }) => there.has(`${path}=${String(value)}`)).length;
  return found / wanted.length;
}

/**
 * Whether two answers are of the same kind: the same media type, and where they are JSON, at least half of the places
 * that either has values at in common. Two answers without content are alike.
 */
export function alike(one: ScanAnswer, other: ScanAnswer): boolean {
  const empty = [one, other].map((answer) => answer.body.length === 0);
  if (empty[0] || empty[1]) return empty[0] === empty[1] || (one.status === other.status && one.status === 204);
  const isObject = (answer: ScanAnswer) => typeof answer.json === 'object' && answer.json !== null;
  if (isObject(one) !== isObject(other)) return false;
  if (!isObject(one)) return one.mediaType === other.mediaType;
  const paths = (answer: ScanAnswer) => new Set(leavesOf(answer.json).map(({ path }) => path));
  const [left, right] = [paths(one), paths(other)];
  if (left.size === 0 || right.size === 0) return Array.isArray(one.json) === Array.isArray(other.json);
  let common = 0;
  for (const path of left) if (right.has(path)) common++;
  // One may hold fewer items or lack optional fields: what the smaller one has must be known to the larger one.
  return common >= Math.min(left.size, right.size) / 2;
}

/** Names of what is nobody's business but the person's. */
const PRIVATE =
  /(email|phone|mobile|address|street|birth|dob|ssn|socialsecurity|nationalid|taxid|passport|license|iban|account(no|number)|card(no|number)|cvv|salary|income|balance|password|secret|token|apikey|hash|diagnos|allerg|blood|medic|prescription|insurance|latitude|longitude|vin|pin$|otp)/;

/** Names in an answer that smell of private data, each once, in order; only those with a value. */
export function privateWords(answer: ScanAnswer): string[] {
  const words = new Set<string>();
  for (const { word, value } of leavesOf(answer.json)) {
    if (value !== null && value !== '' && typeof value !== 'boolean' && PRIVATE.test(word)) words.add(word);
  }
  return [...words];
}

/** Whether an exchange was refused for who asked. */
export function isRefused(context: CheckContext, exchange: Exchange): boolean {
  const outcome = context.outcome(exchange);
  return outcome === 'unauthenticated' || outcome === 'forbidden';
}

export const worked = (context: CheckContext, exchange: Exchange): boolean => context.outcome(exchange) === 'success';
