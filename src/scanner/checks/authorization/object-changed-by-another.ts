import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { leavesOf, plain, sharedContent } from '../authentication/shared/answers.ts';
import { openByNature } from '../authentication/shared/demand.ts';
import { scrambled } from '../authentication/shared/logins.ts';
import { type Evidence, listedForOneOnly, owned } from './shared/evidence.ts';
import { type IdPlace, idPlaces, isOwnId, itemsIn, nonsenseId, ownerPaths } from './shared/ids.ts';
import { isStaff, mayCall, ownerRule, type Pair, peers } from './shared/people.ts';
import { inCommon, tenantPart } from './shared/tenants.ts';

/** Texts that may be anything: one of them is changed, so that the change can be seen. */
const FREE =
  /^(name|title|description|text|notes?|comment|content|address|reason|message|subject|bio|city|street|department|instructions|label|nickname|about|summary|body|caption|remark|firstname|lastname|displayname|fullname)$/;

/** What somebody says under their own name: nobody else but a moderator has to change it. */
const AUTHORED =
  /(review|comment|post|reply|message|rating|answer|question|feedback|testimonial|note|diary|article|tweet|story)$/;

/** Deeds of anyone who sees a thing: to do one changes nothing of what is its owner's. */
const PARTAKES =
  /^(comments?|repl(y|ies)|reviews?|ratings?|rate|votes?|upvotes?|downvotes?|likes?|dislikes?|reactions?|react|follow(ers?)?|unfollow|subscri(be|bers?|ptions?)|join|members?|participants?|messages?|answers?|questions?|bookmarks?|favou?rites?|stars?|share|shares|reports?|flags?|views?|bids?|offers?|applications?|apply|registrations?|attend|attendees|rsvp|orders?|purchases?|buy|bookings?|reservations?|feedback)$/;

/** What a POST beneath a thing adds to or does with it: `comments` of `/posts/{id}/comments`; undefined for other methods. */
const deedBeneath = ({ method, template }: Operation): string | undefined => {
  const last = template.split('/').at(-1) ?? '';
  return method === 'POST' && !last.includes('{') ? plain(last) : undefined;
};

/** Milliseconds in which what was made may come to be seen. */
const SETTLING = 400;

