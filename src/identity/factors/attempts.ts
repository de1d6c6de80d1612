import type { Services } from '../../gateway/services.ts';
import type { FactorKind } from './records.ts';

/** Wrong codes of one user, from wherever they come, until no more are taken. */
const MOST = 5;
/** For how long, counted from the last one, in ms. */
const SPAN = 15 * 60_000;

/** An attempt that was taken, and counted as failed already. */
export interface CodeAttempt {
  /** It was right. */
  succeeded(): Promise<void>;
  /** It was wrong: says so for the record where it was the last one. */
  failed(): void;
}

/**
 * Takes an attempt at a code that could be guessed, or refuses it: five in a quarter of an hour for a user, whatever their
 * addresses. It stands beside the lock-out of account and address, which one who has the password and many addresses
 * passes. Who comes here knows the password, so a stranger cannot shut the user out with it; passkeys go on.
 */
export async function takeAttempt(
  services: Pick<Services, 'counters' | 'event'>,
  kind: FactorKind,
  user: { readonly id: string; readonly name: string },
): Promise<CodeAttempt | undefined> {
  const { counters, event } = services;
  const key = `identity/factor/${kind}/${user.id}`;
  // A refused attempt is not counted: it would put off the end.
  if ((await counters.get(key)) >= MOST) return undefined;
  const count = await counters.add(key, 1, SPAN);
  if (count > MOST) return undefined;
  return {
    succeeded: async () => {
      await counters.forget(key);
    },
    failed: () => {
      if (count < MOST) return;
      const evidence = { user: user.id, name: user.name, factor: kind };
      event({
        event: 'identity/factor-locked',
        note: 'a factor takes no more codes for a quarter of an hour',
        evidence,
      });
    },
  };
}
