import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { CheckContext } from '../../model/check.ts';
import { wordsOf } from '../answers/sensitive-names.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** Words of operations that look something up, and change nothing however often they are called. */
const LOOKUPS = words(
  'check checks verify verification validate validation preview quote quotes estimate calculate search lookup find query filter status availability available price prices simulate convert test compare exists count render',
);
/** Words of what has its effect once: what is paid, and what is used up. */
const ONCE = words(
  'pay payment payments charge charges checkout transfer transfers withdraw withdrawal withdrawals refund refunds confirm capture settle payout payouts deposit topup',
);
const USED_UP = words(
  'redeem redemption redemptions coupon coupons voucher vouchers giftcard giftcards promo promocode claim vote votes',
);
/** Names of what a caller chooses anew for each request, so that one that comes twice can be told. */
const KEY =
  /^(?:x[-_]?)?(?:idempotency|idempotent|dedup(?:lication)?|request|transaction|client(?:request|transaction)?|message|order|payment|operation)?[-_]?(?:idempotency)?[-_]?(?:key|nonce|token|id|reference|ref|uuid)$/i;
const SURE_KEY = /idempoten|nonce|dedup|(?:^|[-_])(?:x-)?request-?id$|client-?(?:request|transaction|ref)/i;
/** How a contract says that something has its effect once. */
const PROMISE =
  /\bonce\b|idempoten|(?:only|just) one time|one[- ]time|single[- ]use|new (?:one )?for each|(?:same|again|twice|second|repeated|duplicate)\b[^.]{0,60}\b(?:refused|rejected|ignored|conflict|error|not allowed|no effect|booked once)|must be unique|cannot be (?:used|redeemed|sent|repeated) (?:again|twice)/i;

/** The words of an operation's last literal segment and of its id. */
export function namesOf({ template, operationId }: Operation): string[] {
  const last =
    template
      .split('/')
      .filter((segment) => segment !== '' && !segment.includes('{'))
      .at(-1) ?? '';
  return [...wordsOf(last), ...wordsOf(operationId ?? '')];
}

/** Whether an operation only looks something up, by its name: `POST /coupons/check`. */
export const isLookup = (operation: Operation): boolean => namesOf(operation).some((word) => LOOKUPS.has(word));

/** Whether the contract, or a name that cannot mean anything else, says that the same call has its effect once. */
export function promisesOnce(context: CheckContext, call: Call): boolean {
  const { operation } = call;
  const names = namesOf(operation);
  if (names.some((word) => USED_UP.has(word)) || PROMISE.test(operation.summary ?? '')) return true;
  if ([...call.values.keys()].some((key) => key.startsWith('header:') && SURE_KEY.test(key.slice(7)))) return true;
  return context.places(call).some(({ name, word, value, schema, in: where }) => {
    if (value === undefined || where === 'path') return false;
    if (SURE_KEY.test(where === 'body' ? word : name)) return true;
    const raw = schema?.schema;
    const said =
      typeof raw === 'object' && raw !== null ? (raw as Readonly<Record<string, unknown>>)['description'] : undefined;
    return KEY.test(word) && typeof said === 'string' && PROMISE.test(said);
  });
}

/** Operations whose effect should be had once, or that are paid for: a POST of such a name, or with a key of its own. */
export function onceOnly({ operations, samples, known }: CheckContext): Operation[] {
  const apart = [...known.login, ...known.logout, ...known.register, ...known.account];
  return operations.filter((operation) => {
    if (operation.method !== 'POST' || apart.includes(operation) || isLookup(operation)) return false;
    if (namesOf(operation).some((word) => ONCE.has(word) || USED_UP.has(word))) return true;
    if (operation.parameters.some(({ name, in: where }) => where === 'header' && SURE_KEY.test(name))) return true;
    return PROMISE.test(operation.summary ?? '') && samples(operation).length > 0;
  });
}

/**
 * Other values that could stand where one stands: what the same property holds in the other members of a list that the
 * API answered. Codes of coupons, numbers of seats.
 */
export function siblingsOf(context: CheckContext, value: string | number, most: number): (string | number)[] {
  const found = new Set<string | number>();
  const walk = (at: unknown, depth: number): void => {
    if (typeof at !== 'object' || at === null || depth > 6 || found.size >= most) return;
    if (Array.isArray(at)) {
      const rows = at.filter(
        (row): row is Readonly<Record<string, unknown>> => typeof row === 'object' && row !== null,
      );
      const name = rows.flatMap((row) => Object.keys(row).filter((key) => row[key] === value))[0];
      for (const row of name === undefined ? [] : rows) {
        const other = row[name as string];
        if ((typeof other === 'string' || typeof other === 'number') && other !== value && found.size < most)
          found.add(other);
      }
    }
    for (const item of Object.values(at).slice(0, 200)) walk(item, depth + 1);
  };
  for (const operation of context.operations) {
    if (operation.method !== 'GET') continue;
    for (const { exchange } of context.samples(operation)) walk(exchange.answer.json, 0);
  }
  return [...found];
}
