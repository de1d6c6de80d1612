import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import { IdentityError } from '../attributes.ts';
import { enter } from '../journal.ts';
import { findUser, normalName } from '../users.ts';
import { eventOf } from './events.ts';
import { type FactorInfo, infoOf, readFactors, removeFactor } from './records.ts';

/** A user's factors, for whoever manages users. @throws IdentityError where there is no such user */
export function listFactors(store: Store, name: string): FactorInfo[] {
  return readFactors(store, userNamed(store, name).id).factors.map(infoOf);
}

/**
 * Takes a factor of a user out, or all of them: for who has lost them. It waits for the audit log, see {@link enter}.
 * @param id of the factor; undefined: all
 * @param by who did it, through what
 * @throws IdentityError where there is no such user or factor
 */
export function takeFactors(
  store: Store,
  clock: Clock,
  name: string,
  id: string | undefined,
  by: string,
): FactorInfo[] {
  const user = userNamed(store, name);
  return store.transaction(() => {
    const wanted = readFactors(store, user.id).factors.filter((one) => id === undefined || one.id === id);
    if (wanted.length === 0)
      throw new IdentityError(
        'unknown',
        id === undefined ? `${user.name} has no factors.` : `${user.name} has no factor ${id.slice(0, 64)}.`,
      );
    // Recovery codes would go with the last of the others, unsaid.
    wanted.sort((a, b) => Number(b.kind === 'recovery') - Number(a.kind === 'recovery'));
    const gone = wanted.flatMap((one) => removeFactor(store, user.id, one.id) ?? []);
    for (const one of gone)
      enter(
        store,
        clock,
        asDeed(eventOf({ what: 'factor-removed', user, factor: one.kind, more: { id: one.id } })),
        by,
      );
    return gone.map(infoOf);
  });
}

const asDeed = ({ event, note, evidence = {} }: ReturnType<typeof eventOf>) => ({ event, note, evidence });

function userNamed(store: Store, given: string): { id: string; name: string } {
  const name = normalName(given);
  const record = name === undefined ? undefined : findUser(store, name);
  if (name === undefined || record === undefined)
    throw new IdentityError('unknown', `There is no user ${(name ?? given).slice(0, 128)}.`);
  return { id: record.id, name };
}
