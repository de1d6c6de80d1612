import type { Call, ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Names of the parameter that says how many, as words without separators. */
const NAMES =
  /^(?:limit|pagesize|perpage|size|count|take|top|first|maxresults|max|rows|num|number|amount|results|itemsperpage|pagelimit|batchsize)$/;
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
    const lists = context.operations.filter(({ method }) => method === 'GET');
    await context.each(lists, async (operation) => {
      const sample = context.samples(operation)[0];
      if (!sample) return;
      for (const place of context.places(sample.call)) {
        if (place.in !== 'query' || !NAMES.test(place.name.toLowerCase().replace(/[^a-z]/g, ''))) continue;
        const proof = await attempt(context, sample, place);
        if (!proof) continue;
        await context.report({
          message: `${place.name}=${HUGE} is taken as it is`,
          operation,
          place: `query parameter ${place.name}`,
          proof,
          again: () => attempt(context, sample, place),
        });
      }
    });
  },
};

async function attempt(context: CheckContext, { call, as }: Sample, place: ValuePlace): Promise<Proof | undefined> {
  const ask = async (value: unknown): Promise<Exchange> =>
    await context.send(context.put(call, place, value) as Call, as ?? null);
  const huge = await ask(HUGE);
  if (context.outcome(huge) !== 'success') return undefined;
  const small = await ask(1);
  if (context.outcome(small) !== 'success') return undefined;
  const exchanges = [small, huge];
  // The answer says itself with which number it was made.
  if (says(huge.answer.json, HUGE) && !says(small.answer.json, HUGE)) return { exchanges, marks: [String(HUGE)] };
  const items = longest(huge.answer.json);
  return items >= MANY && longest(small.answer.json) <= 1 ? { exchanges, marks: [`limit=${HUGE}`] } : undefined;
}

/** Whether a number stands near the top of an answer. */
function says(value: unknown, wanted: number, depth = 0): boolean {
  if (value === wanted || value === String(wanted)) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 3) return false;
  return Object.values(value).some((item) => says(item, wanted, depth + 1));
}

function longest(value: unknown, depth = 0): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null || depth > 3) return 0;
  return Math.max(0, ...Object.values(value).map((item) => longest(item, depth + 1)));
}
