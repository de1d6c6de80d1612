import type { Operation } from '../../../../contract/model.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { namingOf, singular, wordsOf } from '../../../state/names.ts';
import { leavesOf } from '../../authentication/shared/answers.ts';

/** A place of a call where an identifier stands. */
export interface IdPlace extends ValuePlace {
  /** Of what: `patient`; '' where nobody says. */
  readonly kind: string;
  /** By what it is told from others: `id`, `number`, `username`. */
  readonly property: string;
  readonly value: string | number;
}

const isValue = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '' && value.length <= 200) ||
  (typeof value === 'number' && Number.isSafeInteger(value));

/** Properties that tell one thing from another; `name` and `title` may, and are taken in paths only. */
const IN_QUERY = new Set([
  'id',
  'uuid',
  'guid',
  'uid',
  'oid',
  'pk',
  'number',
  'username',
  'email',
  'vin',
  'iban',
  'ref',
]);

/** Identifiers that a call sends: in its path, and in the query and body where the name says so. The last of a path first. */
export function idPlaces(context: CheckContext, call: Call): IdPlace[] {
  const found: IdPlace[] = [];
  for (const place of context.places(call)) {
    if (!isValue(place.value)) continue;
    const naming = namingOf(place.word);
    if (place.in === 'path') {
      const kind = naming.kind || kindBefore(call.operation, place.name);
      found.push({ ...place, value: place.value, kind, property: naming.property || 'id' });
    } else if (place.in === 'query' || place.in === 'body') {
      if (IN_QUERY.has(naming.property) && (naming.kind !== '' || naming.certain)) {
        found.push({ ...place, value: place.value, kind: naming.kind, property: naming.property });
      }
    }
  }
  const paths = found.filter((place) => place.in === 'path').reverse();
  return [...paths, ...found.filter((place) => place.in !== 'path')];
}

/** Of `/patients/{id}`: patient. */
function kindBefore(operation: Operation, name: string): string {
  const segments = operation.template.split('/');
  const at = segments.findIndex((segment) => segment.includes(`{${name}}`));
  for (let before = at - 1; before >= 0; before--) {
    const segment = segments[before] ?? '';
    if (segment === '' || segment.includes('{')) continue;
    const words = wordsOf(segment);
    const last = words.pop();
    return last === undefined ? '' : [...words, singular(last)].join('');
  }
  return '';
}

const PEOPLE =
  /(user|account|customer|member|person|people|profile|client|employee|patient|student|player|author|staff|owner|buyer|seller|holder|subscriber|guest|tenant|driver|passenger|citizen|resident|borrower|participant|creator|sender|payer|requester|reporter|uploader)$/;

/** Whether an identifier is an identity's own, of the kind that the place names: patient 4 is not staff 4. */
export function isOwnId(as: Identity, kind: string, value: string | number): boolean {
  const text = String(value);
  if (!as.own.has(text)) return false;
  // Names and long identifiers are nobody else's by chance.
  if (!/^\d{1,9}$/.test(text)) return true;
  if (as.ownIds === undefined) return PEOPLE.test(kind);
  const known = [...as.ownIds].filter(([, values]) => values.has(text)).map(([key]) => key.split('.')[0] ?? '');
  if (known.includes(kind)) return true;
  if ([...as.ownIds.keys()].some((key) => key.startsWith(`${kind}.`))) return false;
  // `buyer_id` is a user's number where users have numbers; of a patient's number only `owner` and the like can be meant.
  return (
    (isPart(kind) && known.some((one) => PEOPLE.test(one))) ||
    (PEOPLE.test(kind) && known.some((one) => GENERIC.test(one)))
  );
}

/**
 * An identifier of an identity's own, of a kind and of the make of another value: a number for a number.
 * @param like what stands there now; undefined: nothing does, and whatever is known will do
 */
export function ownValue(as: Identity, kind: string, property: string, like: unknown): string | number | undefined {
  const known = [...(as.ownIds?.get(`${kind}.${property}`) ?? [])];
  const isNumber = (text: string): boolean => /^\d{1,15}$/.test(text);
  if (typeof like === 'number') {
    const found = known.find(isNumber);
    return found === undefined ? undefined : Number(found);
  }
  if (typeof like === 'string') return known.find((text) => isNumber(text) === isNumber(like)) ?? known[0];
  const number = known.find(isNumber);
  return number === undefined ? known[0] : Number(number);
}

/** Kinds that are whoever has an account. */
const GENERIC = /^(user|account|member|person|profile|identity)$/;

/** Words for the part a person has in a thing, whatever kind of person: `ownerId`, `createdBy`. */
const isPart = (kind: string): boolean =>
  /(owner|author|creator|holder|sender|payer|requester|reporter|uploader|user|account)$/.test(kind);

/** Names of who owns a thing; not of who gets it, works on it or is mentioned in it. */
const OWNERS =
  /^(owner|user|username|useremail|account|accountholder|customer|patient|member|client|author|creator|createdby|buyer|seller|vendor|merchant|holder|subscriber|student|player|guest|tenant|borrower|payer|requester|reporter|uploader|uploadedby|employee|person|profile|email|login|participant|passenger|driver)(id|uuid|name|no|number|username|email)?$/;

