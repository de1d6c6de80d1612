import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Headers by which a proxy says for whom it asks. */
const NAMES = [
  'X-Forwarded-For',
  'X-Real-IP',
  'Forwarded',
  'True-Client-IP',
  'CF-Connecting-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
];
/** Requests to meet a limit that is not announced. */
const BURST = 260;
/** What is said to be left. */
const LEFT = /^(?:x-)?rate-?limit-remaining$/;

/** A limit on callers by their address is walked around by claiming another one. */
export const check: Check = {
  id: 'forwarded-address',
  group: 'floods',
  title: 'Limits believe the address that a caller claims',
  practice: 'throttle',
  cwe: 'CWE-348',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'Limits and locks that count by X-Forwarded-For start anew with every address that a caller makes up: guessing passwords and copying data go on without end.',
  mend: 'Take the address from the connection, or from the entry that your own proxy added. Portcullis believes forwarded addresses only of proxies it was told (trust.proxies).',

  async run(context) {
    const requests = requestsOf(context);
    let told = false;
    for (const request of requests) {
      const result = await announced(context, request);
      if (result === 'found') return;
      if (result === 'held') told = true;
    }
    // A limit that is announced need not be met: it was seen to hold.
    const first = requests[0];
    if (first && !told) await met(context, first);
  },
};

type Origin = Parameters<CheckContext['request']>[1];
interface Asked {
  readonly request: ScanRequest;
  readonly origin: Origin;
}

/** Reads without a credential, answered or refused: callers that are nobody are counted by their address. */
function requestsOf(context: CheckContext): Asked[] {
  const reads = context.operations.filter(({ method }) => method === 'GET');
  const open = reads.flatMap((operation) =>
    context
      .samples(operation)
      .filter(({ as }) => as === undefined)
      .slice(0, 1),
  );
  const closed = reads.flatMap((operation) =>
    context
      .samples(operation)
      .filter(({ as }) => as !== undefined)
      .slice(0, 1),
  );
  return [...open.slice(0, 2), ...closed.slice(0, 2)].map(({ call }) => ({
    request: context.render(call, null),
    origin: { operation: call.operation },
  }));
}

/** The limit tells how much is left: less with each request, and all of it again from another address. */
async function announced(context: CheckContext, { request, origin }: Asked): Promise<'found' | 'held' | 'silent'> {
  const ask = async (name?: string): Promise<{ exchange: Exchange; left: number | undefined }> => {
    const sent = name === undefined ? request : claiming(context, request, name);
    const exchange = await context.request(sent, origin, { patient: false });
    return { exchange, left: leftOf(exchange) };
  };
  const before = await ask();
  if (before.left === undefined) return 'silent';
  for (const name of NAMES) {
    const attempt = async (): Promise<Proof | undefined> => {
      const one = await ask();
      const two = await ask();
      // It must count: otherwise what is left says nothing.
      if (one.left === undefined || two.left === undefined || two.left >= one.left) return undefined;
      const nonsense = await ask('X-Forwarded-Fro');
      const claimed = await ask(name);
      const other = await ask(name);
      const last = await ask();
      if (
        nonsense.left === undefined ||
        claimed.left === undefined ||
        other.left === undefined ||
        last.left === undefined
      )
        return undefined;
      const fresh = claimed.left > two.left && other.left >= claimed.left;
      // And the own count went on beside it.
      const counted = nonsense.left < two.left && last.left < nonsense.left + 1;
      return fresh && counted
        ? { exchanges: [nonsense.exchange, claimed.exchange, last.exchange], marks: [name] }
        : undefined;
    };
    const proof = await attempt();
    if (proof && (await tell(context, name, proof, attempt))) return 'found';
  }
  return 'held';
}

/** The limit is met; another address is not bound by it, and the own one still is. */
async function met(context: CheckContext, { request, origin }: Asked): Promise<void> {
  const ask = async (sent: ScanRequest): Promise<Exchange> => await context.request(sent, origin, { patient: false });
  const isLimited = (exchange: Exchange): boolean => context.outcome(exchange) === 'limited';
  let limited = false;
  await context.each(Array.from({ length: BURST }), async () => {
    if (!limited && isLimited(await ask(request))) limited = true;
  });
  if (!limited) return;
  for (const name of NAMES) {
    const attempt = async (): Promise<Proof | undefined> => {
      const control = await ask(request);
      const claimed = await ask(claiming(context, request, name));
      const last = await ask(request);
      return isLimited(control) && !isLimited(claimed) && claimed.answer.status > 0 && isLimited(last)
        ? { exchanges: [control, last, claimed], marks: [name] }
        : undefined;
    };
    const proof = await attempt();
    if (proof && (await tell(context, name, proof, attempt))) return;
  }
}

async function tell(context: CheckContext, name: string, proof: Proof, attempt: () => Promise<Proof | undefined>) {
  return await context.report({
    message: `with another address in ${name} a limit on callers starts anew`,
    operation: proof.exchanges[0]?.operation,
    place: `header ${name}`,
    cause: 'claimed address',
    proof,
    again: attempt,
  });
}

const used = new WeakMap<CheckContext, number>();

/** The request with an address that was not claimed before; 198.18.0.0/15 is for tests (RFC 2544). */
function claiming(context: CheckContext, request: ScanRequest, name: string): ScanRequest {
  const count = (used.get(context) ?? Math.floor(context.random('address')() * 50_000)) + 1;
  used.set(context, count);
  const address = `198.${18 + ((count >> 16) & 1)}.${(count >> 8) & 255}.${count & 255}`;
  const value = name === 'Forwarded' ? `for=${address}` : address;
  return { ...request, headers: [...request.headers, [name, value]] };
}

/** What an answer says is left of a limit; the least, where it names several. */
function leftOf({ answer }: Exchange): number | undefined {
  const found = [...answer.headers].flatMap(([name, value]) => {
    if (LEFT.test(name)) return [Number(/^\s*(\d{1,12})/.exec(value)?.[1] ?? Number.NaN)];
    if (name === 'ratelimit')
      return [...value.slice(0, 1_000).matchAll(/(?:\br=|remaining=)(\d{1,12})/g)].map((part) => Number(part[1]));
    return [];
  });
  const numbers = found.filter((value) => Number.isFinite(value));
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
