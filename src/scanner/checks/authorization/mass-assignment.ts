import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { leavesOf, plain } from '../authentication/shared/answers.ts';
import { bodyPlace, type Extra, extrasFor, isInternal, objectBody, thingIn, valueAt } from './shared/extras.ts';
import { isAdmin, isStaff } from './shared/people.ts';

/** Properties of one operation that are shown one by one. */
const SHOWN = 4;
/** Refusals in a row after which an operation is believed to refuse all that it does not know. */
const REFUSALS = 3;

/** Characters of a refusal that are read for values, and values that are tried. */
const ADVICE = 2_000;
const ADVISED = 4;

/** Rights of an account, where only the account's own view shows them. */
const RIGHTS: readonly Extra[] = [
  { pointer: '/role', name: 'role', value: 'admin', declaredReadOnly: false, privileged: true },
  { pointer: '/isAdmin', name: 'isAdmin', value: true, declaredReadOnly: false, privileged: true },
  { pointer: '/is_admin', name: 'is_admin', value: true, declaredReadOnly: false, privileged: true },
  { pointer: '/admin', name: 'admin', value: true, declaredReadOnly: false, privileged: true },
  { pointer: '/roles', name: 'roles', value: ['admin'], declaredReadOnly: false, privileged: true },
];

/** Properties that are not the caller's to set: sent along with a change or a creation, and read back. */
export const check: Check = {
  id: 'mass-assignment',
  group: 'authorization',
  title: 'Takes properties that are not to be set',
  practice: 'authorize',
  cwe: 'CWE-915',
  owasp: 'API3:2023',
  severity: 'high',
  why: 'The body is written to the object as it comes. Whoever adds a property that the form does not have sets their own role, balance or price.',
  mend: 'Copy the properties that may be set one by one, and refuse all others. Portcullis refuses properties that the contract does not name, and read-only ones in requests.',

  async run(context) {
    const writes = context.operations.filter(
      ({ method, body }) => body !== undefined && (method === 'POST' || method === 'PUT' || method === 'PATCH'),
    );
    const { login, logout, register, account } = context.known;
    // One after the other: what is changed and put back must not meet what another one reads.
    for (const operation of writes) {
      if ([...login, ...logout, ...register, ...account].includes(operation)) continue;
      const as = callerOf(context, operation);
      if (as === undefined) continue;
      await tryOperation(context, operation, as);
      if (context.signal.aborted) return;
    }
  },
};

/** Who has the least rights of those who may call it, and of those best one the scan made. */
function callerOf(context: CheckContext, operation: Operation): Identity | undefined {
  const rank = (as: Identity): number => (as.registered === true ? 0 : isAdmin(as) ? 3 : isStaff(as, context) ? 2 : 1);
  return context
    .samples(operation)
    .flatMap(({ as }) => (as === undefined ? [] : [as]))
    .sort((one, other) => rank(one) - rank(other))[0];
}

async function tryOperation(context: CheckContext, operation: Operation, as: Identity): Promise<void> {
  const base = await context.prepare(operation, as);
  const body = base && objectBody(base);
  if (base === undefined || body === undefined) return;
  const control = operation.method === 'POST' ? await trial(context, base, as) : await viewsBefore(context, base, as);
  if (control === undefined) return;
  const extras = extrasFor(context, base, control.shown);
  const rights =
    control.self === undefined
      ? []
      : RIGHTS.filter(({ name }) => !extras.some((extra) => extra.name === name) && !(name in body));
  const wanted = [...extras, ...rights];
  if (wanted.length === 0) return;

  const suspects = new Set<Extra>();
  const all = await once(context, operation, as, extras);
  if (all === 'refused' || extras.length === 0) {
    let refusals = 0;
    for (const extra of wanted) {
      if (refusals >= REFUSALS) break;
      const result = await once(context, operation, as, [extra]);
      if (result === 'refused') {
        refusals++;
        for (const other of await advised(context, base, as, extra)) {
          const second = await once(context, operation, as, [other]);
          if (second === undefined || second === 'refused' || second.taken.length === 0) continue;
          suspects.add(other);
          break;
        }
      } else if (result !== undefined) for (const taken of result.taken) suspects.add(taken);
    }
  } else if (all !== undefined) {
    for (const taken of all.taken) suspects.add(taken);
    let refusals = 0;
    for (const extra of rights) {
      if (refusals >= REFUSALS) break;
      const result = await once(context, operation, as, [extra]);
      if (result === 'refused') refusals++;
      else if (result !== undefined) for (const taken of result.taken) suspects.add(taken);
    }
  }
  for (const extra of [...suspects].slice(0, SHOWN)) {
    const attempt = async (): Promise<Proof | undefined> => {
      const result = await once(context, operation, as, [extra]);
      return result === undefined || result === 'refused' || !result.taken.includes(extra) ? undefined : result.proof;
    };
    const proof = await attempt();
    if (proof === undefined) continue;
    await context.report({
      message: `${operation.key} lets ${as.name} set ${extra.name}, which ${extra.declaredReadOnly ? 'the contract calls read-only' : 'the contract does not name in requests'}`,
      operation,
      place: `body ${extra.pointer}`,
      cause: operation.key,
      severity: severityOf(extra),
      proof,
      again: attempt,
    });
  }
}

