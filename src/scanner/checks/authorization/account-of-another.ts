import type { Operation } from '../../../contract/model.ts';
import type { Call, ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { leavesOf, plain } from '../authentication/shared/answers.ts';
import { openByNature } from '../authentication/shared/demand.ts';
import {
  built,
  nameOf,
  passwordOf,
  type SpareAccount,
  spareAccount,
  tryLogin,
} from '../authentication/shared/logins.ts';
import { randomText } from '../authentication/shared/requests.ts';
import { isAdmin, isStaff } from './shared/people.ts';

/** Operations that are tried, at most: each try registers an account. */
const MOST = 12;
/** Parts of a path that stand for an account. */
const PEOPLE = /^(users?|accounts?|customers?|members?|people|persons?|profiles?)$/;
/** Names of what stands for an account. */
const NAMES = /^(user|account|customer|member)?(name|id|uuid|email|mail|login|handle)?$/;

/** The password or the address of an account of the scan's own, set by somebody else. */
export const check: Check = {
  id: 'account-of-another',
  group: 'authorization',
  title: 'Lets others take over an account',
  practice: 'authorize',
  cwe: 'CWE-639',
  owasp: 'API1:2023',
  severity: 'critical',
  why: 'Whoever names another account sets its password or its e-mail address, and with that owns it.',
  mend: 'Change the account of who calls, whatever the request names; ask for the old password. Portcullis refuses others with x-portcullis-owner.',

  async run(context) {
    const attacker = context.identities.find((as) => !isAdmin(as) && !isStaff(as, context));
    if (attacker === undefined) return context.skip('nobody without the rights of staff could try it');
    const wanted = context.operations.filter((operation) => deedOf(context, operation) !== undefined).slice(0, MOST);
    if (wanted.length === 0) return;
    for (const operation of wanted) {
      if (context.signal.aborted) return;
      const attempt = async () => await takeover(context, operation, attacker);
      const found = await attempt();
      if (found === undefined) continue;
      await context.report({
        message: `${operation.key} lets ${attacker.name} set the ${found.what} of another account`,
        operation,
        place: found.place,
        severity: found.what === 'password' ? 'critical' : 'high',
        proof: found.proof,
        again: async () => (await attempt())?.proof,
      });
    }
  },
};

interface Deed {
  /** Where the account is named. */
  readonly who: ValuePlace;
  /** What is set. */
  readonly value: ValuePlace;
  readonly what: 'password' | 'e-mail address';
  readonly base: Call;
}

/** An operation that needs a credential, names an account, and sets its password or address. */
function deedOf(context: CheckContext, operation: Operation): Deed | undefined {
  const { method, template } = operation;
  if (method !== 'PUT' && method !== 'PATCH' && method !== 'POST') return undefined;
  const { login, register, logout } = context.known;
  if ([...login, ...register, ...logout].includes(operation) || openByNature(operation, context)) return undefined;
  const base = context.samples(operation)[0]?.call ?? built(context, operation);
  const places = context.places(base);
  const body = places.filter((place) => place.in === 'body' || place.in === 'query');
  const who = places.find((place) => place.in === 'path' && isPerson(template, place)) ?? nameOf(body);
  const secret = newPassword(body);
  const mail = body.find(({ word }) => /^(new)?e?mail(address)?$/.test(plain(word)));
  const value = secret ?? mail;
  if (who === undefined || value === undefined || who.name === value.name) return undefined;
  return { who, value, what: secret === undefined ? 'e-mail address' : 'password', base };
}

/** The one that is to be, where an old one stands beside it. */
const newPassword = (places: readonly ValuePlace[]): ValuePlace | undefined =>
  places.find(({ word }) => /^(new(password|pass|pwd|passwd)|(password|passwd)new)$/.test(plain(word))) ??
  passwordOf(places.filter(({ word }) => !/(old|current|confirm|repeat)/.test(plain(word))));

/** Whether a part of a path names an account: `{username}` anywhere, `{id}` behind `/users`. */
function isPerson(template: string, { name }: ValuePlace): boolean {
  const parts = template.split('/');
  const before = plain(parts[parts.indexOf(`{${name}}`) - 1] ?? '').replace(/^v\d+$/, '');
  const behind = parts.slice(0, parts.indexOf(`{${name}}`)).some((part) => PEOPLE.test(plain(part)));
  if (/^(username|useremail|userid|accountid|customerid|memberid|login)$/.test(plain(name))) return true;
  return NAMES.test(plain(name)) && (PEOPLE.test(before) || (before === '' && behind));
}

interface Taken {
  readonly what: Deed['what'];
  readonly place: string;
  readonly proof: Proof;
}

async function takeover(context: CheckContext, operation: Operation, attacker: Identity): Promise<Taken | undefined> {
  const deed = deedOf(context, operation);
  if (deed === undefined) return undefined;
  const victim = await spareAccount(context);
  if (victim === undefined) {
    context.skip('no account could be registered that it could be tried on', operation);
    return undefined;
  }
  const place = `${deed.who.in === 'path' ? 'path parameter' : deed.who.in} ${deed.who.name}`;
  const random = context.random(`${operation.key}/${victim.username}`);
  for (const name of namesOf(context, victim, deed.who)) {
    const value =
      deed.what === 'password'
        ? `Aa1-${randomText(random, 12)}`
        : `${randomText(random, 12).toLowerCase()}@mail.example`;
    const call = context.put(context.put(deed.base, deed.who, name), deed.value, value);
    const shows = await showing(context, deed, victim, name, value);
    const before = await shows();
    if (before === undefined || before.set) continue;
    // What works without a credential is for another check to tell.
    const attack = await context.send(call, attacker);
    if (context.outcome(attack) !== 'success') continue;
    const after = await shows();
    if (after?.set !== true) continue;
    return {
      what: deed.what,
      place,
      proof: { exchanges: [victim.made.exchange, before.exchange, attack, after.exchange], marks: [String(name)] },
    };
  }
  return undefined;
}

/** What the account may be called in a place: its login name, the other names it registered with, the id it was given. */
function namesOf(context: CheckContext, victim: SpareAccount, who: ValuePlace): (string | number)[] {
  const { call, exchange } = victim.made;
  const word = plain(who.word);
  const given = leavesOf(exchange.answer.json).flatMap((leaf) =>
    /(^|user|account)(id|uuid|name|email)$/.test(leaf.word) &&
    (typeof leaf.value === 'string' || typeof leaf.value === 'number')
      ? [leaf.value]
      : [],
  );
  const sent = context
    .places(call)
    .filter((place) => place.in === 'body' && (plain(place.word) === word || /^(user|e?mail)/.test(plain(place.word))))
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const all: (string | number)[] = [...new Set([victim.username, ...sent, ...given])];
  return all.slice(0, 4);
}

type Look = () => Promise<{ readonly set: boolean; readonly exchange: Exchange } | undefined>;

/** How it is seen whether the value is set: by logging in with it, or by reading the account. */
async function showing(
  context: CheckContext,
  { what, who, base }: Deed,
  victim: SpareAccount,
  name: string | number,
  value: string,
): Promise<Look> {
  if (what === 'password')
    return async () => {
      const exchange = await tryLogin(context, victim.form, victim.username, value);
      const outcome = context.outcome(exchange);
      return outcome === 'limited' || outcome === 'none' ? undefined : { set: outcome === 'success', exchange };
    };
  const { template } = base.operation;
  const item =
    who.in === 'path' ? template.slice(0, template.indexOf(`{${who.name}}`) + who.name.length + 2) : undefined;
  const read = context.operations.find((one) => one.method === 'GET' && one.template === item);
  return async () => {
    if (read === undefined) return undefined;
    for (const as of [null, ...context.identities]) {
      let call = context.samples(read)[0]?.call ?? built(context, read);
      for (const place of context.places(call)) if (place.in === 'path') call = context.put(call, place, name);
      const exchange = await context.send(call, as);
      if (context.outcome(exchange) === 'success') return { set: exchange.answer.text.includes(value), exchange };
    }
    return undefined;
  };
}
