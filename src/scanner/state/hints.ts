import type { ValuePlace } from '../model/call.ts';
import type { ScanAnswer } from '../model/exchange.ts';
import { plain } from './names.ts';

/** Longest error that is read, in characters. */
const LONGEST = 16_000;
/** `Idempotency-Key`, and headers that begin with `X-`. */
function askedHeaders(text: string, places: readonly ValuePlace[]): string[] {
  const declared = new Set(places.filter(({ in: place }) => place === 'header').map(({ name }) => name.toLowerCase()));
  const found = new Set<string>();
  for (const [name] of text.matchAll(/\b(?:Idempotency-Key|X-[A-Za-z]{2,30}(?:-[A-Za-z]{2,30}){0,3})\b/gi)) {
    if (!declared.has(name.toLowerCase()) && !/(api-key|auth|token|csrf|xsrf)/i.test(name)) found.add(name);
    if (found.size >= 3) break;
  }
  return [...found];
}

/** Words of an error that are compared. */
const MOST = 600;

/** What a refusal says about the values of a call. */
export interface Hints {
  /** Places that the error names. */
  readonly named: readonly ValuePlace[];
  /** It says that something is there already. */
  readonly taken: boolean;
  /** It says that something must not be sent. */
  readonly unwanted: boolean;
  /** Headers that it asks for, and that the contract does not name. */
  readonly headers: readonly string[];
}

const TAKEN = /(already|exist(s|ing)?\b|taken|duplicate|unique|in use|conflict|registered)/i;
const UNWANTED =
  /(unknown (property|field|key|parameter|attribute)|additional propert|not (allowed|permitted|expected|recognized|declared)|unexpected|unrecognized|should not exist|extra (field|inputs?|key)|read-?only|immutable|must not be (sent|present|set))/i;

/**
 * Reads a refusal for names of what was sent or could be: `{"errors":[{"at":"/startsAt"}]}`, `"amount must be ..."`,
 * `{"email":["has been taken"]}`.
 */
export function hintsIn(answer: ScanAnswer, places: readonly ValuePlace[]): Hints {
  const text = answer.text.slice(0, LONGEST);
  const words = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}_-]{2,60}/gu)) {
    words.add(plain(word));
    if (words.size >= MOST) break;
  }
  const named = places.filter(({ name, word, in: place }) => {
    if (place === 'body' && name === '') return false;
    const one = plain(word);
    return one.length >= 2 && words.has(one) && !COMMON.has(one);
  });
  return {
    named: named.length > 8 ? [] : named,
    taken: answer.status === 409 || TAKEN.test(text),
    unwanted: UNWANTED.test(text),
    headers: askedHeaders(text, places),
  };
}

/** Words that errors use for themselves. */
const COMMON = new Set([
  'status',
  'type',
  'title',
  'detail',
  'message',
  'error',
  'errors',
  'code',
  'path',
  'instance',
  'value',
  'field',
  'name',
  'data',
  'request',
  'body',
  'query',
  'id',
  'at',
  'in',
  'of',
  'to',
]);