/** Values that a refusal names as those that would do: whoever says which has read the property. */
async function advised(context: CheckContext, base: Call, as: Identity, extra: Extra): Promise<Extra[]> {
  if (typeof extra.value !== 'string' || !context.mayTry(base)) return [];
  const refused = await context.send(context.put(base, bodyPlace(extra.pointer), extra.value), as);
  const { text } = refused.answer;
  if (context.outcome(refused) !== 'invalid' || !text.includes(extra.name)) return [];
  const told = [...text.slice(0, ADVICE).matchAll(/['`“]([\w][\w -]{1,38}\w)['`”]|\\"([\w][\w -]{1,38}\w)\\"/g)];
  const values = new Set(told.map(([, one, other]) => one ?? other ?? ''));
  values.delete(extra.name);
  values.delete(extra.value);
  return [...values].slice(0, ADVISED).map((value) => ({ ...extra, value }));
}

const severityOf = ({ name, privileged }: Extra): Severity =>
  /(role|admin|staff|super|permission|scope|group|authorit)/.test(plain(name))
    ? 'critical'
    : privileged
      ? 'high'
      : isInternal(name)
        ? 'medium'
        : 'low';

interface Views {
  readonly exchange: Exchange;
  /** The object as it is shown afterwards. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What showed it: a read, or the answer itself. */
  readonly read: Sample | undefined;
  /** What the API says of the account that called, where the object is that account. */
  readonly self: Sample | undefined;
}

/** Sends a call, and looks at the object. */
async function trial(context: CheckContext, call: Call, as: Identity): Promise<Views | undefined> {
  const exchange = await context.send(call, as);
  if (context.outcome(exchange) !== 'success') return undefined;
  const read = await readOf(context, call, as);
  const shown = thingIn(read?.exchange.answer.json) ?? thingIn(exchange.answer.json);
  return shown && { exchange, shown, read, self: await selfOf(context, call, as) };
}

/** The read of the object that a call changed. */
async function readOf(context: CheckContext, call: Call, as: Identity): Promise<Sample | undefined> {
  const read = context.operations.find((one) => one.method === 'GET' && one.template === call.operation.template);
  if (read === undefined || call.operation.method === 'POST') return undefined;
  const known = context.samples(read)[0]?.call ?? { operation: read, values: new Map(), body: undefined };
  const values = new Map(known.values);
  for (const [name, value] of call.values) if (name.startsWith('path:')) values.set(name, value);
  const show = { ...known, values };
  const exchange = await context.send(show, as);
  return context.outcome(exchange) === 'success' ? { call: show, as, exchange } : undefined;
}

const SELF = /\/(me|myself|self|profile|account|whoami|userinfo|user|current-?user|users\/me)$/i;

/** What the API says of who calls, where a call changes that. */
async function selfOf(context: CheckContext, call: Call, as: Identity): Promise<Sample | undefined> {
  const { template } = call.operation;
  const own = [...call.values].some(([name, value]) => name.startsWith('path:') && as.own.has(String(value)));
  if (!own && !SELF.test(template)) return undefined;
  const me = context.operations.find(
    (one) =>
      one.method === 'GET' &&
      SELF.test(one.template) &&
      context.samples(one).some((sample) => sample.as?.name === as.name),
  );
  const sample = me && context.samples(me).find((one) => one.as?.name === as.name);
  if (sample === undefined) return undefined;
  const exchange = await context.send(sample.call, as);
  return context.outcome(exchange) === 'success' ? { call: sample.call, as, exchange } : undefined;
}

interface Result {
  readonly taken: readonly Extra[];
  readonly proof: Proof;
}

/** One try with some properties more. What was taken is put back. */
async function once(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  extras: readonly Extra[],
): Promise<Result | 'refused' | undefined> {
  if (extras.length === 0) return undefined;
  const base = await context.prepare(operation, as);
  if (base === undefined) return undefined;
  let call = base;
  for (const { pointer, value } of extras) call = context.put(call, bodyPlace(pointer), value);
  if (!context.mayTry(base)) return undefined;
  const creates = operation.method === 'POST';
  const before = creates ? await trial(context, base, as) : await viewsBefore(context, base, as);
  if (before === undefined) return undefined;
  const fresh = creates ? await context.prepare(operation, as) : base;
  if (fresh === undefined) return undefined;
  call = fresh;
  for (const { pointer, value } of extras) call = context.put(call, bodyPlace(pointer), value);
  const after = await trial(context, call, as);
  if (after === undefined) return 'refused';
  const taken = extras.filter((extra) => was(extra, before, after));
  if (taken.length > 0 && !creates) await putBack(context, base, as, before, taken);
  if (!creates && before.read !== undefined) await context.restore(before.read);
  const first = before.read?.exchange ?? before.exchange;
  const exchanges = [first, ...(before.self === undefined ? [] : [before.self.exchange]), after.exchange];
  if (after.read !== undefined) exchanges.push(after.read.exchange);
  if (after.self !== undefined) exchanges.push(after.self.exchange);
  return { taken, proof: { exchanges, marks: taken.map(({ name }) => name) } };
}

/** The object as it is before a change: without a read there is nothing to compare with. */
async function viewsBefore(context: CheckContext, call: Call, as: Identity): Promise<Views | undefined> {
  const read = await readOf(context, call, as);
  if (read === undefined) return await trial(context, call, as);
  const shown = thingIn(read.exchange.answer.json);
  return shown && { exchange: read.exchange, shown, read, self: await selfOf(context, call, as) };
}

/** Whether a property was set: it stands there now, and did not before. */
function was({ pointer, name, value }: Extra, before: Views, after: Views): boolean {
  const same = (one: unknown): boolean => JSON.stringify(one) === JSON.stringify(value);
  const shows = after.read !== undefined || after.exchange.answer.json !== undefined;
  if (shows && same(valueAt(after.shown, pointer)) && !same(valueAt(before.shown, pointer))) return true;
  if (before.self === undefined || after.self === undefined) return false;
  return hasRights(after.self, name) && !hasRights(before.self, name);
}

/** Whether an account's own view says that it is an administrator, by a property of the name or its kin. */
const hasRights = ({ exchange }: Sample, name: string): boolean =>
  leavesOf(exchange.answer.json).some(
    ({ word, value }) =>
      (word === plain(name) || (/^roles?$/.test(word) && /^roles?$/.test(plain(name)))) &&
      (value === 'admin' || value === true),
  );

/** The same properties once more, as they were; and what else the operation changed. */
async function putBack(
  context: CheckContext,
  base: Call,
  as: Identity,
  before: Views,
  taken: readonly Extra[],
): Promise<void> {
  let call = base;
  for (const { pointer, name } of taken) {
    const self = leavesOf(before.self?.exchange.answer.json).find(
      ({ word }) => word === plain(name) || (/^roles?$/.test(word) && /^roles?$/.test(plain(name))),
    );
    const shown = valueAt(before.shown, pointer);
    const old =
      shown !== undefined ? shown : typeof self?.value === 'string' && name === 'roles' ? [self.value] : self?.value;
    call = context.put(
      call,
      bodyPlace(pointer),
      old === undefined ? (name === 'role' || name === 'roles' ? null : false) : old,
    );
  }
  const back = await context.send(call, as);
  if (context.outcome(back) !== 'success') {
    context.skip(`${taken.map(({ name }) => name).join(', ')} could not be put back as it was`, base.operation);
  }
}
