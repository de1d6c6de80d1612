import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { namingOf } from '../../state/names.ts';
import { leavesOf, plain } from '../authentication/shared/answers.ts';
import { openByNature } from '../authentication/shared/demand.ts';
import { idPlaces, isOwnId, ownValue } from './shared/ids.ts';
import { isStaff, mayCall, ownerRule, type Pair, peers } from './shared/people.ts';
import { readerOf } from './shared/readers.ts';

/** Who gets something, or is meant: naming somebody else there is what the operation is for. */
const ADDRESSED =
  /^(to|recipient|receiver|target|friend|invitee|assignee|payee|participant|mention|follow|contact|beneficiary|destination|dest|peer|referr|guest|attendee|doctor|staff|reviewer|approver)/;
/** Things that are made for others. */
const FOR_OTHERS =
  /^(messages?|reviews?|comments?|ratings?|likes?|shares?|gifts?|follow(s|ers|ing)?|friends?|invit(e|es|ations?)|members?(hips?)?|participants?|assign(ments?)?|permissions?|roles?|grants?|contacts?|connections?|requests?|blocks?|reports?|votes?|notifications?|conversations?|chats?|feedbacks?|complaints?|recommendations?|endorsements?|mentions?|subscribe|attendees?)$/;

/** Things made in the name of somebody else, or out of what belongs to somebody else. */
export const check: Check = {
  id: 'create-for-another',
  group: 'authorization',
  title: 'Acts in the name of somebody else',
  practice: 'authorize',
  cwe: 'CWE-639',
  owasp: 'API1:2023',
  severity: 'high',
  why: "The request says for whom it is, and is believed: orders on somebody's account, appointments and payments in somebody's name.",
  mend: 'Take the owner from the credential, not from the request; of things that a request names, check whose they are. Portcullis compares them with x-portcullis-owner.',

  async run(context) {
    const pairs = peers(context);
    if (pairs.length === 0) return context.skip('no two identities have the same rights: give a second one of a role');
    await context.each(context.operations, async (operation) => {
      if (operation.method === 'GET' || operation.method === 'HEAD' || operation.method === 'DELETE') return;
      if (openByNature(operation, context) || context.known.account.includes(operation)) return;
      if (context.samples(operation).length === 0) return;
      for (const pair of pairs) {
        const { alice, bob } = pair;
        if (mayCall(context, operation, bob) === false || ownerRule(operation, bob) === 'free') continue;
        if (ownerRule(operation, bob) === 'unsaid' && (isStaff(bob, context) || isForOthers(operation))) continue;
        for (const way of [inHerName, ofHerThings]) {
          const attempt = async () => await way(context, operation, pair);
          const found = await attempt();
          if (found === undefined) continue;
          const confirmed = await context.report({
            message: `${operation.key} lets ${bob.name} act for ${alice.name}: ${found.says}`,
            operation,
            place: found.place,
            proof: found.proof,
            again: async () => (await attempt())?.proof,
          });
          if (confirmed) return;
        }
      }
    });
  },
};

const isForOthers = ({ template }: Operation): boolean =>
  template.split('/').some((segment) => FOR_OTHERS.test(segment.toLowerCase().replace(/[^a-z]/g, '')));

interface Done {
  readonly proof: Proof;
  readonly says: string;
  readonly place: string;
}

