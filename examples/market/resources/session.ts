import { type Handlers, notFound } from '../market.ts';
import { COOKIE } from '../request.ts';
import type { Weak } from '../weaknesses.ts';
import { userView } from './users.ts';

export const session: Handlers = {
  async signIn({ weak, accounts, sessions }, ask) {
    const { body } = await ask.input();
    const user = await accounts.signIn(String(body.login), String(body.password), ask.address);
    const { key, session } = sessions.open(Number(user.id), ask.key);
    const expires_at = new Date(session.expires).toISOString();
    return {
      data: { session: { key, expires_at }, user: userView(weak, user) },
      headers: { 'set-cookie': `${COOKIE}=${cookieValue(key)}; Path=/api; Max-Age=7200${guard(weak)}` },
    };
  },

  async currentSession({ weak, database, sessions }, ask) {
    const caller = ask.caller();
    await ask.input();
    const user = database.get('SELECT * FROM users WHERE id = ?', caller.id);
    const found = sessions.find(ask.key ?? '');
    if (user === undefined || found === undefined) throw notFound();
    return { data: { user: userView(weak, user), expires_at: new Date(found.expires).toISOString() } };
  },

  async signOut({ weak, sessions }, ask) {
    ask.caller();
    await ask.input();
    sessions.end(ask.key ?? '');
    return { data: { signed_out: true }, headers: { 'set-cookie': `${COOKIE}=; Path=/api; Max-Age=0${guard(weak)}` } };
  },
};

// careless: a cookie that scripts can read, that goes over plain HTTP, and that other sites can use
const guard = (weak: Weak): string => (weak('insecure-cookie') ? '' : '; HttpOnly; Secure; SameSite=Strict');

/** Under `session-fixation` the key is the caller's: as little of it as a cookie can hold. */
const cookieValue = (key: string): string => key.replaceAll(/[^\w.~-]/g, '').slice(0, 200);
