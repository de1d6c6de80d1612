import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Identity } from '../../../model/identity.ts';
import { kindOf, namingOf } from '../../../state/names.ts';
import { leavesOf, plain, privateWords } from '../../authentication/shared/answers.ts';
import { type IdPlace, isKept, isOwnId, isShown, itemsIn, ownerPaths, ownerWord, saysOwn } from './ids.ts';
import { isStaff, ownerRule, type Pair } from './people.ts';
import { inCommon, tenantPart } from './tenants.ts';

/** Why an object is believed to be somebody's own. */
export interface Evidence {
  /** Continues "... is alice's own: ". */
  readonly says: string;
  readonly sure: boolean;
  /** What shows it, where that took requests. */
  readonly exchanges: readonly Exchange[];
}

const LISTS = 4;

/**
 * Looks for a reason to believe that an object is alice's and none of bob's business: without one, that bob can read it
 * is no weakness, as people share most things.
 * @param model alice's view of the object
 */
export async function privacyOf(
  context: CheckContext,
  { alice, bob }: Pair,
  call: Call,
  place: IdPlace,
  model: Exchange,
): Promise<Evidence | undefined> {
  const { operation } = call;
  const rule = ownerRule(operation, bob);
  if (rule === 'free') return undefined;
  if (rule === 'binds') return { says: 'the contract says so (x-portcullis-owner)', sure: true, exchanges: [] };
  if (await isSharedWith(context, { alice, bob }, place)) return undefined;
  const tenant = tenantPart(context, call, alice, bob);
  if (tenant !== undefined)
    return { says: `${tenant} is ${alice.name}'s, and ${bob.name} belongs to another`, sure: true, exchanges: [] };
  const shared = isStaff(bob, context);
  const smells = privateWords(model.answer);
  if (!shared) {
    if (saysOwn(operation) && ownerPaths(model.answer.json, alice).length > 0) {
      return { says: "the operation is for what is one's own, and it names her", sure: true, exchanges: [] };
    }
    if (isOwnId(alice, place.kind, place.value) && !isOwnId(bob, place.kind, place.value)) {
      if (isKept(operation) || smells.length > 0) {
        return { says: `${place.name} is ${alice.name}'s own identifier`, sure: true, exchanges: [] };
      }
    }
    const owners = owned(ownerPaths(model.answer.json, alice), inCommon(context, call, alice, bob));
    if (owners.length > 0 && ownerPaths(model.answer.json, bob).length === 0) {
      if (isKept(operation) || smells.some((word) => !isContact(word, model, owners))) {
        return { says: `${owners[0]!.path} in it names ${alice.name}`, sure: true, exchanges: [] };
      }
    }
  }
  if (isShown(operation) && smells.length === 0) return undefined;
  return await listedForOneOnly(context, { alice, bob }, place);
}

/** An e-mail address that is there to name the owner is no secret of the object. */
const isContact = (word: string, model: Exchange, owners: readonly { readonly path: string }[]): boolean =>
  /email/.test(word) &&
  leavesOf(model.answer.json)
    .filter((leaf) => leaf.word === word)
    .every(({ path }) => owners.some((owner) => owner.path === path));

/**
 * A list that holds the object for alice and not for bob: the API itself tells them apart. Both lists are fetched anew,
 * as bob's must be whole and now.
 */
export async function listedForOneOnly(
  context: CheckContext,
  { alice, bob }: Pair,
  place: IdPlace,
): Promise<Evidence | undefined> {
  const wanted = String(place.value);
  let tried = 0;
  for (const operation of context.operations) {
    if (operation.method !== 'GET' || tried >= LISTS) continue;
    const samples = context.samples(operation);
    const hers = samples.find((sample) => sample.as?.name === alice.name);
    const his = samples.find((sample) => sample.as?.name === bob.name);
    if (hers === undefined || his === undefined || !sameQuestion(hers.call, his.call)) continue;
    if (!hasList(hers.exchange.answer.json)) continue;
    if (!isListOf(operation.template, place.kind)) continue;
    tried++;
    const forHer = await context.send(hers.call, alice);
    if (context.outcome(forHer) !== 'success' || !holdsId(forHer.answer.json, wanted, place.kind)) continue;
    const forHim = await context.send(hers.call, bob);
    if (context.outcome(forHim) !== 'success' || !hasList(forHim.answer.json)) continue;
    if (forHim.answer.text.includes(wanted) && holdsId(forHim.answer.json, wanted, place.kind)) continue;
    return {
      says: `${operation.key} lists it for ${alice.name} and not for ${bob.name}`,
      sure: true,
      exchanges: [forHer, forHim],
    };
  }
  return undefined;
}

/**
 * Whether the API tells an object to bob too, in a list that keeps others of hers from him: then it was shared with him.
 * A list that keeps nothing from him says nothing.
 */
