import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Requests of the burst. */
const BURST = 250;
const SIGNS =
  /^(?:ratelimit|ratelimit-policy|ratelimit-limit|x-ratelimit-limit|x-rate-limit-limit|ratelimit-remaining|x-ratelimit-remaining)$/;

/** Nothing slows a caller down. */
export const check: Check = {
  id: 'rate-limit',
  group: 'floods',
  title: 'No limit on the rate of requests is seen',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'informational',
  why: 'Without a limit one caller can take all the capacity, copy all the data, and try all the ids.',
  mend: 'Limit by address and by identity, answer 429 with Retry-After. Portcullis does so by default (throttling).',

  async run(context) {
    const sample = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => context.samples(operation).slice(0, 1))[0];
    if (!sample) return context.skip('no operation that reads ever worked');
    const { exchanges, limited } = await burst(context, sample);
    if (limited) return await checkRefusal(context, sample, limited);
    if (exchanges.some(({ answer }) => [...answer.headers.keys()].some((name) => SIGNS.test(name)))) return;
    const last = exchanges.at(-1);
    if (!last || exchanges.length < BURST) return;
    const proof = { exchanges: [last], marks: [] };
    await context.report({
      message: `${BURST} requests in a row were answered alike: neither 429 nor a header that tells of a limit`,
      operation: sample.call.operation,
      cause: 'no limit',
      proof,
      again: async () => ((await burst(context, sample, 20)).limited ? undefined : proof),
    });
  },
};

async function burst(context: CheckContext, { call, as }: Sample, count = BURST) {
  const exchanges: Exchange[] = [];
  let limited: Exchange | undefined;
  await context.each(Array.from({ length: count }), async () => {
    if (limited) return;
    const exchange = await context.send(call, as ?? null, { patient: false });
    if (context.outcome(exchange) === 'limited') limited ??= exchange;
    else exchanges.push(exchange);
  });
  return { exchanges, limited };
}

/** A 429 says when to come again (RFC 6585, section 4). */
async function checkRefusal(context: CheckContext, { call }: Sample, limited: Exchange): Promise<void> {
  const { status, headers } = limited.answer;
  if (status !== 429 || headers.has('retry-after') || [...headers.keys()].some((name) => SIGNS.test(name))) return;
  const proof: Proof = { exchanges: [limited], marks: ['429'] };
  await context.report({
    message: '429 comes without Retry-After: honest clients cannot know when to come again',
    operation: call.operation,
    cause: 'no Retry-After',
    proof,
    again: async () => proof,
  });
}
