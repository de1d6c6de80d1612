import { facetsOf } from '../../generate/facets.ts';
import { nodeOf } from '../../generate/nodes.ts';
import type { ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Names of the value that says how many, as words without separators. */
export const HOW_MANY =
  /^(?:limit|pagesize|perpage|size|count|take|top|first|last|maxresults|max|rows|num|number|amount|results|itemsperpage|pagelimit|batchsize|page\[?size\]?|pagelength|length)$/;
const HUGE = 1_000_000;
/** Items that a page must at least hold to call it unbounded by itself. */
const MANY = 1_000;

/** A caller may ask for a page of any size. */
export const check: Check = {
  id: 'page-size',
  group: 'floods',
  title: 'Pages of any size are answered',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'One request makes the API read, format and send the whole table: load for the price of a line, and all the data in one piece.',
  mend: 'Declare a maximum and refuse what is above it. Portcullis enforces maximum from the contract.',

  async run(context) {
    // Searches are POSTs often enough: what they answer is a list.
    const lists = context.operations.filter(
      (operation) =>
        operation.method === 'GET' ||
        (operation.method === 'POST' &&
          context
            .samples(operation)
            .some(({ call, exchange }) => context.mayTry(call) && longest(exchange.answer.json) > 0)),
    );
    await context.each(lists, async (operation) => {
      const sample = context.samples(operation)[0];
      if (!sample) return;
      for (const place of context.places(sample.call)) {
        if (
          !/^(?:query|body|header)$/.test(place.in) ||
          !HOW_MANY.test(place.word.toLowerCase().replace(/[^a-z[\]]/g, ''))
        )
          continue;
        const proof = await attempt(context, sample, place);
        if (!proof) continue;
        const where = place.in === 'body' ? `body ${place.name}` : `${place.in} parameter ${place.name}`;
        await context.report({
          message: `${place.name.replace(/^\//, '')}=${HUGE} ${proof.message}`,
          operation,
          place: where,
          cause: `${operation.key} ${where}`,
          severity: proof.severity,
          proof,
          again: () => attempt(context, sample, place),
        });
      }
    });
  },
};

interface Shown extends Proof {
  readonly severity: Severity;
  readonly message: string;
}

async function attempt(context: CheckContext, { call, as }: Sample, place: ValuePlace): Promise<Shown | undefined> {
  const ask = async (value: unknown): Promise<Exchange> =>
    await context.send(context.put(call, place, value), as ?? null);
  const huge = await ask(HUGE);
  if (context.outcome(huge) !== 'success') return undefined;
  const small = await ask(1);
  if (context.outcome(small) !== 'success') return undefined;
  const items =
    huge.answer.failure === 'endless' || huge.answer.cut ? Number.POSITIVE_INFINITY : longest(huge.answer.json);
  const exchanges = [small, huge];
  const marks = [String(HUGE)];
  // The number must be about the list: with 1 it has one.
  if (longest(small.answer.json) <= 1) {
    const most = maximumOf(place);
    if (most !== undefined && items > most && items !== Number.POSITIVE_INFINITY)
      return {
        exchanges,
        marks,
        severity: 'medium',
        message: `is answered with ${items} items, though ${most} are declared as the most`,
      };
    if (items >= MANY)
      return {
        exchanges,
        marks,
        severity: 'medium',
        message: `is answered with ${items === Number.POSITIVE_INFINITY ? 'more than is read' : items} items`,
      };
  }
  // The answer says itself with which number it was made. What it would do with more items than there are is not seen.
  return says(huge.answer.json, HUGE) && !says(small.answer.json, HUGE)
    ? { exchanges, marks, severity: 'informational', message: 'is taken as it is, as far as the answer says' }
    : undefined;
}

/** The most that the contract allows. */
function maximumOf({ schema }: ValuePlace): number | undefined {
  if (!schema) return undefined;
  const { high } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  return Number.isFinite(high) ? high : undefined;
}

/** Whether a number stands near the top of an answer. */
function says(value: unknown, wanted: number, depth = 0): boolean {
  if (value === wanted || value === String(wanted)) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 3) return false;
  return Object.values(value).some((item) => says(item, wanted, depth + 1));
}

/** Items of the longest list near the top. */
export function longest(value: unknown, depth = 0): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null || depth > 3) return 0;
  return Math.max(0, ...Object.values(value).map((item) => longest(item, depth + 1)));
}
