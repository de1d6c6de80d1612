import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike, privateWords } from '../authentication/shared/answers.ts';
import { demandOf, isRead, openByNature } from '../authentication/shared/demand.ts';
import { idPlaces, ownValue } from './shared/ids.ts';
import { isAdmin, isStaff, sameAccount } from './shared/people.ts';
import { type Reserved, reservedFor } from './shared/reserved.ts';
import { apart, tenantsOf } from './shared/tenants.ts';

/** Roles that are tried on an operation, one identity each. */
const ROLES = 5;

/** The matrix of identities and operations: who may not, must be refused. */
export const check: Check = {
  id: 'function-of-another-role',
  group: 'authorization',
  title: 'Lets a role do what is reserved for another',
  practice: 'authorize',
  cwe: 'CWE-285',
  owasp: 'API5:2023',
  severity: 'high',
  why: 'The operation is hidden from ordinary users, and not closed: whoever knows or guesses its address uses it, with the rights of an administrator.',
  mend: 'Deny by default, and name the roles at each operation, on the server. Portcullis enforces x-portcullis-roles for every operation and refuses what names none.',

  async run(context) {
    const order = [...context.operations].sort((one, other) => Number(!isRead(one)) - Number(!isRead(other)));
    await context.each(order, async (operation) => {
      if (openByNature(operation, context) || demandOf(operation) === 'no') return;
      const tried = new Map<string, number>();
      for (const as of attackers(context)) {
        const role = as.role ?? (as.registered === true ? 'anyone' : as.name);
        const count = tried.get(role) ?? 0;
        // A second one of a role may be of the tenant in which there is something to try it on.
        if (count >= (tenantsOf(context, as).size > 0 ? 2 : 1) || tried.size >= ROLES) continue;
        const reserved = reservedFor(context, operation, as);
        if (reserved === undefined) continue;
        tried.set(role, count + 1);
        if (await attack(context, operation, as, reserved)) return;
      }
    });
  },
};

/** Those with the least rights first: what they get through shows most. */
function attackers(context: CheckContext): Identity[] {
  const rank = (as: Identity): number => (as.registered === true ? 0 : isAdmin(as) ? 3 : isStaff(as, context) ? 2 : 1);
  return [...context.identities].sort((one, other) => rank(one) - rank(other));
}

async function attack(context: CheckContext, operation: Operation, as: Identity, reserved: Reserved): Promise<boolean> {
  const attempt = async () => await called(context, operation, as);
  const first = await attempt();
  if (first === undefined) return false;
  return await context.report({
    message: `${as.name}${as.role === undefined ? '' : ` (${as.role})`} may call ${operation.key}, which ${reserved.says}`,
    operation,
    severity: severityOf(operation, reserved, first),
    proof: first,
    again: attempt,
  });
}

function severityOf(operation: Operation, { sure }: Reserved, proof: Proof): Severity {
  const answer = proof.exchanges.at(-1)!.answer;
  const grave = !isRead(operation) || privateWords(answer).length > 0;
  return sure || grave ? 'high' : 'medium';
}

/** The call works for him, as it does for who may; and not for nobody. */
async function called(context: CheckContext, operation: Operation, as: Identity): Promise<Proof | undefined> {
  for (const { call, model } of await callsFor(context, operation, as)) {
    const open = await context.send(call, null);
    if (context.outcome(open) === 'success') return undefined;
    for (const variant of [call, ...withOwnIds(context, call, as)]) {
      const shown = await context.send(variant, as);
      if (context.outcome(shown) !== 'success') continue;
      if (model !== undefined && !alike(model.answer, shown.answer)) continue;
      return { exchanges: [...(model === undefined ? [] : [model]), open, shown], marks: [] };
    }
  }
  return undefined;
}

/** Calls that work for who may (with what they gave), or that exploring found to work for the one who may not. */
async function callsFor(context: CheckContext, operation: Operation, as: Identity) {
  const samples = context.samples(operation);
  const mine = samples.find((sample) => sample.as?.name === as.name);
  const theirs = samples.find(
    (sample) =>
      sample.as !== undefined &&
      !sameAccount(sample.as, as) &&
      apart(context, sample.as, as) === undefined &&
      reservedFor(context, operation, sample.as) === undefined,
  );
  const calls: { call: Call; model: (typeof samples)[number]['exchange'] | undefined }[] = [];
  for (const sample of [theirs, mine]) {
    const owner = sample?.as;
    if (owner === undefined) continue;
    if (isRead(operation)) {
      const now = await context.sample(operation, owner);
      if (now !== undefined) calls.push({ call: now.call, model: sample === theirs ? now.exchange : undefined });
    } else {
      const prepared = await context.prepare(operation, owner);
      if (prepared !== undefined && context.mayTry(prepared)) {
        calls.push({ call: prepared, model: sample === theirs ? sample!.exchange : undefined });
      }
    }
    if (calls.length > 0 && sample === theirs && mine === undefined) break;
  }
  return calls;
}

/** The call about himself: a missing role check may stand beside a check of whose the object is. */
function withOwnIds(context: CheckContext, call: Call, as: Identity): Call[] {
  let changed = call;
  for (const place of idPlaces(context, call)) {
    const value = ownValue(as, place.kind, 'id', place.value);
    if (value === undefined || as.ownIds?.get(`${place.kind}.id`)?.has(String(place.value))) continue;
    changed = context.put(changed, place, value);
  }
  return changed === call || !context.mayTry(changed) ? [] : [changed];
}
