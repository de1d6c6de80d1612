import type { Exchange } from '../../gateway/exchange.ts';
import type { Principal } from '../../gateway/principal.ts';
import { type Refusal, refuse } from '../../gateway/refusal.ts';
import type { Stage } from '../../gateway/room.ts';
import { reaches } from '../../identity/server/factor.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatDuration } from '../../shared/duration.ts';
import type { Demands } from '../demands.ts';
import { schemeName } from '../places.ts';
import type { StepUpDemand, StepUpSettings } from './settings.ts';

/**
 * Schemes whose claims an issuer has made. What a key, certificate or password comes with was written by the operator: an
 * attribute of theirs that is called `acr` says nothing of how anybody signed in.
 */
const ISSUED: ReadonlySet<string> = new Set(['jwt', 'introspection']);
/** Whether such credentials are taken by an operation at all. */
export const takesIssued = ({ places }: Demands): boolean =>
  places.some(({ schemes }) => [...schemes].some((scheme) => ISSUED.has(scheme)));

/** How far an issuer's clock may be ahead, in ms, where its settings do not say more. */
const SKEW = 5_000;

export interface StepUpRules {
  readonly stepUp: StepUpSettings;
  readonly realm: string;
  readonly issuers: readonly { readonly clockTolerance: number }[];
}

/** What a login lacks, in the order in which it is told. */
type Lack = 'acr' | 'factors' | 'maxAge';

const DETAILS: Readonly<Record<Lack, string>> = {
  acr: 'Sign in more strongly.',
  factors: 'Sign in with another factor.',
  maxAge: 'Sign in anew.',
};

/**
 * Demands, after the credential was found good, that its caller signed in strongly and lately enough (RFC 9470): by the
 * claims `acr`, `amr` and `auth_time` of its token. Also where the credential was used as a stolen one is: then by any login
 * since. Judged on each request: a token grows old while it is good.
 */
export function withStepUp(stage: Stage, { stepUp, realm, issuers }: StepUpRules, clock: Clock): Stage {
  const demand = stepUp === 'none' ? undefined : stepUp;
  const skew = Math.max(SKEW, ...issuers.map(({ clockTolerance }) => clockTolerance * 1000));
  const asked = demand === undefined ? '' : parametersOf(demand);

  return (exchange) => {
    const refusal = stage(exchange);
    if (refusal instanceof Promise) return refusal.then((known) => known ?? judge(exchange));
    return refusal ?? judge(exchange);
  };

  function judge(exchange: Exchange): Refusal | undefined {
    if (demand === undefined && exchange.unusual === undefined) return undefined;
    const { principal, unusual } = exchange;
    // Nobody is no one in particular, however late.
    if (principal === undefined) {
      if (demand === undefined) return undefined;
      const headers = { 'www-authenticate': `Bearer realm="${realm}"${asked}` };
      return refuse('credentials-missing', { headers, evidence: { demanded: 'step-up' } });
    }
    const now = clock.now();
    const issued = ISSUED.has(principal.credential.scheme);
    if (demand !== undefined) {
      const lack = issued ? lackOf(demand, principal, now, skew) : 'acr';
      if (lack !== undefined) return refused(principal, asked, lack, issued ? lack : 'no token');
    }
    if (unusual === undefined) return undefined;
    const age = Math.max(1, Math.floor((now - unusual.since) / 1000));
    return refused(principal, `, max_age="${age}"`, 'maxAge', `unusual: ${unusual.rules.join(', ')}`);
  }

  function refused({ credential }: Principal, parameters: string, lack: Lack, reason: string): Refusal {
    const scheme = schemeName(credential.binding === 'dpop' ? 'dpop' : 'bearer');
    const challenge = `${scheme} realm="${realm}", error="insufficient_user_authentication", error_description="${DETAILS[lack]}"${parameters}`;
    return refuse('step-up-required', {
      detail: DETAILS[lack],
      headers: { 'www-authenticate': challenge },
      evidence: { lacks: reason, scheme: credential.scheme, credential: credential.id },
    });
  }
}

/** RFC 9470, section 3: what the client is to ask its authorization server for. */
function parametersOf({ acr, maxAge }: StepUpDemand): string {
  const values = acr === undefined ? '' : `, acr_values="${acr.join(' ')}"`;
  return maxAge === undefined ? values : `${values}, max_age="${Math.floor(maxAge / 1000)}"`;
}

function lackOf(
  { acr, factors, maxAge }: StepUpDemand,
  { claims }: Principal,
  now: number,
  skew: number,
): Lack | undefined {
  const { acr: shown, amr, auth_time: time } = claims;
  if (acr !== undefined) {
    if (typeof shown !== 'string' || !acr.some((wanted) => wanted === shown || reaches(shown, wanted))) return 'acr';
  }
  if (factors !== undefined && !(Array.isArray(amr) && factors.some((wanted) => amr.includes(wanted))))
    return 'factors';
  if (maxAge === undefined) return undefined;
  // A time to come says as little as none: it would stay fresh for as long as somebody likes.
  if (typeof time !== 'number' || !Number.isFinite(time) || time * 1000 > now + skew) return 'maxAge';
  return now - time * 1000 > maxAge ? 'maxAge' : undefined;
}

/** For people; undefined where nothing is demanded. */
export function stepUpText(stepUp: StepUpSettings): string | undefined {
  if (stepUp === 'none') return undefined;
  const { acr, factors, maxAge } = stepUp;
  return [
    ...(acr === undefined ? [] : [`acr ${acr.join(' or ')}`]),
    ...(factors === undefined ? [] : [`with ${factors.join(' or ')}`]),
    ...(maxAge === undefined ? [] : [`signed in within the last ${formatDuration(maxAge)}`]),
  ].join(', ');
}
