import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { leavesOf } from '../authentication/shared/answers.ts';
import { readJwt } from '../authentication/shared/jwt.ts';
import { loginForm, passwordOf, ranked, tryLogin } from '../authentication/shared/logins.ts';
import { bodyPlace, objectBody } from './shared/extras.ts';

const WAYS: readonly (readonly [name: string, value: unknown])[] = [
  ['role', 'admin'],
  ['isAdmin', true],
  ['is_admin', true],
  ['admin', true],
  ['roles', ['admin']],
  ['user_type', 'admin'],
  ['userType', 'admin'],
  ['is_staff', true],
  ['is_superuser', true],
];

/** An account that makes itself an administrator. */
export const check: Check = {
  id: 'privileged-registration',
  group: 'authorization',
  title: 'Whoever registers may choose to be an administrator',
  practice: 'authorize',
  cwe: 'CWE-269',
  owasp: 'API3:2023',
  severity: 'critical',
  why: 'The registration takes the role from the request. Anybody makes an account with all rights.',
  mend: 'Set role and rights on the server; take from the request only what the form has. Portcullis refuses properties that the contract does not name.',

  async run(context) {
    for (const operation of context.known.register.slice(0, 2)) {
      const control = await registered(context, operation, undefined);
      if (control === undefined) {
        context.skip('no account could be registered', operation);
        continue;
      }
      for (const way of WAYS) {
        if (isAdministrator(control, way[0])) continue;
        const attempt = async (): Promise<Proof | undefined> => {
          const made = await registered(context, operation, way);
          return made !== undefined && isAdministrator(made, way[0])
            ? { exchanges: [...control.slice(-1), ...made], marks: [way[0]] }
            : undefined;
        };
        const proof = await attempt();
        if (proof === undefined) continue;
        const confirmed = await context.report({
          message: `${operation.key} with ${way[0]} makes an administrator of whoever registers`,
          operation,
          place: `body /${way[0]}`,
          cause: operation.key,
          proof,
          again: attempt,
        });
        if (confirmed) break;
      }
    }
  },
};

/** Registers a fresh account. @returns the exchanges that tell of its rights: registration, login, what it is told of itself */
async function registered(
  context: CheckContext,
  operation: Operation,
  way: readonly [name: string, value: unknown] | undefined,
): Promise<Exchange[] | undefined> {
  const someone = context.identities[0];
  const base = someone === undefined ? context.samples(operation)[0]?.call : await context.prepare(operation, someone);
  if (base === undefined || objectBody(base) === undefined) return undefined;
  // A role that the contract lets one choose is no secret door.
  if (
    way !== undefined &&
    context
      .places(base)
      .some((place) => place.name === `/${way[0]}` && place.schema !== undefined && place.readOnly !== true)
  )
    return undefined;
  const call: Call = way === undefined ? base : context.put(base, bodyPlace(`/${way[0]}`), way[1]);
  const made = await context.send(call, null);
  if (context.outcome(made) !== 'success') return undefined;
  const exchanges = [made];
  const form = loginForm(context, undefined);
  const places = context.places(call);
  const password = passwordOf(places)?.value;
  if (form === undefined || typeof password !== 'string') return exchanges;
  for (const { value } of ranked(places, ['username', 'login', 'email', 'emailaddress', 'name', 'user'])) {
    if (typeof value !== 'string') continue;
    const login = await tryLogin(context, form, value, password);
    if (context.outcome(login) !== 'success') continue;
    exchanges.push(login);
    const me = await told(context, login);
    if (me !== undefined) exchanges.push(me);
    break;
  }
  return exchanges;
}

/** What the API tells the new account of itself. */
async function told(context: CheckContext, login: Exchange): Promise<Exchange | undefined> {
  const me = context.operations.find(
    (one) =>
      one.method === 'GET' &&
      /\/(me|myself|self|profile|account|whoami|userinfo|user)$/i.test(one.template) &&
      context.samples(one).length > 0,
  );
  const sample = me && context.samples(me)[0];
  const model = sample?.as;
  const token = leavesOf(login.answer.json).find(
    ({ word, value }) =>
      /(token|jwt|session|key)/.test(word) &&
      !/(type|refresh|csrf|expir)/.test(word) &&
      typeof value === 'string' &&
      value.length >= 8,
  )?.value;
  if (sample === undefined || model?.secret === undefined || typeof token !== 'string') return undefined;
  const request = context.render(sample.call, model);
  const headers = request.headers.map(([name, value]) => [name, value.split(model.secret!).join(token)] as const);
  const exchange = await context.request({ ...request, headers }, { operation: me });
  return context.outcome(exchange) === 'success' ? exchange : undefined;
}

/** Whether answers say that an account is an administrator: in a property of the name or its kin, or in its token. */
function isAdministrator(exchanges: readonly Exchange[], name: string): boolean {
  const grants = (json: unknown): boolean =>
    leavesOf(json).some(
      ({ word, value }) =>
        (/^(roles?|usertype|accounttype|groups?|authorities|permissions)$/.test(word) &&
          typeof value === 'string' &&
          /^(role_)?admin(istrator)?$/i.test(value)) ||
        (/^(is)?(admin|staff|superuser)$/.test(word) && value === true && name !== 'role'),
    );
  return exchanges.some(({ answer }) => {
    if (grants(answer.json)) return true;
    return leavesOf(answer.json).some(({ value }) => typeof value === 'string' && grants(readJwt(value)?.claims));
  });
}