/** Objects of one identity, changed or deleted by another of the same rights. */
export const check: Check = {
  id: 'object-changed-by-another',
  group: 'authorization',
  title: 'Lets others change what belongs to somebody',
  practice: 'authorize',
  cwe: 'CWE-639',
  owasp: 'API1:2023',
  severity: 'high',
  why: 'Whoever changes the identifier in a request changes or deletes the objects of other people: their address, their order, their account.',
  mend: 'Make the owner a part of the statement that writes (`update ... where id = ? and owner = ?`), and check before anything is changed. Portcullis refuses it with x-portcullis-owner.',

  async run(context) {
    const pairs = peers(context);
    if (pairs.length === 0) context.skip('no two identities have the same rights: give a second one of a role');
    const writes = context.operations.filter(
      ({ method, template }) =>
        method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE' && template.includes('{'),
    );
    await context.each(writes, async (operation) => {
      if (openByNature(operation, context) || context.known.account.includes(operation)) return;
      for (const pair of pairs) {
        if (mayCall(context, operation, pair.bob) === false || ownerRule(operation, pair.bob) === 'free') continue;
        if (context.samples(operation).length === 0) return;
        const attempt = async () => await changedBy(context, operation, pair);
        const found = await attempt();
        if (found === undefined) continue;
        const deed = operation.method === 'DELETE' ? 'delete' : 'change';
        const confirmed = await context.report({
          message: `${operation.key} lets ${pair.bob.name} ${deed} what belongs to ${found.whose} (${found.says})`,
          operation,
          place: `path parameter ${found.place}`,
          proof: found.proof,
          again: async () => (await attempt())?.proof,
        });
        if (confirmed) return;
      }
    });
  },
};

interface Changed {
  readonly proof: Proof;
  readonly says: string;
  readonly place: string;
  readonly whose: string;
}

async function changedBy(context: CheckContext, operation: Operation, pair: Pair): Promise<Changed | undefined> {
  const { alice, bob } = pair;
  const prepared = await context.prepare(operation, alice);
  if (prepared === undefined) return undefined;
  const [place] = idPlaces(context, prepared).filter((one) => one.in === 'path');
  if (place === undefined) return undefined;
  const look = async () =>
    (await viewOf(context, prepared, pair)) ?? (await listViewOf(context, prepared, place, pair));
  let before = await look();
  if (before === undefined && isShownBySome(context, operation)) {
    // What was just made may be a moment on its way.
    await context.pause(SETTLING);
    before = await look();
  }
  const known = await ownership(context, pair, prepared, place, before);
  if (known === undefined && !mayBeTold(context, operation, pair)) return undefined;
  const open = await context.send(prepared, null);
  if (context.outcome(open) === 'success') return undefined;
  const call = visibly(context, prepared, before);
  const attack = await context.send(call, bob);
  if (context.outcome(attack) !== 'success') return undefined;
  const after = before === undefined ? undefined : await context.send(before.sample.call, alice);
  // What differs from one read to the next by itself shows nothing.
  const still = before === undefined || after === undefined ? undefined : await context.send(before.sample.call, alice);
  if (before === undefined && (await isAlwaysFine(context, call, place, bob))) return undefined;
  const took = tookEffect(context, call, { before: before?.sample.exchange, after, still }, attack);
  if (before !== undefined && operation.method !== 'DELETE') await context.restore(before.sample);
  const evidence = took ? (known ?? (await refusedBeside(context, operation, pair))) : undefined;
  if (evidence === undefined) return undefined;
  const exchanges = [
    ...evidence.exchanges,
    ...(before === undefined ? [] : [before.sample.exchange]),
    attack,
    ...(after === undefined ? [] : [after]),
  ];
  const hers = evidence.says.includes(alice.name) || isOwnId(alice, place.kind, place.value);
  return {
    proof: { exchanges, marks: [String(place.value)] },
    says: evidence.says,
    place: place.name,
    whose: hers ? alice.name : 'somebody else',
  };
}

/** Whether the same of nothing is answered as well: then that it was accepted shows nothing. */
async function isAlwaysFine(context: CheckContext, call: Call, place: IdPlace, bob: Pair['bob']): Promise<boolean> {
  const random = context.random(`${call.operation.key}/${place.value}`);
  return (
    context.outcome(await context.send(context.put(call, place, nonsenseId(place.value, random)), bob)) === 'success'
  );
}

/** Whether some operation shows the thing, alone or in its list. */
function isShownBySome(context: CheckContext, operation: Operation): boolean {
  const item = itemOf(operation);
  const list = item.replace(/\/\{[^/]*\}$/, '');
  return context.operations.some(
    ({ method, template }) => method === 'GET' && (template === item || template === list),
  );
}

/** The path of the thing that an operation works on: `/orders/{id}` of `/orders/{id}/cancel`. */
const itemOf = ({ template }: Operation): string => template.slice(0, template.lastIndexOf('}') + 1);

interface View {
  /** Alice's view of the object. */
  readonly sample: Sample;
  /** The object in it. */
  readonly json: unknown;
  /** Bob's attempt to see it; undefined where it is seen in a list only. */
  readonly his: Exchange | undefined;
}

/** The list beside an object that cannot be read alone: `/reviews` of `/reviews/{id}`. */
async function listViewOf(
  context: CheckContext,
  call: Call,
  place: IdPlace,
  { alice }: Pair,
): Promise<View | undefined> {
  const template = call.operation.template.replace(/\/\{[^/]*\}$/, '');
  const list = context.operations.find((one) => one.method === 'GET' && one.template === template);
  const known = list && context.samples(list)[0]?.call;
  if (known === undefined) return undefined;
  let show: Call = known;
  for (const one of context.places(known)) {
    const value = call.values.get(`path:${one.name}`);
    if (one.in === 'path' && value !== undefined) show = context.put(show, one, value);
  }
  const exchange = await context.send(show, alice);
  if (context.outcome(exchange) !== 'success') return undefined;
  const json = itemWith(exchange.answer.json, place);
  return json === undefined ? undefined : { sample: { call: show, as: alice, exchange }, json, his: undefined };
}

/** The object of a list that has an identifier. */
function itemWith(json: unknown, { value, kind, property }: IdPlace): unknown {
  for (const { item } of itemsIn(json)) {
    if (typeof item !== 'object' || item === null) continue;
    for (const [name, known] of Object.entries(item)) {
      if (String(known) === String(value) && [property, 'id', `${kind}${property}`, `${kind}id`].includes(plain(name)))
        return item;
    }
  }
  return undefined;
}

/** The read of the same object, as both. */
async function viewOf(context: CheckContext, call: Call, { alice, bob }: Pair): Promise<View | undefined> {
  const template = itemOf(call.operation);
  const read = context.operations.find((one) => one.method === 'GET' && one.template === template);
  const known = read && (context.samples(read)[0]?.call ?? { operation: read, values: new Map(), body: undefined });
  if (known === undefined) return undefined;
  let show: Call = known;
  for (const place of context.places(known)) {
    const value = call.values.get(`path:${place.name}`);
    if (place.in === 'path' && value !== undefined) show = context.put(show, place, value);
  }
  const hers = await context.send(show, alice);
  if (context.outcome(hers) !== 'success') return undefined;
  return {
    sample: { call: show, as: alice, exchange: hers },
    json: hers.answer.json,
    his: await context.send(show, bob),
  };
}

/** Why bob must not change it. More is needed than that she made it: people work on things together. */
async function ownership(
  context: CheckContext,
  pair: Pair,
  call: Call,
  place: IdPlace,
  view: View | undefined,
): Promise<Evidence | undefined> {
  const { alice, bob } = pair;
  if (ownerRule(call.operation, bob) === 'binds') {
    return { says: 'the contract says so (x-portcullis-owner)', sure: true, exchanges: [] };
  }
  const tenant = tenantPart(context, call, alice, bob);
  if (tenant !== undefined)
    return { says: `${tenant} is ${alice.name}'s, and ${bob.name} belongs to another`, sure: true, exchanges: [] };
  if (view?.his !== undefined) {
    const outcome = context.outcome(view.his);
    if (outcome === 'forbidden' || outcome === 'missing') {
      return { says: `${bob.name} may not even read it`, sure: true, exchanges: [view.his] };
    }
  }
  const deed = deedBeneath(call.operation);
  if (!isStaff(bob, context) && !(deed !== undefined && PARTAKES.test(deed))) {
    for (const one of idPlaces(context, call).filter((candidate) => candidate.in === 'path')) {
      if (isOwnId(alice, one.kind, one.value) && !isOwnId(bob, one.kind, one.value)) {
        return { says: `${one.name} is ${alice.name}'s own identifier`, sure: true, exchanges: [] };
      }
    }
    const own = bob.ownIds?.get(`${place.kind}.id`);
    if (own !== undefined && own.size > 0 && place.property === 'id' && !own.has(String(place.value))) {
      return { says: `${place.name} is another ${place.kind} than ${bob.name}`, sure: true, exchanges: [] };
    }
    const parent = ownedPart(context, call, alice.name);
    if (parent !== undefined) return { says: `${parent} is ${alice.name}'s`, sure: true, exchanges: [] };
    const made = context
      .objects(call.operation)
      .find((object) => object.place === `path:${place.name}` && String(object.value) === String(place.value));
    if (deed === undefined && made?.madeBy === alice.name && AUTHORED.test(place.kind)) {
      return { says: `${alice.name} wrote it`, sure: true, exchanges: [] };
    }
    const json = view?.json;
    const [owner] = owned(ownerPaths(json, alice), inCommon(context, call, alice, bob));
    if (owner !== undefined && ownerPaths(json, bob).length === 0) {
      return { says: `${owner.path} in it names ${alice.name}`, sure: true, exchanges: [] };
    }
  }
  return await listedForOneOnly(context, pair, place);
}

/** Operations on the same thing (or, where it lies within another, that add one) whose refusal tells that it is hers. */
function besides(context: CheckContext, operation: Operation, { alice }: Pair): Operation[] {
  const item = itemOf(operation);
  const collection = item.replace(/\/\{[^/]*\}$/, '');
  return context.operations.filter((other) => {
    const { method, template } = other;
    if (!context.samples(other).some(({ as }) => as?.name === alice.name)) return false;
    // To add to what somebody keeps is for them alone; that only some may delete says nothing of who may change.
    if (method === 'POST' && template === collection) return collection.includes('{');
    return operation.method === 'DELETE' && template === item && (method === 'PUT' || method === 'PATCH');
  });
}

const mayBeTold = (context: CheckContext, operation: Operation, pair: Pair): boolean =>
  !isStaff(pair.bob, context) && besides(context, operation, pair).length > 0;

/** What alice may do beside, and bob may not. */
async function refusedBeside(context: CheckContext, operation: Operation, pair: Pair): Promise<Evidence | undefined> {
  const { alice, bob } = pair;
  for (const other of besides(context, operation, pair)) {
    const call = await context.prepare(other, alice);
    if (call === undefined) continue;
    const refused = await context.send(call, bob);
    const outcome = context.outcome(refused);
    if (outcome !== 'forbidden' && outcome !== 'missing') continue;
    const allowed = await context.send(call, alice);
    if (context.outcome(allowed) !== 'success') continue;
    return { says: `${other.key} on it is for ${alice.name} alone`, sure: true, exchanges: [refused, allowed] };
  }
  return undefined;
}

/** A part of the path that names something of hers: the shop of `/shops/{shopId}/products/{productId}`. */
function ownedPart(context: CheckContext, call: Call, owner: string): string | undefined {
  const objects = context.objects(call.operation);
  for (const [name, value] of call.values) {
    const known = objects.find((object) => object.place === name && String(object.value) === String(value));
    if (name.startsWith('path:') && known?.owner === owner) return name.slice(5);
  }
  return undefined;
}

/** The call with one free text made another, where the read shows it. */
function visibly(context: CheckContext, call: Call, view: View | undefined): Call {
  if (view === undefined || call.operation.method === 'DELETE') return call;
  const shown = view.sample.exchange.answer.text;
  for (const place of context.places(call)) {
    if (
      place.in !== 'body' ||
      typeof place.value !== 'string' ||
      place.value.length < 4 ||
      !FREE.test(plain(place.word))
    )
      continue;
    if (!shown.includes(JSON.stringify(place.value).slice(1, -1))) continue;
    const changed = context.put(
      call,
      place,
      scrambled(place.value, context.random(`${call.operation.key}/${place.name}`)),
    );
    if (context.mayTry(changed)) return changed;
  }
  return call;
}

interface Seen {
  readonly before: Exchange | undefined;
  readonly after: Exchange | undefined;
  /** The same as `after`, once more. */
  readonly still: Exchange | undefined;
}

function tookEffect(context: CheckContext, call: Call, { before, after, still }: Seen, attack: Exchange): boolean {
  if (before === undefined || after === undefined)
    return call.operation.method !== 'DELETE' || attack.answer.status < 300;
  if (call.operation.method === 'DELETE')
    return context.outcome(after) === 'missing' || hasChanged(before, after, still);
  if (context.outcome(after) !== 'success') return true;
  if (hasChanged(before, after, still)) return true;
  // Nothing could be changed that shows: then the answer must be that to a change of this very object.
  return (sharedContent(before.answer, attack.answer) ?? 0) >= 0.5 || attack.answer.status === 204;
}

/** Times, and numbers of seconds or milliseconds: they go on without anybody's doing. */
const CLOCK = /^(\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|1\d{9}|1\d{12})$/;

/** Whether a view says something else than before, apart from what changes from one read to the next. */
function hasChanged(before: Exchange, after: Exchange, still: Exchange | undefined): boolean {
  if (before.answer.text === after.answer.text) return false;
  const was = saidIn(before);
  const now = saidIn(after);
  if (was.size === 0 || still === undefined) return true;
  const same = saidIn(still);
  const restless = new Set([
    ...[...now].flatMap(([leaf, path]) => (same.has(leaf) ? [] : [path])),
    ...[...same].flatMap(([leaf, path]) => (now.has(leaf) ? [] : [path])),
  ]);
  const gone = [...was].some(([leaf, path]) => !restless.has(path) && !now.has(leaf));
  return gone || [...now].some(([leaf, path]) => !restless.has(path) && !was.has(leaf));
}

/** What a view says, leaf by leaf, each with its path. */
const saidIn = ({ answer }: Exchange): Map<string, string> =>
  new Map(
    leavesOf(answer.json).flatMap(({ path, value }) =>
      CLOCK.test(String(value)) ? [] : [[`${path} ${JSON.stringify(value)}`, path] as const],
    ),
  );
