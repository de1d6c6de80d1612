import type { Operation } from '../../contract/model.ts';
import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import { render } from '../calls/render.ts';
import { randomFrom } from '../generate/random.ts';
import type { ScannerClient } from '../http/client.ts';
import type { Listener } from '../http/listener.ts';
import type { CheckContext } from '../model/check.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Candidate } from '../model/finding.ts';
import type { ScanPlan } from '../model/plan.ts';
import type { State } from '../state/state.ts';
import type { CheckRun } from './check-run.ts';
import type { Coverage } from './coverage.ts';
import { each } from './each.ts';
import { Gone, Silent, Stopped } from './ends.ts';
import { pause } from './pause.ts';
import type { Presence } from './presence.ts';
import type { Silence } from './silence.ts';

/** What the contexts of all checks share. */
export interface Shared {
  readonly plan: ScanPlan;
  readonly operations: readonly Operation[];
  readonly client: ScannerClient;
  readonly state: State;
  readonly coverage: Coverage;
  readonly silence: Silence;
  readonly presence: Presence;
  /** Aborted by Ctrl-C and when the time is up: nothing more is begun. */
  readonly signal: AbortSignal;
  listener(): Promise<Listener>;
  found(check: string, operation: string): boolean;
  report(run: CheckRun, candidate: Candidate): Promise<boolean>;
}

/** What one check can do and know, on behalf of its run. */
export function contextFor(run: CheckRun, shared: Shared): CheckContext {
  const { plan, client, state, coverage, silence, presence, signal } = shared;
  const { check } = run;
  const go = async (operation?: Operation): Promise<void> => {
    if (signal.aborted) throw new Stopped();
    if (presence.doubtful && !(await presence.here())) throw new Gone();
    if (operation && (silence.of(operation) || isHeldUp(operation))) throw new Silent(operation.key);
  };
  // One long text more, and nobody is answered any more: what is left of the scan would be lost with it.
  const isHeldUp = (operation: Operation): boolean =>
    /^(tampering|fuzzing|floods)$/.test(check.group) &&
    check.id !== 'costly-pattern' &&
    shared.found('costly-pattern', operation.key);
  const note = (exchange: Exchange): Exchange => {
    run.requests++;
    return exchange;
  };
  return {
    base: plan.base,
    contract: plan.contract,
    operations: shared.operations,
    get identities() {
      return state.identities.filter(({ alive }) => alive);
    },
    options: plan.options,
    signal,
    known: state.known,
    random: (key) => randomFrom(plan.options.seed, `${check.id}/${key}`),
    roles: (operation) => rolesOf(plan, operation),

    send: async (call, as, options) => {
      await go(call.operation);
      coverage.sent(call);
      return note(await state.send(call, as, { ...options, check: check.id }));
    },
    request: async (request, origin, options) => {
      await go(origin?.operation);
      return note(await client.send(request, { ...options, ...origin, check: check.id }));
    },
    raw: async (message, options) => {
      await go(options?.operation);
      return note(await client.raw(message, { ...options, check: check.id }));
    },
    handshake: async (options) => {
      await go();
      return await client.handshake(options);
    },
    render: (call, as) => render(call, as?.credentials(call.operation), plan.base),

    samples: (operation) => state.samples(operation),
    sample: async (operation, as) => {
      await go(operation);
      return await state.sample(operation, as);
    },
    prepare: async (operation, as) => {
      await go(operation);
      return await state.prepare(operation, as);
    },
    mayTry: (call) => state.mayTry(call),
    restore: async (sample) => await state.restore(sample),
    outcome: (exchange) => state.outcome(exchange),
    objects: (operation) => state.objects(operation),
    places: placesOf,
    put,

    report: async (candidate) => await shared.report(run, candidate),
    found: (id, operation) => shared.found(id, operation.key),
    skip: (reason, operation) => run.skip(reason, operation?.key),
    each: async (items, work) =>
      await each(
        items,
        plan.options.concurrency,
        work,
        (error) => {
          run.failed(error);
        },
        () => signal.aborted,
      ),
    bait: async (options) => {
      await go();
      return (await shared.listener()).bait(options);
    },
    pause: async (milliseconds) => {
      await go();
      await pause(milliseconds, signal);
      await go();
    },
  };
}

/** Roles that may call an operation: from the plan, else from the contract. */
function rolesOf({ roles }: ScanPlan, operation: Operation): readonly string[] | undefined {
  const said = roles.get(operation.key) ?? (operation.operationId ? roles.get(operation.operationId) : undefined);
  if (said) return said;
  const value = operation.extensions.get('x-portcullis-roles')?.value;
  if (!Array.isArray(value)) return undefined;
  return value.filter((role) => typeof role === 'string');
}
