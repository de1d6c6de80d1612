import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { namingOf } from '../../state/names.ts';
import { plain, privateWords, sharedContent } from '../authentication/shared/answers.ts';
import { hasList, keepsFrom, owned } from './shared/evidence.ts';
import { endPaths, isKept, isShown, itemsIn, ownerPaths, ownValue, saysOwn } from './shared/ids.ts';
import { isStaff, mayCall, ownerRule, type Pair, peers } from './shared/people.ts';
import { readerOf } from './shared/readers.ts';
import { apart, inCommon } from './shared/tenants.ts';

/** Things of hers that one filter is tried with. */
const THINGS = 2;

/** Lists in which one finds what belongs to another. */
export const check: Check = {
  id: 'list-of-others',
  group: 'authorization',
  title: 'Lists what belongs to others',
  practice: 'authorize',
  cwe: 'CWE-862',
  owasp: 'API1:2023',
  severity: 'high',
  why: 'The list is not narrowed to the caller, or by a filter that the caller chooses: one request shows the orders, bills or messages of everybody.',
  mend: 'Narrow the query to the caller in the statement itself, whatever filters the request brings. Portcullis removes the items of others with x-portcullis-owner and `filter: true`.',

  async run(context) {
    const pairs = peers(context);
    if (pairs.length === 0) return context.skip('no two identities have the same rights: give a second one of a role');
    await context.each(context.operations, async (operation) => {
      if (operation.method !== 'GET' || context.known.login.includes(operation)) return;
      for (const pair of pairs) {
        if (!concerned(context, operation, pair)) continue;
        const sample = await context.sample(operation, pair.bob);
        if (sample === undefined || !hasList(sample.exchange.answer.json)) continue;
        let done = false;
        for (const { call, place } of questions(context, sample.call, pair)) {
          const attempt = async () => await listed(context, call, sample.call, pair, place !== undefined);
          const found = await attempt();
          if (found === undefined) continue;
          done = await context.report({
            message: `${operation.key} lists for ${pair.bob.name} what belongs to ${pair.alice.name} (${found.path})`,
            operation,
            place: place === undefined ? undefined : `query parameter ${place}`,
            proof: found.proof,
            again: async () => (await attempt())?.proof,
          });
          if (done) break;
        }
        if (done) return;
        if (await filteredByThing(context, operation, sample.call, pair)) return;
      }
    });
  },
};

/**
 * A filter that names a thing of hers which he may not read (`?account=`): the list must not show him what is in it, as
 * it does not without the filter.
 */
async function filteredByThing(context: CheckContext, operation: Operation, base: Call, pair: Pair): Promise<boolean> {
  const { alice, bob } = pair;
  for (const place of context.places(base)) {
    if (place.in !== 'query') continue;
    const naming = namingOf(place.word);
    if (naming.kind === '' && naming.property === '') continue;
    const read = readerOf(context, { kind: naming.kind, property: naming.property || 'id' });
    const sample = read && (await context.sample(read.operation, alice));
    if (read === undefined || sample === undefined) continue;
    const hers = context
      .objects(read.operation)
      .filter(({ place: at, seenBy }) => at === read.place && seenBy.has(alice.name) && !seenBy.has(bob.name))
      .slice(0, THINGS);
    for (const { value } of hers) {
      const show: Call = { ...sample.call, values: new Map([...sample.call.values, [read.place, value]]) };
      const call = context.put(base, place, value);
      const attempt = async () => await leaked(context, { show, call, plainCall: base }, pair, String(value));
      const proof = await attempt();
      if (proof === undefined) continue;
      const confirmed = await context.report({
        message: `${operation.key} lists for ${bob.name} what is in what ${alice.name} has as ${place.name} and ${bob.name} may not read`,
        operation,
        place: `query parameter ${place.name}`,
        proof,
        again: attempt,
      });
      if (confirmed) return true;
    }
  }
  return false;
}

async function leaked(
  context: CheckContext,
  { show, call, plainCall }: { readonly show: Call; readonly call: Call; readonly plainCall: Call },
  { alice, bob }: Pair,
  value: string,
): Promise<Proof | undefined> {
  const forHim = await context.send(show, bob);
  const refused = context.outcome(forHim);
  if (refused !== 'forbidden' && refused !== 'missing') return undefined;
  const shown = await context.send(call, bob);
  if (context.outcome(shown) !== 'success' || ![...itemsIn(shown.answer.json)].length) return undefined;
  const forHer = await context.send(call, alice);
  const usual = await context.send(plainCall, bob);
  if (context.outcome(forHer) !== 'success' || context.outcome(usual) !== 'success') return undefined;
  // The very items that she gets, and that his own list lacks.
  if ((sharedContent(forHer.answer, shown.answer) ?? 0) < 0.6 || !keepsFrom(shown.answer.json, usual.answer.json))
    return undefined;
  const open = await context.send(call, null);
  if (context.outcome(open) === 'success') return undefined;
  return { exchanges: [forHim, usual, forHer, shown], marks: [value] };
}

