import type { Row } from '../database.ts';
import { type Handlers, needRole, notFound, pick, Refusal, readPage } from '../market.ts';

const view = (user: Row): Row => ({
  ...pick(user, 'id', 'login', 'email', 'display_name', 'role', 'balance_cents'),
  active: user.active === 1,
});

export const admin: Handlers = {
  async adminListUsers({ weak, database }, ask) {
    const caller = ask.caller();
    // careless: nobody but administrators sees the link to it
    if (!weak('missing-role')) needRole(caller, 'admin');
    const { query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    const { page, per_page, offset } = readPage(weak, query);
    const rows = database.all('SELECT * FROM users ORDER BY id LIMIT ? OFFSET ?', per_page, offset);
    return { data: { items: rows.map(view), page, per_page, total: database.count('FROM users') } };
  },

  async adminChangeUser({ weak, database, sessions }, ask) {
    const caller = ask.caller();
    if (!weak('missing-role')) needRole(caller, 'admin');
    const { path, body } = await ask.input();
    if (caller.id === path.user_id) throw new Refusal('conflict', 'Ask another administrator.');
    if (database.get('SELECT id FROM users WHERE id = ?', path.user_id) === undefined) throw notFound();
    database.update('users', path.user_id, pick(body, 'role', 'active'));
    if (body.active === false) sessions.endAll(path.user_id ?? 0);
    const user = database.get('SELECT * FROM users WHERE id = ?', path.user_id);
    return { data: view(user ?? {}) };
  },
};
