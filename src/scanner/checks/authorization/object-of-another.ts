import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { sharedContent } from '../authentication/shared/answers.ts';
import { concerns, foreignOwner, listedForOneOnly, privacyOf } from './shared/evidence.ts';
import { type IdPlace, idPlaces, isKept, nonsenseId } from './shared/ids.ts';
import { isAdmin, isStaff, mayCall, ownerRule, type Pair, peers } from './shared/people.ts';

/** Objects tried for a pair of identities and an operation. */
const OBJECTS = 3;
/** How much of what the owner sees must be in the other's answer. */
const SAME = 0.6;
/** And at most so much in the answer to an identifier of nothing. */
const OTHER = 0.3;

/** Objects of one identity, read by another of the same rights. */
export const check: Check = {
  id: 'object-of-another',
  group: 'authorization',
  title: 'Shows what belongs to somebody else',
  practice: 'authorize',
  cwe: 'CWE-639',
  owasp: 'API1:2023',
  severity: 'high',
  why: 'Whoever changes the identifier in a request reads the objects of other people: one account and a loop copy everything there is.',
  mend: 'Ask for the object together with its owner (`where id = ? and owner = ?`), on every operation, and answer 404 for those of others. Portcullis refuses them with x-portcullis-owner.',

  async run(context) {
    const pairs = peers(context);
    const reads = context.operations.filter((operation) => operation.method === 'GET');
    if (pairs.length === 0) context.skip('no two identities have the same rights: give a second one of a role');
    await context.each(reads, async (operation) => {
      let shown = false;
      for (const pair of pairs) {
        if (mayCall(context, operation, pair.bob) === false || ownerRule(operation, pair.bob) === 'free') continue;
        if (await readByPeer(context, operation, pair)) {
          shown = true;
          break;
        }
      }
      if (!shown) await readFromBelow(context, operation);
    });
  },
};

async function readByPeer(context: CheckContext, operation: Operation, pair: Pair): Promise<boolean> {
  const { alice, bob } = pair;
  const sample = await context.sample(operation, alice);
  if (sample === undefined) return false;
  for (const place of idPlaces(context, sample.call).slice(0, 3)) {
    const hers = herCalls(context, sample.call, place, pair);
    for (const { value, call, his } of [...hers, ...mixedCalls(context, hers, place, pair)]) {
      const at: IdPlace = { ...place, value };
      const attempt = async () =>
        await attack(context, pair, call, at, (model) => privacyOf(context, pair, call, at, model), his);
      const found = await attempt();
      if (found === undefined) continue;
      const confirmed = await context.report({
        message: `${operation.key} shows ${bob.name} what belongs to ${alice.name} (${found.says})`,
        operation,
        place: `${place.in} parameter ${place.name}`.replace('body parameter', 'body'),
        proof: found.proof,
        again: async () => (await attempt())?.proof,
      });
      if (confirmed) return true;
    }
  }
  return false;
}

interface HerCall {
  readonly value: string | number;
  /** As she asks for it. */
  readonly call: Call;
  /** As he asks for it, where that is otherwise. */
  readonly his?: Call;
}

/** Her things under his own path: `/projects/{his}/documents/{hers}`, where only the parts around it are checked. */
function mixedCalls(context: CheckContext, calls: readonly HerCall[], place: IdPlace, { bob }: Pair): HerCall[] {
  return calls.flatMap(({ value, call }) => {
    const names = [...call.values.keys()].filter((name) => name.startsWith('path:'));
    if (place.in !== 'path' || names.length < 2 || !call.operation.template.endsWith(`{${place.name}}`)) return [];
    const own = context.samples(call.operation).find((sample) => sample.as?.name === bob.name)?.call;
    const last = `path:${place.name}`;
    if (own === undefined || String(own.values.get(last)) === String(value)) return [];
    if (names.every((name) => name === last || own.values.get(name) === call.values.get(name))) return [];
    return [{ value, call, his: context.put(own, place, value) }];
  });
}

