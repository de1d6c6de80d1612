import type { Operation } from '../../contract/model.ts';
import type { Outcome } from '../model/check.ts';
import type { Exchange } from '../model/exchange.ts';
import { isLoginPage, outcomeOfStatus, outcomeOfText, refusalIn } from './refusal.ts';

/** Longest answer that is compared with refusals, in characters. */
const LONGEST = 8_192;
/** Refusals that are remembered. */
const MOST = 500;

/**
 * How answers are understood. The status speaks first. What comes with 2xx is looked at twice: for an error that says so
 * by its shape, and for one that this API was seen to give where nothing else can be meant (no credential, nonsense for
 * a credential, the id of nothing).
 */
export class Outcomes {
  /** By signature, for all operations. */
  readonly #refusals = new Map<string, Outcome>();
  /** By operation and signature. */
  readonly #ofOperation = new Map<string, Outcome>();
  #known = new WeakMap<Exchange, Outcome>();

  /** How an answer is understood. Never throws. */
  of(exchange: Exchange): Outcome {
    let known = this.#known.get(exchange);
    if (known === undefined) this.#known.set(exchange, (known = this.#read(exchange)));
    return known;
  }

  #read({ answer, operation }: Exchange): Outcome {
    const { status, failure, mediaType } = answer;
    if (status === 0) return 'none';
    if (failure !== undefined && failure !== 'endless' && mediaType !== 'text/event-stream') return 'none';
    if (status === 503 && answer.headers.has('retry-after')) return 'limited';
    const plainly = outcomeOfStatus(status);
    if (plainly === 'redirect') return leadsToLogin(answer.headers.get('location')) ? 'unauthenticated' : 'redirect';
    if (plainly !== 'success' || status === 204 || answer.body.length === 0) return plainly;
    if (answer.body.length > 65_536) return 'success';
    const seen = refusalIn(mediaType, answer.text, answer.json);
    if (seen !== undefined && !(mediaType.includes('html') && operation && declaresPage(operation))) return seen;
    if (answer.body.length > LONGEST || (this.#refusals.size === 0 && this.#ofOperation.size === 0)) return 'success';
    const signature = signatureOf(answer.text);
    return this.#refusals.get(signature) ?? this.#ofOperation.get(`${operation?.key ?? ''} ${signature}`) ?? 'success';
  }

  /**
   * Learns from answers to calls without a credential (or with a nonsense one). An answer with 2xx counts as a refusal
   * only if two operations or more give the same one, and it says something: data that anyone may read is no refusal.
   * @param data answers to the same operations with a credential that works: what they say is never a refusal
   */
  learnUnauthenticated(answers: readonly Exchange[], data: readonly Exchange[]): void {
    const good = new Set(data.filter(comparable).map(({ answer }) => signatureOf(answer.text)));
    const byOne = new Map<string, Set<string>>();
    for (const exchange of answers) {
      if (!comparable(exchange)) continue;
      const signature = signatureOf(exchange.answer.text);
      if (good.has(signature) || !saysSomething(exchange)) continue;
      const operations = byOne.get(signature) ?? new Set();
      operations.add(exchange.operation?.template ?? '');
      byOne.set(signature, operations);
    }
    for (const [signature, operations] of byOne)
      if (operations.size >= 2) this.#learn(this.#refusals, signature, 'unauthenticated');
  }

  /**
   * Learns what an operation answers for an object that is not there: two nonsense ids that are answered alike, and
   * otherwise than the object that is there. Empty lists are not learned: they are true of an object with nothing in it.
   */
  learnMissing(operation: Operation, nonsense: readonly Exchange[], good: Exchange | undefined): void {
    const [first, second] = nonsense;
    if (!first || !second || !comparable(first) || !comparable(second)) return;
    const signature = signatureOf(first.answer.text);
    if (signature !== signatureOf(second.answer.text)) return;
    if (good && signature === signatureOf(good.answer.text)) return;
    const { json } = first.answer;
    const empty = json === null || (typeof json === 'object' && !Array.isArray(json) && Object.keys(json).length === 0);
    if (!empty && (!saysSomething(first) || hasList(json))) return;
    if (empty && !good) return;
    this.#learn(this.#ofOperation, `${operation.key} ${signature}`, 'missing');
  }

  #learn(into: Map<string, Outcome>, key: string, outcome: Outcome): void {
    if (into.size >= MOST || into.has(key)) return;
    into.set(key, outcome);
    this.#known = new WeakMap();
  }
}

const comparable = ({ answer }: Exchange): boolean =>
  answer.status >= 200 && answer.status < 300 && answer.body.length > 0 && answer.body.length <= LONGEST;

/** Redirects that say: log in first. */
const leadsToLogin = (location: string | undefined): boolean =>
  location !== undefined &&
  /[/=](log-?in|sign-?in|logon|auth(enticate|orize)?|sso|session\/new)\b/i.test(location.slice(0, 2_000));

/** Whether the contract says that an operation answers with a page. */
const declaresPage = ({ responses }: Operation): boolean =>
  responses.some(({ status, content }) => /^2/.test(status) && content.some(({ type }) => type.includes('html')));

/** Some words for a person: not `{}`, `[]`, `{"items":[]}`, `{"count":0}`. */
function saysSomething({ answer }: Exchange): boolean {
  if (answer.json === undefined) return isLoginPage(answer.text) || outcomeOfText(answer.text) !== undefined;
  return /"[^"]{0,200}\p{L}{4,}[^"]{0,200}"\s*[,}\]]/u.test(answer.text.slice(0, 2_000));
}

const hasList = (json: unknown): boolean =>
  Array.isArray(json) ||
  (typeof json === 'object' && json !== null && Object.values(json).some((value) => Array.isArray(value)));

/**
 * An answer without what differs from one time to the next: numbers, ids, times. Equal signatures: the same was said.
 */
export function signatureOf(text: string): string {
  return text
    .slice(0, LONGEST)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '*')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:.\dZ+-]{0,20}/g, '*')
    .replace(/\b[0-9a-f]{16,}\b/gi, '*')
    .replace(/\d+/g, '#');
}