/** The place of an owner, filled with her identifier. */
async function inHerName(context: CheckContext, operation: Operation, { alice, bob }: Pair): Promise<Done | undefined> {
  const prepared = await context.prepare(operation, bob);
  if (prepared === undefined || !context.mayTry(prepared)) return undefined;
  for (const place of ownerPlaces(context, prepared)) {
    const typed = ownValue(alice, place.kind, place.property, place.value);
    if (typed === undefined || bob.own.has(String(typed))) continue;
    const value = String(typed);
    const call = context.put(prepared, place, typed);
    if (!context.mayTry(call)) continue;
    const open = await context.send(call, null);
    if (context.outcome(open) === 'success') return undefined;
    const shown = await context.send(call, bob);
    if (context.outcome(shown) !== 'success') continue;
    // A service that takes the owner from the credential may ignore the field: then the answer names him, or nobody.
    const named = leavesOf(shown.answer.json).some(
      (leaf) =>
        String(leaf.value) === value &&
        namingOf(leaf.path.split('/').findLast((step) => step !== '*') ?? '').kind === place.kind,
    );
    const nested = leavesOf(shown.answer.json).some(
      (leaf) => String(leaf.value) === value && leaf.path.toLowerCase().includes(`${place.kind}/`),
    );
    if (!named && !nested && place.in !== 'path') continue;
    return {
      proof: { exchanges: [open, shown], marks: [value] },
      says: `${place.name} is her identifier`,
      place: place.in === 'body' ? `body ${place.name}` : `${place.in} parameter ${place.name}`,
    };
  }
  return undefined;
}

/** Places that say for whom something is, whether the call sends them or not. */
function ownerPlaces(context: CheckContext, call: Call) {
  const sent = new Map(idPlaces(context, call).map((place) => [`${place.in}:${place.name}`, place]));
  return context.places(call).flatMap((place) => {
    if (place.in !== 'path' && place.in !== 'query' && place.in !== 'body') return [];
    const known = sent.get(`${place.in}:${place.name}`);
    const naming = namingOf(place.word);
    const kind = known?.kind ?? naming.kind;
    // The path of a change names the thing that is changed: that has a check of its own.
    if (place.in === 'path' && call.operation.method !== 'POST') return [];
    if (kind === '' || ADDRESSED.test(plain(place.word))) return [];
    const isScalar = place.value === undefined || typeof place.value === 'string' || typeof place.value === 'number';
    return isScalar ? [{ ...place, kind, property: naming.property || 'id' }] : [];
  });
}

/** A thing of hers that he may not even read, in the place of his own. */
async function ofHerThings(
  context: CheckContext,
  operation: Operation,
  { alice, bob }: Pair,
): Promise<Done | undefined> {
  const prepared = await context.prepare(operation, bob);
  if (prepared === undefined || !context.mayTry(prepared)) return undefined;
  for (const place of idPlaces(context, prepared)) {
    if (place.in === 'path' || place.kind === '' || ADDRESSED.test(plain(place.word))) continue;
    const read = readerOf(context, place);
    if (read === undefined) continue;
    const theirs = context.objects(read.operation).filter((object) => object.place === read.place);
    const unseen = theirs.filter(({ seenBy }) => !seenBy.has(bob.name));
    // That he may not read it is asked for below: then that she was told of it will do.
    const hers =
      unseen.find(({ owner, madeBy }) => owner === alice.name || madeBy === alice.name) ??
      unseen.find(({ seenBy, owner, madeBy }) => seenBy.has(alice.name) && owner === undefined && madeBy === undefined);
    const sample = await context.sample(read.operation, alice);
    if (hers === undefined || sample === undefined || isOwnId(alice, place.kind, hers.value)) continue;
    const show: Call = { ...sample.call, values: new Map([...sample.call.values, [read.place, hers.value]]) };
    const forHer = await context.send(show, alice);
    const forHim = await context.send(show, bob);
    const refused = context.outcome(forHim);
    if (context.outcome(forHer) !== 'success' || (refused !== 'forbidden' && refused !== 'missing')) continue;
    const call = context.put(prepared, place, hers.value);
    if (!context.mayTry(call)) continue;
    const shown = await context.send(call, bob);
    if (context.outcome(shown) !== 'success') continue;
    const nothing = await context.send(
      context.put(prepared, place, typeof hers.value === 'number' ? 799_999_999 : `${hers.value}0`),
      bob,
    );
    if (context.outcome(nothing) === 'success') continue;
    return {
      proof: { exchanges: [forHer, forHim, nothing, shown], marks: [String(hers.value)] },
      says: `${place.name} is a ${place.kind} of hers that ${bob.name} may not read`,
      place: place.in === 'body' ? `body ${place.name}` : `${place.in} parameter ${place.name}`,
    };
  }
  return undefined;
}
