import type { Operation } from '../../../../contract/model.ts';
import { buildCall } from '../../../calls/build.ts';
import type { Call } from '../../../model/call.ts';
import type { CheckContext, Sample } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { wordsOf } from './words.ts';

/**
 * What sending a call does: `read` changes nothing; `make` adds something that is cleaned up; `change` alters an object
 * that is put back; `remove` takes away an object that was made for it.
 */
export type Effect = 'read' | 'make' | 'change' | 'remove';

/** A working call could not be had (again): ends the work on one place, and is said in the coverage. */
export class NoCall extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoCall';
  }
}

/** An operation that can be attacked, and how working calls of it are had. */
export interface Ground {
  readonly operation: Operation;
  readonly as: Identity | null;
  readonly sample: Sample;
  readonly effect: Effect;
  readonly login: boolean;
  /** A call that works when it is sent once. @throws NoCall */
  next(): Promise<Call>;
  /** Puts back what was changed. */
  end(): Promise<void>;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);
/** A POST whose path ends in one of these asks, and makes nothing. */
const ASKING: ReadonlySet<string> = new Set([
  ...[
    'search',
    'query',
    'find',
    'filter',
    'lookup',
    'list',
    'validate',
    'preview',
    'calculate',
    'render',
    'login',
    'signin',
  ],
  ...[
    'check',
    'verify',
    'estimate',
    'quote',
    'convert',
    'compare',
    'suggest',
    'autocomplete',
    'graphql',
    'ping',
    'fetch',
    'parse',
  ],
]);

export function effectOf(operation: Operation): Effect {
  if (READS.has(operation.method)) return 'read';
  if (operation.method === 'DELETE') return 'remove';
  if (operation.method !== 'POST') return 'change';
  const last =
    operation.template
      .split('/')
      .filter((part) => part !== '' && !part.startsWith('{'))
      .at(-1) ?? '';
  return wordsOf(last).some((part) => ASKING.has(part)) ? 'read' : 'make';
}

/** The sample that shows most: the one with the longest answer; the first of several. */
function richest(samples: readonly Sample[]): Sample | undefined {
  let best: Sample | undefined;
  for (const sample of samples) {
    if (!best || sample.exchange.answer.body.length > best.exchange.answer.body.length) best = sample;
  }
  return best;
}

const redirects = new WeakMap<AbortSignal, Map<Operation, Promise<Sample | undefined>>>();

/** A GET that only ever redirects, though the contract does not say so: no sample, and worth an attack. Once a scan. */
function redirecting(context: CheckContext, operation: Operation): Promise<Sample | undefined> {
  let known = redirects.get(context.signal);
  if (!known) redirects.set(context.signal, (known = new Map()));
  let found = known.get(operation);
  if (!found) known.set(operation, (found = redirectOf(context, operation)));
  return found;
}

async function redirectOf(context: CheckContext, operation: Operation): Promise<Sample | undefined> {
  if (operation.method !== 'GET' || operation.template.includes('{')) return undefined;
  const call = buildCall(operation, () => undefined, { fill: 'all' });
  const as = context.identities[0];
  const exchange = await context.send(call, as ?? null);
  return context.outcome(exchange) === 'redirect' ? { call, as, exchange } : undefined;
}

/** How an operation can be attacked; undefined where no call of it works, or none may be sent: the reason is noted. */
export async function groundOf(context: CheckContext, operation: Operation): Promise<Ground | undefined> {
  const { known } = context;
  if (known.logout.includes(operation) || known.account.includes(operation)) {
    context.skip('it ends or changes the account of who calls', operation);
    return undefined;
  }
  const login = known.login.includes(operation);
  const effect = login ? 'read' : effectOf(operation);
  const rich = richest(context.samples(operation));
  const sample = rich
    ? ((await context.sample(operation, rich.as ?? null)) ?? (await context.sample(operation)))
    : await redirecting(context, operation);
  if (!sample) {
    context.skip('no call of it is known to work', operation);
    return undefined;
  }
  const as = sample.as ?? null;
  const fixed = { operation, as, sample, effect, login };
  if (effect === 'read') return { ...fixed, next: async () => sample.call, end: async () => {} };
  const fresh = async (): Promise<Call> => {
    const call = as ? await context.prepare(operation, as) : sample.call;
    if (!call) throw new NoCall('a call that works could not be made again');
    if (!context.mayTry(call)) throw new NoCall('it would change what was there before');
    return call;
  };
  if (effect !== 'change') return { ...fixed, next: fresh, end: async () => {} };
  // One object for all changes: it is put back at the end.
  let one: Call | undefined;
  return {
    ...fixed,
    next: async () => (one ??= await fresh()),
    end: async () => {
      if (one) await context.restore({ ...sample, call: one });
    },
  };
}
