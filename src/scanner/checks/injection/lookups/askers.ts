import type { Operation } from '../../../../contract/model.ts';
import { buildCall } from '../../../calls/build.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';

/** Identities that ask, of those that are refused for what they ask and not for who they are. */
const ASKERS = 2;
/** Identities that are tried for that. */
const TRIED = 6;

/** Somebody whose well-formed call is refused in clear words. */
export interface Asker {
  readonly call: Call;
  readonly as: Identity | null;
}

/** How promising a refusal is: nothing was found; the value is no good; who asks must prove it (by the value itself). */
const RANK = new Map([
  ['missing', 0],
  ['invalid', 1],
  ['unauthenticated', 2],
]);

/** Those who can ask an operation that never worked, the most promising first. */
export async function askersOf(context: CheckContext, operation: Operation): Promise<Asker[]> {
  const call = callOf(context, operation);
  if (!context.mayTry(call)) {
    context.skip('it would change what was there before', operation);
    return [];
  }
  const roles = context.roles(operation);
  const able = context.identities.filter(
    ({ role }) => roles === undefined || (role !== undefined && roles.includes(role)),
  );
  const anybody =
    (operation.security ?? []).length === 0 || operation.security?.some(({ schemes }) => schemes.length === 0);
  const seen = new Set<string | undefined>();
  const who: (Identity | null)[] = anybody ? [null] : [];
  for (const identity of able.length > 0 ? able : context.identities) {
    // One of each role: they are refused alike.
    if (seen.has(identity.role ?? identity.name)) continue;
    seen.add(identity.role ?? identity.name);
    who.push(identity);
  }
  const ranked: { readonly asker: Asker; readonly rank: number }[] = [];
  for (const as of who.slice(0, TRIED)) {
    const outcome = context.outcome(await context.send(call, as));
    const rank = RANK.get(outcome);
    // A credential that is refused is no refusal of the value.
    if (rank === undefined || (outcome === 'unauthenticated' && !anybody)) continue;
    ranked.push({ asker: { call, as }, rank });
  }
  return ranked
    .sort((one, other) => one.rank - other.rank)
    .slice(0, ASKERS)
    .map(({ asker }) => asker);
}

/** A call as the contract wants it, its path through things that are there. */
function callOf(context: CheckContext, operation: Operation): Call {
  const objects = context.objects(operation);
  const source = (place: ValuePlace): unknown =>
    place.in === 'path' ? objects.find((object) => object.place === `path:${place.name}`)?.value : undefined;
  const make = (fill: 'required' | 'all'): Call =>
    buildCall(operation, source, { fill, random: context.random(`call ${operation.key}`) });
  const call = make('required');
  // Where nothing is demanded, what is looked up is optional.
  const asks = context.places(call).some(({ value }) => typeof value === 'string' || typeof value === 'number');
  return asks ? call : make('all');
}
