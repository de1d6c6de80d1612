import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { isRefused, leavesOf, plain, privateWords, sharedContent } from '../authentication/shared/answers.ts';
import { hasList } from './shared/evidence.ts';
import { isAdmin, isStaff, mayCall, ownerRule, sameAccount } from './shared/people.ts';

/** Items of a list that are asked for alone. */
const ITEMS = 3;
/** Shortest name of a person that is searched for in a text. */
const NAME = 6;

/** What an identity may not read alone, it reads in a list or an export. */
export const check: Check = {
  id: 'list-past-refusal',
  group: 'authorization',
  title: 'A list shows what is refused alone',
  practice: 'authorize',
  cwe: 'CWE-863',
  owasp: 'API5:2023',
  severity: 'high',
  why: 'The single object is guarded, and the list or the export of all of them is not: the guard was written at one address, and the data leaves by another.',
  mend: 'Guard the data, not the address: the same rule for the object, its list, its search and its export. With Portcullis, x-portcullis-roles and x-portcullis-owner stand at each operation, and none is open by default.',

  async run(context) {
    const lists = context.operations.filter(({ method, template }) => method === 'GET' && !template.includes('{'));
    await context.each(lists, async (list) => {
      const tried = new Set<string>();
      for (const bob of context.identities) {
        const role = bob.role ?? bob.name;
        if (isAdmin(bob) || tried.has(role) || mayCall(context, list, bob) !== undefined) continue;
        if (ownerRule(list, bob) !== 'unsaid') continue;
        if (!context.samples(list).some((sample) => sample.as?.name === bob.name)) continue;
        tried.add(role);
        for (const single of singlesOf(context, list)) {
          for (const way of [itemsRefused, personsRefused]) {
            const attempt = async () => await way(context, list, single, bob);
            const found = await attempt();
            if (found === undefined) continue;
            const confirmed = await context.report({
              message: `${list.key} shows ${bob.name}${bob.role === undefined ? '' : ` (${bob.role})`} ${found.says}, which ${single.key} refuses`,
              operation: list,
              proof: found.proof,
              again: async () => (await attempt())?.proof,
            });
            if (confirmed) return;
          }
        }
      }
    });
  },
};

/** Operations that show one of the things a list is of: `/patients/{id}` of `/patients` and of `/export/patients`. */
function singlesOf(context: CheckContext, list: Operation): Operation[] {
  const nouns = new Set(list.template.split('/').filter((segment) => segment.length > 2));
  return context.operations.filter(({ method, template }) => {
    const noun = /\/([^/{}]+)\/\{[^/{}]+\}$/.exec(template)?.[1];
    return method === 'GET' && noun !== undefined && nouns.has(noun) && template.split('{').length === 2;
  });
}

interface Found {
  readonly proof: Proof;
  readonly says: string;
}

/** Items with private data, each of which is refused alone. */
async function itemsRefused(
  context: CheckContext,
  list: Operation,
  single: Operation,
  bob: Identity,
): Promise<Found | undefined> {
  const sample = await context.sample(list, bob);
  const whole = context.samples(single).find(({ as }) => as !== undefined && !sameAccount(as, bob));
  if (sample === undefined || whole?.as === undefined || !hasList(sample.exchange.answer.json)) return undefined;
  const shown = await context.send(sample.call, bob);
  if (context.outcome(shown) !== 'success') return undefined;
  const place = context.places(whole.call).find((one) => one.in === 'path');
  const ids = leavesOf(shown.answer.json).filter(
    ({ path, word }) => /\/\*\/[^/*]+$/.test(path) && (word === 'id' || word === plain(place?.word ?? '')),
  );
  if (place === undefined) return undefined;
  for (const { value } of ids.slice(0, ITEMS)) {
    if ((typeof value !== 'string' && typeof value !== 'number') || bob.own.has(String(value))) continue;
    const call = context.put(whole.call, place, value);
    const refused = await context.send(call, bob);
    if (!isRefused(context, refused)) return undefined;
    const allowed = await context.send(call, whole.as);
    if (context.outcome(allowed) !== 'success') continue;
    const words = privateWords(allowed.answer).filter((word) => privateWords(shown.answer).includes(word));
    if (words.length === 0 || !sharesValues(allowed.answer.json, shown.answer.json)) continue;
    const open = await context.send(sample.call, null);
    if (context.outcome(open) === 'success' && (sharedContent(shown.answer, open.answer) ?? 0) > 0.5) return undefined;
    return {
      proof: { exchanges: [allowed, refused, shown], marks: [String(value)] },
      says: `things with ${words.slice(0, 4).join(', ')}`,
    };
  }
  return undefined;
}

/** Whether most of what an object says stands in a list, wherever. */
function sharesValues(single: unknown, list: unknown): boolean {
  const there = new Set(leavesOf(list).map(({ word, value }) => `${word}=${String(value)}`));
  const wanted = leavesOf(single).filter(({ value }) => value !== null && value !== '');
  return (
    wanted.length > 1 &&
    wanted.filter(({ word, value }) => there.has(`${word}=${String(value)}`)).length >= wanted.length / 2
  );
}

/** A text (a table, an export) that names persons whose own record is refused. */
async function personsRefused(
  context: CheckContext,
  list: Operation,
  single: Operation,
  bob: Identity,
): Promise<Found | undefined> {
  if (isStaff(bob, context)) return undefined;
  const sample = await context.sample(list, bob);
  if (sample === undefined || sample.exchange.answer.json !== undefined) return undefined;
  const shown = await context.send(sample.call, bob);
  if (context.outcome(shown) !== 'success') return undefined;
  const text = shown.answer.text.toLowerCase();
  const named = context.identities.filter(
    (one) =>
      !sameAccount(one, bob) &&
      [...one.own].some((value) => value.length >= NAME && !/^\d+$/.test(value) && text.includes(value.toLowerCase())),
  );
  for (const alice of named) {
    const own = context.samples(single).find(({ as }) => as?.name === alice.name);
    const place = own && context.places(own.call).find((one) => one.in === 'path');
    if (own === undefined || place === undefined || !alice.own.has(String(place.value))) continue;
    const allowed = await context.send(own.call, alice);
    const refused = await context.send(own.call, bob);
    const outcome = context.outcome(refused);
    if (context.outcome(allowed) !== 'success' || (outcome !== 'forbidden' && outcome !== 'missing')) continue;
    if (privateWords(allowed.answer).length === 0) continue;
    const open = await context.send(sample.call, null);
    if (context.outcome(open) === 'success') return undefined;
    return { proof: { exchanges: [allowed, refused, shown], marks: [] }, says: `data of ${alice.name}` };
  }
  return undefined;
}