/** Calls for what is hers, the surest first; of nested paths all identifiers together. */
function herCalls(context: CheckContext, base: Call, place: IdPlace, { alice, bob }: Pair): HerCall[] {
  const name = `${place.in}:${place.name}`;
  const known = context.objects(base.operation).filter((object) => object.place === name);
  const hers = [
    ...known.filter(({ owner }) => owner === alice.name),
    ...known.filter(({ madeBy }) => madeBy === alice.name),
    ...known.filter(({ seenBy }) => seenBy.has(alice.name) && !seenBy.has(bob.name)),
  ];
  const parts = [...base.operation.template.matchAll(/\{/g)].length;
  const calls = new Map<string | number, Call>();
  for (const { value, beside } of hers) {
    if (calls.size >= OBJECTS - 1) break;
    // Where the things around it are not known, only the sample's own object is there for sure.
    if (parts > 1 && place.in === 'path' && (beside?.size ?? 0) < parts - 1) continue;
    const values = new Map([...base.values, ...(beside ?? [])]);
    calls.set(value, context.put({ ...base, values }, place, value));
  }
  if (!calls.has(place.value)) calls.set(place.value, base);
  return [...calls].map(([value, call]) => ({ value, call }));
}

interface Shown {
  readonly proof: Proof;
  readonly says: string;
}

/** The other reads it, the owner sees the same, nobody and nothing does not: then, whether it is private at all. */
async function attack(
  context: CheckContext,
  { alice, bob }: Pair,
  call: Call,
  place: IdPlace,
  privacy: (model: Exchange) => Promise<{ readonly says: string; readonly exchanges: readonly Exchange[] } | undefined>,
  his: Call = call,
): Promise<Shown | undefined> {
  const tried = await context.send(his, bob);
  if (context.outcome(tried) !== 'success') return undefined;
  const model = await context.send(call, alice);
  if (context.outcome(model) !== 'success') return undefined;
  const share = sharedContent(model.answer, tried.answer);
  if (share === undefined || share < SAME) return undefined;
  const nothing = context.put(
    his,
    place,
    nonsenseId(place.value, context.random(`${call.operation.key}/${place.value}`)),
  );
  const nonsense = await context.send(nothing, bob);
  if (context.outcome(nonsense) === 'success' && (sharedContent(model.answer, nonsense.answer) ?? 1) > OTHER)
    return undefined;
  const open = await context.send(his, null);
  if (context.outcome(open) === 'success' && (sharedContent(model.answer, open.answer) ?? 0) >= SAME) return undefined;
  if (concerns(context, { alice, bob }, model.answer.json)) return undefined;
  const evidence = await privacy(model);
  if (evidence === undefined) return undefined;
  return {
    proof: { exchanges: [...evidence.exchanges, model, nonsense, tried], marks: [String(place.value)] },
    says: evidence.says,
  };
}

/**
 * Where no second identity of a role is there: what an administrator sees, read by somebody ordinary. It must be told
 * apart by the API itself: by his own list, or by the owner that stands in his own objects too.
 */
async function readFromBelow(context: CheckContext, operation: Operation): Promise<void> {
  const above =
    context.identities.find((one) => isAdmin(one)) ?? context.identities.find((one) => isStaff(one, context));
  if (above === undefined) return;
  const below = context.identities.find(
    (one) => !isStaff(one, context) && context.samples(operation).some((sample) => sample.as?.name === one.name),
  );
  if (below === undefined || mayCall(context, operation, below) === false) return;
  const sample = await context.sample(operation, below);
  if (sample === undefined) return;
  for (const place of idPlaces(context, sample.call).slice(0, 1)) {
    for (const value of foreignValues(context, operation, place, above, below)) {
      const call = context.put(sample.call, place, value);
      const pair = { alice: above, bob: below };
      const at: IdPlace = { ...place, value };
      const privacy = async (model: Exchange) => {
        if (ownerRule(operation, below) === 'binds')
          return { says: 'the contract says so (x-portcullis-owner)', exchanges: [] };
        const owner = isKept(operation)
          ? foreignOwner(model.answer.json, below, sample.exchange.answer.json)
          : undefined;
        if (owner !== undefined) return { says: `${owner.path} in it names somebody else`, exchanges: [] };
        return isKept(operation) ? await listedForOneOnly(context, pair, at) : undefined;
      };
      const attempt = async () => await attack(context, pair, call, at, privacy);
      const found = await attempt();
      if (found === undefined) continue;
      await context.report({
        message: `${operation.key} shows ${below.name} what belongs to somebody else (${found.says})`,
        operation,
        place: `${place.in} parameter ${place.name}`.replace('body parameter', 'body'),
        proof: found.proof,
        again: async () => (await attempt())?.proof,
      });
      return;
    }
  }
}

function foreignValues(
  context: CheckContext,
  operation: Operation,
  place: IdPlace,
  above: Identity,
  below: Identity,
): (string | number)[] {
  const name = `${place.in}:${place.name}`;
  return context
    .objects(operation)
    .filter((object) => object.place === name && object.seenBy.has(above.name) && !object.seenBy.has(below.name))
    .filter(({ owner, madeBy }) => owner !== below.name && madeBy !== below.name)
    .map(({ value }) => value)
    .slice(0, OBJECTS);
}
