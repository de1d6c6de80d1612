import { ARRAY } from '../../../contract/schema/node.ts';
import { facetsOf } from '../../generate/facets.ts';
import { nodeOf } from '../../generate/nodes.ts';
import type { Call, ValuePlace } from '../../model/call.ts';
import { Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { isLookup } from './flows.ts';
import { HOW_MANY } from './page-size.ts';

/** Places that are tried in all. */
const TRIED = 40;
/** Items of a list: as many as a request target holds anywhere, and as a body of a hundred kilobytes does. */
const IN_TARGET = 1_500;
const IN_BODY = 10_000;
const HUGE = 1_000_000;
/** Fields that a GraphQL query asks for by other names. */
const ALIASES = 2_000;
/** What is slow: so many times as long as the small one, and so many milliseconds. */
const TIMES = 10;
const SLOW = 1_000;
/** How often each is measured; the fastest of the large ones is compared with the slowest of the small ones. */
const MEASURED = 3;
const DEADLINE = 20_000;

/** Little is sent, and much is worked. */
export const check: Check = {
  id: 'costly-query',
  group: 'floods',
  title: 'A query can be made as costly as one likes',
  practice: 'throttle',
  cwe: 'CWE-400',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'A list of ten thousand ids, a count of a million, a query that asks for the same thing two thousand times: a few of them at once, and nobody else is served.',
  mend: 'Cap the items of lists, numbers that multiply work, and depth and aliases of queries. Portcullis enforces maxItems and maximum from the contract.',

  async run(context) {
    let tried = 0;
    for (const operation of context.operations) {
      const { method } = operation;
      const sample = context.samples(operation)[0];
      if (!sample || (method !== 'GET' && !(method === 'POST' && isLookup(operation)) && !isGraph(sample.call)))
        continue;
      if (!context.mayTry(sample.call)) continue;
      for (const place of context.places(sample.call)) {
        const costly = costlyAt(place);
        if (!costly || tried++ >= TRIED) continue;
        // One after another: what is measured must not be slowed down by the next.
        await judge(context, sample.call, sample.as ?? null, place, costly);
      }
    }
  },
};

interface Costly {
  readonly what: string;
  readonly small: unknown;
  readonly large: unknown;
}

const isGraph = ({ operation, body }: Call): boolean =>
  /graphql/i.test(operation.template) && typeof (body?.value as { query?: unknown } | undefined)?.query === 'string';

/** What costs little and what costs much, of the same kind, at a place; undefined where none is known. */
function costlyAt(place: ValuePlace): Costly | undefined {
  const { value, schema, word, in: where } = place;
  if (where !== 'query' && where !== 'body') return undefined;
  if (word === 'query' && typeof value === 'string' && /^\s*(?:query\b|\{)/.test(value)) {
    const aliases = Array.from({ length: ALIASES }, (_, i) => `a${i}:__typename`).join(' ');
    return { what: `${ALIASES} fields`, small: '{a0:__typename}', large: `{${aliases}}` };
  }
  if (Array.isArray(value) || (schema && isArray(schema))) {
    const item: unknown = Array.isArray(value) && value.length > 0 ? value[0] : '1';
    const count = where === 'query' ? IN_TARGET : IN_BODY;
    if (typeof item === 'object' && where === 'query') return undefined;
    return { what: `${count} items`, small: [item], large: Array.from({ length: count }, () => item) };
  }
  if (where === 'query' && /^(?:ids|codes|keys|names|include|expand|fields)$/i.test(word)) {
    const item = typeof value === 'string' && value !== '' ? (value.split(',')[0] as string) : '1';
    const text = encodeURIComponent(item);
    return {
      what: `${IN_TARGET} items`,
      small: new Verbatim(text),
      large: new Verbatim(
        Array.from({ length: IN_TARGET }, () => text)
          .join(',')
          .slice(0, 6_000),
      ),
    };
  }
  const number =
    HOW_MANY.test(word.toLowerCase().replace(/[^a-z]/g, '')) ||
    /^(?:depth|levels?|width|height|iterations|rounds|steps|repeat|times|precision|scale|days|months|years)$/i.test(
      word,
    );
  return number && where === 'query' ? { what: String(HUGE), small: 1, large: HUGE } : undefined;
}

function isArray(schema: NonNullable<ValuePlace['schema']>): boolean {
  const { types, stated } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  return stated && types === ARRAY;
}

async function judge(
  context: CheckContext,
  call: Call,
  as: Identity | null,
  place: ValuePlace,
  { what, small, large }: Costly,
): Promise<void> {
  const { operation } = call;
  const ask = async (value: unknown): Promise<Exchange> =>
    await context.request(
      context.render(context.put(call, place, value), as),
      { operation, as: as?.name },
      { timeout: DEADLINE },
    );
  const attempt = async (): Promise<Proof | undefined> => {
    const first = await ask(large);
    if (!isSlow(first)) return undefined;
    let longest: Exchange | undefined;
    let shortest = first;
    for (let i = 0; i < MEASURED; i++) {
      const cheap = await ask(small);
      if (context.outcome(cheap) !== 'success') return undefined;
      if (!longest || cheap.answer.milliseconds > longest.answer.milliseconds) longest = cheap;
      if (i === 0) continue;
      const dear = await ask(large);
      if (!isSlow(dear)) return undefined;
      if (dear.answer.milliseconds < shortest.answer.milliseconds) shortest = dear;
    }
    if (!longest || shortest.answer.milliseconds < TIMES * longest.answer.milliseconds) return undefined;
    return { exchanges: [longest, shortest], marks: [] };
  };
  const proof = await attempt();
  if (!proof) return;
  const label = place.in === 'body' ? `body ${place.name}` : `query parameter ${place.name}`;
  const [cheap, dear] = proof.exchanges.map(({ answer }) => Math.round(answer.milliseconds));
  await context.report({
    message: `${operation.key} takes ${dear} ms with ${what} in ${label}, and ${cheap} ms with one`,
    operation,
    place: label,
    proof,
    again: attempt,
  });
}

/** Slow, and worked on: a refusal is quick, and what broke is told by another check. */
const isSlow = ({ answer }: Exchange): boolean =>
  answer.milliseconds > SLOW && ((answer.status >= 200 && answer.status < 300) || answer.failure === 'timeout');