/** Whether the list is of a kind that is the caller's own business. */
function concerned(context: CheckContext, operation: Operation, { alice, bob }: Pair): boolean {
  if (mayCall(context, operation, bob) === false) return false;
  const rule = ownerRule(operation, bob);
  if (rule !== 'unsaid') return rule === 'binds';
  return !isStaff(bob, context) || apart(context, alice, bob) !== undefined;
}

/** The list as it is; and asked for with each filter that names a person, hers. */
function* questions(
  context: CheckContext,
  call: Call,
  { alice }: Pair,
): Generator<{ call: Call; place: string | undefined }> {
  yield { call, place: undefined };
  for (const place of context.places(call)) {
    if (place.in !== 'query') continue;
    const { kind, property } = namingOf(place.word);
    if (kind === '' && !/^(username|email|owner|user)$/.test(plain(place.word))) continue;
    const named = [...alice.own].find(
      (value) => !/^\d+$/.test(value) && value.includes('@') === /mail/.test(plain(place.word)),
    );
    const value =
      ownValue(alice, kind, property || 'id', place.value) ??
      (property === 'username' || property === 'email' || kind === '' ? named : undefined);
    if (value !== undefined) yield { call: context.put(call, place, value), place: place.name };
  }
}

interface Listed {
  readonly proof: Proof;
  readonly path: string;
}

async function listed(
  context: CheckContext,
  call: Call,
  plainCall: Call,
  pair: Pair,
  filtered: boolean,
): Promise<Listed | undefined> {
  const { alice, bob } = pair;
  const shown = await context.send(call, bob);
  if (context.outcome(shown) !== 'success' || !hasList(shown.answer.json)) return undefined;
  const { operation } = call;
  const common = inCommon(context, call, alice, bob);
  const hers = herItem(shown.answer.json, pair, betweenPersons(operation), common);
  if (hers === undefined) return undefined;
  const binds = ownerRule(operation, bob) === 'binds';
  if (!binds && !ownBusiness(operation, shown, hers.path, alice)) return undefined;
  const open = await context.send(call, null);
  if (context.outcome(open) === 'success' && (sharedContent(shown.answer, open.answer) ?? 0) > 0.5) return undefined;
  const control = filtered ? await context.send(plainCall, bob) : await context.send(call, alice);
  if (context.outcome(control) !== 'success') return undefined;
  // A list that keeps things of hers from him is narrowed: what is in it was shared with him.
  if (!binds && !filtered && keepsFrom(control.answer.json, shown.answer.json)) return undefined;
  return { proof: { exchanges: [control, open, shown], marks: [String(hers.value)] }, path: hers.path };
}

/** An item that names alice as its owner (or as one end of it), and bob nowhere. */
function herItem(
  json: unknown,
  { alice, bob }: Pair,
  ends: boolean,
  common: boolean,
): { readonly path: string; readonly value: string | number } | undefined {
  for (const { path, item } of itemsIn(json)) {
    const names = (as: Pair['alice']) => [...ownerPaths(item, as), ...endPaths(item, as)];
    const [owner] = owned(ends ? names(alice) : ownerPaths(item, alice), common);
    if (owner !== undefined && names(bob).length === 0) return { path: `${path}/*${owner.path}`, value: owner.value };
  }
  return undefined;
}

/** Things that go from one person to another, and are the business of these two. */
const betweenPersons = ({ template }: Operation): boolean =>
  /\/(messages?|conversations?|chats?|inbox|mails?|transfers?|transactions?|payments?|notifications?)$/i.test(template);

/** Things that people keep to themselves, by their name or by what stands in them. */
function ownBusiness(operation: Operation, shown: Exchange, ownerPath: string, alice: Pair['alice']): boolean {
  if (saysOwn(operation)) return true;
  if (isKept(operation) && !isShown(operation)) return true;
  const owner = plain(ownerPath.split('/').at(-1) ?? '');
  const smells = privateWords(shown.answer).filter((word) => word !== owner && !/email/.test(word));
  return isKept(operation) && smells.length > 0 && alice.own.size > 0;
}
