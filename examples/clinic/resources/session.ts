// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { bearerOf, needRole, STAFF_ROLES } from '../caller.ts';
import { integer, readBody, text } from '../checks.ts';
import type { Route } from '../clinic.ts';
import { LIFETIME } from '../tokens.ts';

/** Health, login and logout, who am I, and the keys that tokens are checked with. */
export const session: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    open: true,
    handle: () => ({ status: 200, body: { status: 'up' } }),
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    open: true,
    handle: ({ tokens }) => ({ status: 200, body: tokens.keys() }),
  },
  {
    method: 'POST',
    path: '/login',
    open: true,
    handle: async ({ weak, accounts, tokens }, ask) => {
      const {
        username,
        password,
        lifetimeSeconds = LIFETIME,
      } = readBody(weak, await ask.json(), {
        username: { check: text(1, 60, /^[a-z][a-z0-9._-]*$/), required: true },
        password: { check: text(1, 128), required: true },
        lifetimeSeconds: { check: integer(1, LIFETIME) },
      });
      const account = await accounts.login(String(username), String(password), ask.address);
      const claims = {
        sub: account.principal,
        roles: [account.role],
        ...(account.patientId === undefined ? {} : { patientId: account.patientId }),
        ...(account.staffId === undefined ? {} : { staffId: account.staffId }),
      };
      const expiresIn = Math.min(LIFETIME, Math.max(1, Math.trunc(Number(lifetimeSeconds)) || LIFETIME));
      const accessToken = tokens.issue(claims, expiresIn);
      return { status: 200, body: { accessToken, tokenType: 'Bearer', expiresIn, roles: [account.role] } };
    },
  },
  {
    method: 'POST',
    path: '/logout',
    produces: '',
    handle: ({ weak, tokens }, ask) => {
      needRole(ask.caller(), 'patient', ...STAFF_ROLES);
      const token = bearerOf(ask.headers);
      // careless: the app throws its copy away, and that must do
      if (!weak('logout-nothing') && token !== undefined) tokens.revoke(token);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/me',
    handle: ({ weak, database }, ask) => {
      const caller = ask.caller();
      if (caller.principal !== 'guest') needRole(caller, 'patient', ...STAFF_ROLES);
      const row =
        caller.patientId !== undefined
          ? database.get('SELECT * FROM patients WHERE id = ?', caller.patientId)
          : caller.staffId !== undefined
            ? database.get('SELECT * FROM staff WHERE id = ?', caller.staffId)
            : undefined;
      const view = {
        principal: caller.principal,
        roles: caller.roles,
        ...(row === undefined ? {} : { name: row.name }),
        ...(caller.patientId === undefined ? {} : { patientId: caller.patientId }),
        ...(caller.staffId === undefined ? {} : { staffId: caller.staffId }),
      };
      // careless: the whole row, password hash and all
      if (weak('over-sharing')) return { status: 200, body: { ...view, account: row } };
      return { status: 200, body: view };
    },
  },
];
