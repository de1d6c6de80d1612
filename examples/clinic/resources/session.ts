// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole, STAFF_ROLES } from '../caller.ts';
import { readBody, text } from '../checks.ts';
import type { Route } from '../clinic.ts';
import { LIFETIME } from '../tokens.ts';

/** Health, login, who am I, and the keys that tokens are checked with. */
export const session: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    handle: () => ({ status: 200, body: { status: 'up' } }),
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    handle: ({ tokens }) => ({ status: 200, body: tokens.keys() }),
  },
  {
    method: 'POST',
    path: '/login',
    handle: async ({ weak, accounts, tokens }, ask) => {
      const { username, password } = readBody(weak, await ask.json(), {
        username: { check: text(1, 60, /^[a-z][a-z0-9._-]*$/), required: true },
        password: { check: text(1, 128), required: true },
      });
      const account = await accounts.login(String(username), String(password));
      const accessToken = tokens.issue({
        sub: account.principal,
        roles: [account.role],
        ...(account.patientId === undefined ? {} : { patientId: account.patientId }),
        ...(account.staffId === undefined ? {} : { staffId: account.staffId }),
      });
      return { status: 200, body: { accessToken, tokenType: 'Bearer', expiresIn: LIFETIME, roles: [account.role] } };
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
