import type { Operation } from '../../contract/model.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import { type Refusal, refuse } from '../../gateway/refusal.ts';
import type { Stage } from '../../gateway/room.ts';
import type { Finding } from '../../shared/finding.ts';
import { addressGroup, type Lockout } from '../lockout.ts';
import { Failed } from '../outcome.ts';
import { isSame, type SignatureJudge } from './judge.ts';
import type { SignatureSettings } from './settings.ts';

/** Who must sign beside the credential they come with. */
export interface SignatureRules {
  readonly signature: 'optional' | 'required';
  readonly signatures: Pick<SignatureSettings, 'roles'>;
  readonly realm: string;
}

/** For people; undefined where nobody must. */
export function demandText({ signature, signatures: { roles } }: SignatureRules): string | undefined {
  if (signature === 'required') return 'every request is signed with a key of its caller';
  return roles.length === 0 ? undefined : `requests of ${roles.join(', ')} are signed with a key of their caller`;
}

/** Where authentication is off nobody is judged, whatever else is asked of them. */
export function inspectSignature(rules: SignatureRules, operation: Operation): Finding[] {
  const demanded = demandText(rules);
  if (demanded === undefined) return [];
  return [
    {
      rule: 'authentication/signature-off',
      severity: 'warning',
      message: `nothing enforces that ${demanded}: authentication is off for this operation`,
      mend: 'set access: signature, or take signature: required away',
      place: operation.place,
      operation: operation.key,
    },
  ];
}

/**
 * Compiles the demand of a signature beside the credential: it must be by a key of the same caller, so that a stolen
 * credential is of no use without the key. Where no credential is needed, whoever signs is the caller.
 */
export function withSignature(
  stage: Stage,
  { signature, signatures, realm }: SignatureRules,
  judge: SignatureJudge,
  lockout: Lockout,
): Stage {
  const always = signature === 'required';
  const roles = new Set(signatures.roles);
  if (!always && roles.size === 0) return stage;
  const challenge = `Signature realm="${realm}"`;

  return (exchange) => {
    const refusal = stage(exchange);
    if (refusal instanceof Promise) return refusal.then((known) => known ?? demand(exchange));
    return refusal ?? demand(exchange);
  };

  function demand(exchange: Exchange): Refusal | undefined | Promise<Refusal | undefined> {
    const { principal } = exchange;
    if (!always && !principal?.roles.some((role) => roles.has(role))) return undefined;
    const { headers } = exchange.asked;
    if (headers['signature'] === undefined && headers['signature-input'] === undefined)
      return refuse('signature-missing', {
        headers: { 'www-authenticate': challenge, ...judge.wanted(exchange) },
        evidence: { credential: principal?.credential.id ?? null },
      });
    const known = judge.signerOf(exchange);
    return known === undefined
      ? judge.judge(exchange).then((outcome) => conclude(exchange, outcome))
      : conclude(exchange, known);
  }

  async function conclude(
    exchange: Exchange,
    outcome: Awaited<ReturnType<SignatureJudge['judge']>>,
  ): Promise<Refusal | undefined> {
    const { principal } = exchange;
    if (!(outcome instanceof Failed)) {
      if (principal === undefined) {
        exchange.principal = outcome.principal;
        exchange.anonymous = false;
      } else if (!isSame({ principal }, outcome)) return refused(exchange, 'the key is not one of this caller');
      if (principal?.credential.scheme !== 'signature') exchange.decisions.push(outcome.decision);
      return undefined;
    }
    if (outcome.refusal !== undefined) return outcome.refusal;
    if (outcome.counts) {
      const locked = await lockout.stranger(addressGroup(exchange.peer.address));
      if (locked !== undefined)
        return refuse('too-many-failures', {
          headers: { 'retry-after': String(locked.retryAfter) },
          evidence: { reason: outcome.reason },
        });
    }
    return refused(exchange, outcome.reason, outcome);
  }

  function refused(exchange: Exchange, reason: string, failure?: Failed): Refusal {
    return refuse('signature-invalid', {
      detail: failure?.detail,
      headers: { 'www-authenticate': challenge, ...(failure?.headers ?? judge.wanted(exchange)) },
      evidence: { reason, credential: exchange.principal?.credential.id ?? null, key: failure?.credential ?? null },
    });
  }
}
