import { audienceProblem, type Payload, purposeProblem, subjectProblem, timesProblem } from '../jwt/claims.ts';
import type { IssuerSettings } from './settings.ts';

/** `token_type` of what gives access to an API: RFC 6750, RFC 9449, and as RFC 8693 calls it. */
const ACCESS = new Set(['bearer', 'dpop', 'access_token', 'urn:ietf:params:oauth:token-type:access_token']);

/**
 * Judges what an issuer says of a token that it calls active: `active` is about the token, not about this gate.
 * @returns why it cannot be accepted, for the record
 */
export function introspectedProblem(payload: Payload, issuer: IssuerSettings, now: number): string | undefined {
  const { iss, aud, token_type: type } = payload;
  if (iss !== undefined && iss !== issuer.issuer) return 'iss';
  if (type !== undefined && !(typeof type === 'string' && ACCESS.has(type.toLowerCase())))
    return 'not an access token (token_type)';
  if (aud === undefined && issuer.introspection?.withoutAudience === 'accept') {
    // Refresh tokens are active too, and many servers say of them neither whom they are for nor what they are.
    if (type === undefined) return 'neither aud nor token_type';
  } else {
    const problem = audienceProblem(payload, issuer);
    if (problem !== undefined) return problem;
  }
  return timesProblem(payload, issuer, now) ?? purposeProblem(payload) ?? subjectProblem(payload, issuer);
}

/** A token of a client for itself need not have a subject (RFC 7662, section 2.2): then it is the client. */
export function withSubject(payload: Payload, { subject }: IssuerSettings): Payload {
  if (payload[subject] !== undefined || typeof payload['client_id'] !== 'string') return payload;
  return { ...payload, [subject]: payload['client_id'] };
}
