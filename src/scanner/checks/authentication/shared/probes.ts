import type { Operation } from '../../../../contract/model.ts';
import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange, ScanRequest } from '../../../model/exchange.ts';
import type { Candidate, Proof } from '../../../model/finding.ts';
import type { Identity } from '../../../model/identity.ts';
import { alike } from './answers.ts';
import { demandOf } from './demand.ts';
import { randomText, withHeader, withSecret } from './requests.ts';

/** A read that works for an identity, and is refused without a credential and with nonsense: where attacks on credentials can be seen. */
export interface Probe {
  readonly operation: Operation;
  readonly call: Call;
  readonly as: Identity;
  /** It worked with the credential. */
  readonly allowed: Exchange;
  /** It did not without. */
  readonly refused: Exchange;
}

const TRIES = 12;

/**
 * Up to `limit` probes of an identity: the simplest operations first.
 * @param nonsense also demand that a made-up credential is refused: without that, what is accepted says nothing
 */
export async function probesOf(
  context: CheckContext,
  as: Identity,
  limit: number,
  nonsense: 'refused' | 'untried' = 'refused',
): Promise<Probe[]> {
  const reads = context.operations
    .filter((operation) => operation.method === 'GET' && demandOf(operation) !== 'no')
    .filter((operation) => context.samples(operation).some((sample) => sample.as?.name === as.name))
    .map((operation, at) => ({ operation, cost: operation.template.split('{').length * 100 + at }))
    .sort((one, other) => one.cost - other.cost)
    .slice(0, TRIES);
  const probes: Probe[] = [];
  for (const { operation } of reads) {
    if (probes.length >= limit || context.signal.aborted) break;
    const probe = await probeOf(context, operation, as, nonsense);
    if (probe !== undefined) probes.push(probe);
  }
  return probes;
}

/** The probe that an operation makes for an identity; undefined where it does not work with, or works without. */
export async function probeOf(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  nonsense: 'refused' | 'untried',
): Promise<Probe | undefined> {
  const sample = await context.sample(operation, as);
  if (sample === undefined) return undefined;
  const refused = await context.send(sample.call, null);
  if (context.outcome(refused) === 'success') return undefined;
  if (nonsense === 'refused') {
    const made = nonsenseRequest(context, sample.call, as);
    if (made !== undefined) {
      const answer = await context.request(made, { operation });
      if (context.outcome(answer) === 'success') return undefined;
    }
  }
  const allowed = await context.send(sample.call, as);
  if (context.outcome(allowed) !== 'success') return undefined;
  return { operation, call: sample.call, as, allowed, refused };
}

/** The call with a made-up credential in the place of the identity's. */
export function nonsenseRequest(context: CheckContext, call: Call, as: Identity): ScanRequest | undefined {
  const request = context.render(call, as);
  const random = context.random('nonsense');
  if (as.secret !== undefined) return withSecret(request, as, randomText(random, 24));
  const made = `${randomText(random, 8)}:${randomText(random, 12)}`;
  return as.kind === 'basic'
    ? withHeader(request, 'Authorization', `Basic ${Buffer.from(made).toString('base64')}`)
    : undefined;
}

/** Sends an attack. @returns a proof where it worked and shows what the credential shows. */
export async function believed(
  context: CheckContext,
  probe: Probe,
  request: ScanRequest,
  marks: readonly string[],
): Promise<Proof | undefined> {
  const attack = await context.request(request, { operation: probe.operation });
  if (context.outcome(attack) !== 'success' || !alike(probe.allowed.answer, attack.answer)) return undefined;
  return { exchanges: [probe.refused, attack], marks };
}

/** The same once more, its control too: without a credential it must still be refused. */
export async function believedAgain(
  context: CheckContext,
  probe: Probe,
  request: () => ScanRequest | undefined,
  marks: readonly string[],
): Promise<Proof | undefined> {
  const refused = await context.send(probe.call, null);
  const attack = request();
  if (attack === undefined || context.outcome(refused) === 'success') return undefined;
  return believed(context, { ...probe, refused }, attack, marks);
}

/**
 * Tries attacks on a probe in order until one gets through, and reports that one.
 * @param describe the finding in a sentence, from what was tried
 */
export async function firstBelieved(
  context: CheckContext,
  probe: Probe,
  attacks: Iterable<{
    readonly name: string;
    readonly request: () => ScanRequest | undefined;
    readonly marks?: readonly string[];
  }>,
  describe: (name: string) => Omit<Candidate, 'proof' | 'again' | 'operation'>,
): Promise<string | undefined> {
  for (const { name, request, marks = [] } of attacks) {
    if (context.signal.aborted) return undefined;
    const made = request();
    if (made === undefined) continue;
    const proof = await believed(context, probe, made, marks);
    if (proof === undefined) continue;
    const confirmed = await context.report({
      ...describe(name),
      operation: probe.operation,
      proof,
      again: () => believedAgain(context, probe, request, marks),
    });
    if (confirmed) return name;
  }
  return undefined;
}
