import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Ban } from './bans/ban.ts';
import type { Verdict } from './limit.ts';
import type { QuotaUse } from './quotas.ts';

/** Problem types of draft-ietf-httpapi-ratelimit-headers-11, section 5. */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';
const REDUCED_CAPACITY = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity';
const ABNORMAL_USAGE = 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected';

const MAX_RETRY_AFTER = 31 * 86_400;

/** Whole seconds, at least 1: `Retry-After: 0` invites to come back at once. */
export const seconds = (ms: number): number => Math.min(MAX_RETRY_AFTER, Math.max(1, Math.ceil(ms / 1_000)));

/** Over its rate. `owing`: because of what earlier requests cost that were refused as invalid or harmful. */
export function rateLimited(verdict: Verdict, owing: boolean): Refusal {
  const { limit, retryAfter, resetAfter } = verdict;
  const wait = seconds(retryAfter);
  return refuse('rate-limited', {
    type: owing ? ABNORMAL_USAGE : QUOTA_EXCEEDED,
    detail: `Over the rate of this ${limit.name}; come back in ${wait} s.`,
    headers: {
      'retry-after': String(wait),
      'ratelimit-policy': limit.policyField,
      ratelimit: `"${limit.name}";r=0;t=${seconds(resetAfter)}`,
    },
    members: { 'violated-policies': [limit.name] },
    evidence: { policy: limit.name, retryAfter: Math.ceil(retryAfter), owing },
  });
}

/** The quota of the day or month is used up. `policies`: the `RateLimit-Policy` members of the caller's quotas. */
export function quotaExceeded(use: QuotaUse, limit: number, policies: string): Refusal {
  const name = use.violated!;
  const wait = name === 'day' ? use.dayLeft : use.monthLeft;
  return refuse('quota-exceeded', {
    type: QUOTA_EXCEEDED,
    detail: `The quota of this ${name} is used up; it starts anew in ${wait} s.`,
    headers: { 'retry-after': String(wait), 'ratelimit-policy': policies, ratelimit: `"${name}";r=0;t=${wait}` },
    members: { 'violated-policies': [name] },
    evidence: { policy: name, quota: limit },
  });
}

/** Too many exchanges at once. The wait is jittered, so that those sent away do not come back together. */
export function overloaded(scope: 'total' | 'address' | 'caller', limit: number): Refusal {
  return refuse('overloaded', {
    type: REDUCED_CAPACITY,
    detail: scope === 'total' ? 'Too many exchanges at once.' : `Too many exchanges at once of this ${scope}.`,
    headers: { 'retry-after': String(1 + Math.floor(Math.random() * 3)) },
    members: { 'violated-policies': [`concurrency-${scope}`] },
    evidence: { policy: `concurrency-${scope}`, limit },
  });
}

/** Shut out. Says when to come back, and neither why nor who is meant; the record says both. `left`: milliseconds. */
export function banned({ id, covers, by, reason, cause, until }: Ban, left: number): Refusal {
  const wait = seconds(left);
  return refuse('banned', {
    type: ABNORMAL_USAGE,
    detail: `Come back in ${wait} s.`,
    headers: { 'retry-after': String(wait) },
    evidence: { ban: id, covers, by, reason, cause, until: new Date(until).toISOString() },
  });
}
