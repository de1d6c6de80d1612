import type { Operation } from '../../../../contract/model.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import { alike, leavesOf } from '../shared/answers.ts';
import { built, nameOf, passwordOf } from '../shared/logins.ts';
import { type Entry, Suffixed, type Writing } from './attempts.ts';

/** A login whose user name and password can be anything. */
export interface OpenForm {
  readonly operation: Operation;
  readonly writing: Writing;
  readonly name: ValuePlace;
  readonly password: ValuePlace;
  send(entry: Entry): Promise<Exchange>;
  /** Whether an answer lets in. */
  entered(exchange: Exchange): boolean;
}

/** How an operation of logging in is filled in; undefined where it takes no name and password that can be put there. */
export function openForm(context: CheckContext, operation: Operation): OpenForm | undefined {
  const good = context.samples(operation)[0];
  const base = good?.call ?? built(context, operation);
  const places = context.places(base).filter((place) => place.in === 'body' || place.in === 'query');
  const [name, password] = [nameOf(places), passwordOf(places)];
  if (name === undefined || password === undefined || name.in !== password.in) return undefined;
  const type = base.body?.type ?? '';
  if (name.in === 'body' && !/json|x-www-form-urlencoded/.test(type)) return undefined;
  const writing: Writing = name.in === 'body' && type.includes('json') ? 'json' : 'fields';
  return {
    operation,
    writing,
    name,
    password,
    send: async ({ name: user, password: secret }) =>
      await context.send(filled(context, filled(context, base, name, user), password, secret), null, {
        patient: false,
      }),
    entered: (exchange) => isEntry(context, exchange, good?.exchange),
  };
}

/** The call with a value at a place; one that is `Suffixed` goes under a name of its own. */
export function filled(context: CheckContext, call: Call, place: ValuePlace, value: unknown): Call {
  if (!(value instanceof Suffixed)) return context.put(call, place, value);
  const without = context.put(call, place, undefined);
  const { suffix, value: text } = value;
  if (place.in === 'query') {
    return context.put(without, { ...place, name: `${place.name}${suffix}`, schema: undefined }, text);
  }
  const fields = Object(without.body?.value) as Record<string, unknown>;
  return { ...without, body: { type: call.body?.type ?? '', value: { ...fields, [`${place.word}${suffix}`]: text } } };
}

const SESSION = /(token|jwt|session|sid|cookie|apikey|bearer|credential)/;

/** Whether an answer is that of a login that worked: like one that did, or with something that proves a session. */
function isEntry(context: CheckContext, exchange: Exchange, good: Exchange | undefined): boolean {
  const outcome = context.outcome(exchange);
  const { answer } = exchange;
  const cookie = (answer.headers.get('set-cookie') ?? '')
    .split('\n')
    .some((line) => /^[^=;\s]+=[^;\s]{8,}/.test(line) && !/;\s*max-age=0|;\s*expires=thu, 01 jan 1970/i.test(line));
  if (outcome === 'redirect') {
    const path = (one: Exchange): string => (one.answer.headers.get('location') ?? '').split('?')[0] ?? '';
    return good !== undefined && good.answer.status === answer.status && path(good) === path(exchange);
  }
  if (outcome !== 'success') return false;
  if (good) return alike(good.answer, answer) && (!good.answer.headers.has('set-cookie') || cookie);
  return cookie || leavesOf(answer.json).some(({ word, value }) => SESSION.test(word) && String(value).length >= 8);
}
