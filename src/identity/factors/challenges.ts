import { hash, randomBytes } from 'node:crypto';
import type { Services } from '../../gateway/services.ts';

/** How long an authenticator may take, in ms (WebAuthn recommends five minutes where a person must verify). */
export const PASSKEY_TIME = 5 * 60_000;

/** A challenge, as it is kept on this side until it is answered. */
export interface Challenge {
  readonly challenge: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/** 32 random bytes, base64url. */
export const newChallenge = ({ clock }: Pick<Services, 'clock'>): Challenge => ({
  challenge: randomBytes(32).toString('base64url'),
  expires: clock.now() + PASSKEY_TIME,
});

/**
 * Spends a challenge: in whichever worker its answer comes first. @returns false where it is over, or was answered before
 */
export async function spend(
  services: Pick<Services, 'counters' | 'clock'>,
  given: unknown,
): Promise<string | undefined> {
  const { challenge, expires } = (given ?? {}) as Partial<Challenge>;
  if (typeof challenge !== 'string' || typeof expires !== 'number' || services.clock.now() >= expires) return undefined;
  const name = hash('sha256', challenge, 'base64url');
  return (await services.counters.once(`identity/challenge/${name}`, PASSKEY_TIME * 2)) ? challenge : undefined;
}