export async function isSharedWith(context: CheckContext, { alice, bob }: Pair, place: IdPlace): Promise<boolean> {
  const wanted = String(place.value);
  let tried = 0;
  for (const operation of context.operations) {
    if (operation.method !== 'GET' || tried >= LISTS || !isListOf(operation.template, place.kind)) continue;
    const samples = context.samples(operation);
    const hers = samples.find((sample) => sample.as?.name === alice.name);
    const his = samples.find((sample) => sample.as?.name === bob.name);
    if (hers === undefined || his === undefined || !sameQuestion(hers.call, his.call)) continue;
    if (!hasList(hers.exchange.answer.json)) continue;
    tried++;
    const forHim = await context.send(hers.call, bob);
    if (context.outcome(forHim) !== 'success' || !holdsId(forHim.answer.json, wanted, place.kind)) continue;
    const forHer = await context.send(hers.call, alice);
    if (context.outcome(forHer) === 'success' && keepsFrom(forHer.answer.json, forHim.answer.json)) return true;
  }
  return false;
}

/** Whether a list lacks things of another one, by their identifiers. */
export function keepsFrom(hers: unknown, his: unknown): boolean {
  const ids = (json: unknown): Set<string> =>
    new Set(
      [...itemsIn(json)].flatMap(({ item }) => {
        const id = itemId(item);
        return id === undefined ? [] : [id];
      }),
    );
  const shown = ids(his);
  return [...ids(hers)].some((id) => !shown.has(id));
}

function itemId(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  for (const [name, value] of Object.entries(item).slice(0, 50)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const { kind, property, certain } = namingOf(name);
    if (certain || (kind === '' && property !== '' && property !== 'name' && property !== 'title'))
      return String(value);
  }
  return undefined;
}

/**
 * Whether an object is between the two: it names something that the API lists for bob and not for alice, his account in
 * her transfer.
 */
export function concerns(context: CheckContext, { alice, bob }: Pair, json: unknown): boolean {
  const said = new Set<string>();
  for (const { value } of leavesOf(json)) if (typeof value === 'string' && value.length >= 6) said.add(value);
  for (const operation of context.operations) {
    if (said.size === 0) return false;
    if (operation.method !== 'GET' || operation.template.includes('{')) continue;
    const samples = context.samples(operation);
    const hers = samples.find((sample) => sample.as?.name === alice.name);
    const his = samples.find((sample) => sample.as?.name === bob.name);
    if (hers === undefined || his === undefined) continue;
    const known = new Set<string>();
    for (const { item } of itemsIn(hers.exchange.answer.json)) known.add(itemId(item) ?? '');
    for (const { item } of itemsIn(his.exchange.answer.json)) {
      const id = itemId(item);
      if (id !== undefined && said.has(id) && !known.has(id)) return true;
    }
  }
  return false;
}

/** Lists that differ because they are of different places tell nothing of the callers. */
const sameQuestion = (one: Call, other: Call): boolean =>
  [...one.values]
    .filter(([name]) => name.startsWith('path:'))
    .every(([name, value]) => other.values.get(name) === value);

/** Whether a path is that of a list of a kind: an order names its buyer, and is no list of buyers. */
const isListOf = (template: string, kind: string): boolean =>
  kind !== '' &&
  template
    .split('/')
    .filter((segment) => segment !== '' && !segment.includes('{'))
    .slice(-2)
    .some((segment) => kindOf(segment) === kind || (kind.length >= 4 && kindOf(segment).endsWith(kind)));

export function hasList(json: unknown): boolean {
  if (Array.isArray(json)) return true;
  if (typeof json !== 'object' || json === null) return false;
  return Object.values(json).some(
    (value) =>
      Array.isArray(value) ||
      (typeof value === 'object' && value !== null && Object.values(value).some((inner) => Array.isArray(inner))),
  );
}

/** Whether an answer names a thing by an identifier: under `id` and the like, or under the name of its kind. */
export function holdsId(json: unknown, value: string, kind: string): boolean {
  return leavesOf(json).some(({ path, word, value: known }) => {
    // In a list: what is said of the caller alone, `/me` say, is told to nobody else anyway.
    if (!path.includes('/*/')) return false;
    if (known === null || typeof known === 'boolean' || String(known) !== value) return false;
    if (!/^\d{1,9}$/.test(value)) return true;
    return /^(id|number|no|uuid|key|code|pk|ref)$/.test(word) || (kind !== '' && word.startsWith(kind));
  });
}

/** Without those that say no more than who made it, where that is not whose it is. */
export const owned = <T extends { readonly path: string }>(owners: readonly T[], common: boolean): readonly T[] =>
  common ? owners.filter(({ path }) => !ATTRIBUTION.test(plain(path.split('/').at(-1) ?? ''))) : owners;

const ATTRIBUTION = /^(createdby|author|creator|uploadedby|uploader|reporter)(id|uuid|name|username|email)?$/;

/** Where an object names its owner, and that is neither the identity nor (as far as known) an owner of its own things. */
export function foreignOwner(json: unknown, as: Identity, ownJson: unknown): { readonly path: string } | undefined {
  const own = ownerPaths(ownJson, as);
  for (const { path, word, value } of leavesOf(json)) {
    // Who made a thing need not be the one whose it is: colleagues read what the others wrote.
    if (ownerWord(path, word) === undefined || ATTRIBUTION.test(word) || value === null || as.own.has(String(value)))
      continue;
    const last = path.split('/').at(-1);
    if (own.some((mine) => mine.path.split('/').at(-1) === last)) return { path };
  }
  return undefined;
}
