import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { namingOf } from '../../../state/names.ts';
import { leavesOf } from '../../authentication/shared/answers.ts';
import { readJwt } from '../../authentication/shared/jwt.ts';

/** What people belong to, and what keeps their things apart from those of others, whatever their role in it. */
const TENANT = /^(tenant|org|organi[sz]ation|company|workspace|business|firm|enterprise|institution)$/;
/** Values read for one identity. */
const MOST = 20;

export type Tenants = ReadonlyMap<string, ReadonlySet<string>>;

/** `tenantId`, `org_id`, `tenant`; and `tenant/id` of nested objects. */
function kindOf(path: readonly string[]): string | undefined {
  const naming = namingOf(path.at(-1) ?? '');
  if (TENANT.test(naming.kind)) return naming.property === '' || naming.certain ? naming.kind : undefined;
  if (naming.kind !== '' || !naming.certain) return undefined;
  const parent = namingOf(path.at(-2) ?? '').kind;
  return TENANT.test(parent) ? parent : undefined;
}

/** The tenants of an identity by kind, from its token and from what the API answers about nothing but itself. */
export function tenantsOf(context: CheckContext, as: Identity): Tenants {
  const found = new Map<string, Set<string>>();
  let left = MOST;
  const add = (kind: string | undefined, value: unknown): void => {
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return;
    if (kind === undefined || left-- <= 0) return;
    found.set(kind, (found.get(kind) ?? new Set()).add(String(value)));
  };
  for (const [name, value] of Object.entries(readJwt(as.secret)?.claims ?? {})) add(kindOf([name]), value);
  for (const operation of context.operations) {
    if (
      operation.method !== 'GET' ||
      operation.template.includes('{') ||
      !/\/(me|self|profile|account|whoami|userinfo)$/.test(operation.template)
    )
      continue;
    const sample = context.samples(operation).find((one) => one.as?.name === as.name);
    for (const { path, value } of leavesOf(sample?.exchange.answer.json)) {
      const steps = path.split('/').filter((step) => step !== '');
      if (!steps.includes('*')) add(kindOf(steps), value);
    }
  }
  return found;
}

/** Kinds in which two identities belong to different ones: no role spans both. */
export function apart(
  context: CheckContext,
  one: Identity,
  other: Identity,
): { readonly hers: Tenants; readonly his: Tenants } | undefined {
  const hers = tenantsOf(context, one);
  if (hers.size === 0) return undefined;
  const his = tenantsOf(context, other);
  for (const [kind, values] of hers) {
    const theirs = his.get(kind);
    if (theirs !== undefined && theirs.size > 0 && [...values].every((value) => !theirs.has(value)))
      return { hers, his };
  }
  return undefined;
}

/** The parameter of a call's path that names her tenant, which is not his. */
export function tenantPart(context: CheckContext, call: Call, alice: Identity, bob: Identity): string | undefined {
  const parts = [...call.values].filter(([name]) => name.startsWith('path:'));
  if (parts.length === 0) return undefined;
  const both = apart(context, alice, bob);
  if (both === undefined) return undefined;
  for (const [name, value] of parts) {
    const text = String(value);
    for (const [kind, values] of both.hers) {
      const theirs = both.his.get(kind);
      if (values.has(text) && theirs !== undefined && !theirs.has(text)) return name.slice('path:'.length);
    }
  }
  return undefined;
}

/** Places that are of persons: what lies in them is theirs, whoever knows of them. */
const PERSONAL = /^(user|account|customer|member|person|profile|client|employee|patient|student|owner|me)$/;

/**
 * Whether what a call names lies in a place that both belong to: their tenant, or a project that the API tells to both.
 * There, who made a thing is not whose it is.
 */
export function inCommon(context: CheckContext, call: Call, alice: Identity, bob: Identity): boolean {
  const parts = [...call.values].filter(([name]) => name.startsWith('path:'));
  if (parts.length === 0) return false;
  const all = (as: Identity): ReadonlySet<string> =>
    new Set([...tenantsOf(context, as).values()].flatMap((each) => [...each]));
  const hers = all(alice);
  const his = all(bob);
  const objects = context.objects(call.operation);
  const ends = call.operation.template.endsWith('}');
  const last = parts.at(-1)![0];
  return parts.some(([name, value]) => {
    const text = String(value);
    if (hers.has(text) && his.has(text)) return true;
    if ((ends && name === last) || PERSONAL.test(namingOf(name.slice('path:'.length)).kind)) return false;
    return objects.some(
      (one) =>
        one.place === name && String(one.value) === text && one.seenBy.has(alice.name) && one.seenBy.has(bob.name),
    );
  });
}