/** Where an answer names an identity as the owner: the paths of those values. */
export function ownerPaths(json: unknown, as: Identity): { readonly path: string; readonly value: string | number }[] {
  const found: { path: string; value: string | number }[] = [];
  for (const { path, word, value } of leavesOf(json)) {
    if (!isValue(value) || !as.own.has(String(value))) continue;
    const key = ownerWord(path, word);
    if (key === undefined) continue;
    const naming = namingOf(path.split('/').findLast((step) => step !== '*') ?? '');
    const kind = naming.kind === '' ? (/(\w+)\/[^/]+$/.exec(path)?.[1]?.toLowerCase() ?? '') : naming.kind;
    if (isOwnId(as, kind === '' ? 'user' : kind, value)) found.push({ path, value });
  }
  return found;
}

/** The two ends of what goes from one person to another. */
const ENDS =
  /^(from|to|sender|recipient|receiver|payer|payee|source|target)(user|account|customer|member)?(id|uuid|name|username|email)?$/;

/** Where an answer names an identity as one end of something: a message, a transfer. */
export const endPaths = (json: unknown, as: Identity): { readonly path: string; readonly value: string | number }[] =>
  leavesOf(json).flatMap(({ path, word, value }) =>
    isValue(value) && ENDS.test(word) && isOwnId(as, 'user', value) ? [{ path, value }] : [],
  );

/** The word that names an owner: `userId`, or `user/id`, `owner/username`. */
export function ownerWord(path: string, word: string): string | undefined {
  if (OWNERS.test(word)) return word;
  const steps = path.split('/').filter((step) => step !== '' && step !== '*');
  const parent = (steps.at(-2) ?? '').toLowerCase().replace(/[^a-z]/g, '');
  return /^(id|uuid|username|email|name)$/.test(word) && OWNERS.test(parent) ? `${parent}${word}` : undefined;
}

/** An identifier of the same make that stands for nothing. */
export function nonsenseId(value: string | number, random: () => number): string | number {
  if (typeof value === 'number' || /^\d{1,15}$/.test(value)) {
    const made = 700_000_000 + Math.floor(random() * 99_999_999);
    return typeof value === 'number' ? made : String(made);
  }
  let text = '';
  for (const character of value) {
    if (/[0-9]/.test(character)) text += String(Math.floor(random() * 10));
    else if (/[a-f]/.test(character)) text += 'abcdef'[Math.floor(random() * 6)];
    else if (/[g-z]/.test(character)) text += 'ghijklmnopqrstuvwxyz'[Math.floor(random() * 20)];
    else text += character;
  }
  return text === value ? `${value}x` : text;
}

/** Kinds of things that people show to each other: that another may read one is no weakness by itself. */
const SHOWN =
  /(shop|store|product|item|article|post|comment|review|rating|categor|tag|course|event|movie|film|book|song|album|recipe|page|listing|offer|menu|restaurant|hotel|room|flight|profile|question|answer|topic|thread|channel|forum|blog|news|photo|image|video|playlist|pet|game|place|location|city|country|coupon|plan|brand|seller|author|artist|team|repo|snippet|gist|station|vehicle.?model|slot|doctor|staff|catalog|service|status|feature|setting|config|template|department|project|board|task|issue|ticket.?type|user|member|group)s?$/;
/** Kinds of things that are the person's own business. */
const KEPT =
  /(order|invoice|payment|receipt|transaction|transfer|wallet|balance|account|card|cart|basket|message|conversation|inbox|mail|notification|address|prescription|appointment|record|medical|diagnos|document|file|upload|contract|policy|claim|loan|statement|booking|reservation|ticket|report|note|diary|journal|subscription|session|device|key|token|secret|credential|vehicle|trip|ride|salary|payslip|profile|setting|preference|favorite|wishlist|history|activity|export|backup|patient|customer|vault|password|location|draft|application|request|complaint|bill|refund|return|shipment|delivery|vacation|leave|timesheet|grade|exam|submission|consent|lab|result|visit|insurance)s?$/;

/** Words of a path that name things, last first. */
const nouns = ({ template }: Operation): string[] =>
  template
    .split('/')
    .filter((segment) => segment !== '' && !segment.includes('{'))
    .map((segment) => segment.toLowerCase().replace(/[^a-z]/g, ''))
    .reverse();

export const isShown = (operation: Operation): boolean => SHOWN.test(nouns(operation)[0] ?? '');
export const isKept = (operation: Operation): boolean => KEPT.test(nouns(operation)[0] ?? '');
/** Whether the summary says that it is about the caller's own. */
export const saysOwn = ({ summary, operationId }: Operation): boolean =>
  /\b(my|mine|your|own|caller'?s|current user'?s|logged.?in user'?s)\b/i.test(summary ?? '') ||
  /^(get|list)?my[A-Z]/.test(operationId ?? '');

const ITEMS = 500;

/** Objects in the lists of an answer, as deep as envelopes go. */
export function* itemsIn(json: unknown): Generator<{ readonly path: string; readonly item: unknown }> {
  let level: { path: string; value: unknown }[] = [{ path: '', value: json }];
  let left = ITEMS;
  for (let depth = 0; depth < 4; depth++) {
    const next: typeof level = [];
    for (const { path, value } of level) {
      if (Array.isArray(value)) {
        for (const item of value) if (left-- > 0) yield { path, item };
      } else if (typeof value === 'object' && value !== null) {
        for (const [name, inner] of Object.entries(value).slice(0, 100))
          next.push({ path: `${path}/${name}`, value: inner });
      }
    }
    level = next;
  }
}
