import type { Operation } from '../../../../contract/model.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { readJwt } from '../../authentication/shared/jwt.ts';
import { apart } from './tenants.ts';

const ADMIN = /(admin|root|super|sysop|owner$|operator|god)/i;
/** Roles of people who work on what belongs to others: that they share it is no weakness. */
const STAFF =
  /(admin|staff|nurse|doctor|physician|clerk|employee|manager|agent|support|operator|moderator|editor|teacher|instructor|mechanic|cashier|librarian|auditor|analyst|worker|officer|account(ant|ing)|reception|pharmacist|technician|curator|reviewer|maintainer|developer|engineer|service|internal|system|lawyer|dispatcher|driver|warehouse|hr$)/i;

/** What is said of an identity's rights: its role, and what its token claims. */
function rights(as: Identity): string {
  const said = [as.role ?? ''];
  const claims = readJwt(as.secret)?.claims;
  for (const name of ['role', 'roles', 'groups', 'authorities', 'permissions']) {
    const value = claims?.[name];
    if (typeof value === 'string') said.push(value);
    else if (Array.isArray(value)) said.push(...value.filter((one) => typeof one === 'string'));
  }
  for (const name of ['admin', 'isAdmin', 'is_admin']) if (claims?.[name] === true) said.push('admin');
  return said.join(' ');
}

export const isAdmin = (as: Identity): boolean =>
  ADMIN.test(rights(as)) || (as.role === undefined && ADMIN.test(as.name));

/** Whether an identity's role is one of people who work together on what belongs to others. */
export function isStaff(as: Identity, context: CheckContext): boolean {
  if (isAdmin(as)) return true;
  if (as.role === undefined || !STAFF.test(as.role)) return false;
  // Where everybody else is an administrator, this role is that of the ordinary users.
  return context.identities.some((other) => other.role !== as.role && !isAdmin(other));
}

/** Two names for one account own the same things. */
export function sameAccount(one: Identity, other: Identity): boolean {
  if (one === other || one.name === other.name) return true;
  if (one.secret !== undefined && one.secret === other.secret) return true;
  if (one.login !== undefined && one.login.username === other.login?.username) return true;
  const subject = (as: Identity): unknown => readJwt(as.secret)?.claims['sub'];
  return subject(one) !== undefined && subject(one) === subject(other);
}

/** Somebody, and somebody else who may do the same and no more. */
export interface Pair {
  readonly alice: Identity;
  readonly bob: Identity;
}

/** Rights over the whole service are not those of one tenant. */
const mayBeDivided = (as: Identity): boolean =>
  !/(super|root|sysop|sysadmin|operator|god|global|platform)/i.test(rights(as));

/** Pairs a role: more show nothing that these do not. */
const PAIRS = 2;

/**
 * Pairs of identities of one role that is not an administrator's; of accounts that the scan registered, which have the
 * rights of anyone, against everybody but administrators. At most two pairs a role.
 */
export function peers(context: CheckContext): Pair[] {
  const pairs: Pair[] = [];
  const counts = new Map<string, number>();
  for (const alice of context.identities) {
    for (const bob of context.identities) {
      if (sameAccount(alice, bob)) continue;
      // The owner of one tenant is nobody in another.
      const divided = mayBeDivided(alice) && mayBeDivided(bob) && apart(context, alice, bob) !== undefined;
      if (!divided && (isAdmin(bob) || isAdmin(alice))) continue;
      const alike = alice.role === bob.role;
      if (!alike && bob.registered !== true) continue;
      const key = `${divided ? 'tenants ' : ''}${alice.role ?? ''}/${bob.registered === true ? 'registered' : (bob.role ?? '')}`;
      const count = counts.get(key) ?? 0;
      if (count >= PAIRS) continue;
      counts.set(key, count + 1);
      pairs.push({ alice, bob });
    }
  }
  return pairs;
}

/** What the contract says of whose an object is (`x-portcullis-owner`): whether it holds for an identity. */
export function ownerRule(operation: Operation, as: Identity): 'binds' | 'free' | 'unsaid' {
  const value = operation.extensions.get('x-portcullis-owner')?.value;
  if (typeof value !== 'object' || value === null) return 'unsaid';
  const { unless } = value as { unless?: unknown };
  return Array.isArray(unless) && as.role !== undefined && unless.includes(as.role) ? 'free' : 'binds';
}

/** Whether a role may call an operation; undefined where nobody says. */
export function mayCall(context: CheckContext, operation: Operation, as: Identity): boolean | undefined {
  const roles = context.roles(operation);
  if (roles === undefined || as.role === undefined) return undefined;
  return roles.includes(as.role);
}
