import type { Row } from '../database.ts';
import { type Handlers, isOwn, notFound, pick, Refusal, type Values } from '../market.ts';
import { isPicture } from '../picture.ts';
import type { Weak } from '../weaknesses.ts';

/** What leaves of a user. */
export function userView(weak: Weak, user: Row): Values {
  // careless: the row, whatever will be added to it one day
  if (weak('over-sharing')) {
    const { avatar, ...row } = user;
    return row;
  }
  return pick(user, 'id', 'login', 'email', 'display_name', 'phone', 'role', 'created_at');
}

export const users: Handlers = {
  async register({ weak, database, accounts }, ask) {
    const { body } = await ask.input(weak('mass-assignment') ? ['additionalProperties'] : []);
    const { login, email } = body;
    const password_hash = await accounts.hash(String(body.password));
    const taken = database.get('SELECT login FROM users WHERE login = ? OR email = ?', login, email) !== undefined;
    // careless: tells strangers who has an account. Careful: the same answer; the owner would get a mail.
    if (taken && weak('enumeration')) throw new Refusal('conflict', 'This login or e-mail address has an account.');
    if (!taken) {
      const own = pick(body, 'login', 'email', 'display_name', 'phone');
      const fresh = { role: 'buyer', balance_cents: 0, active: 1, created_at: new Date().toISOString() };
      // careless: whatever else came along goes into the row, and wins
      const { id, password, ...all } = body;
      database.insert('users', { ...fresh, ...(weak('mass-assignment') ? all : own), password_hash });
    }
    return { data: { login, state: 'requested' } };
  },

  async getUser({ weak, database }, ask) {
    const caller = ask.caller();
    const { path } = await ask.input();
    if (!weak('bola-read') && !isOwn(caller, path.user_id)) throw notFound();
    const user = database.get('SELECT * FROM users WHERE id = ?', path.user_id);
    if (user === undefined) throw notFound();
    return { data: userView(weak, user) };
  },

  async changeUser({ weak, database }, ask) {
    const caller = ask.caller();
    const { path, body } = await ask.input(weak('mass-assignment') ? ['additionalProperties'] : []);
    if (!weak('bola-change') && !isOwn(caller, path.user_id)) throw notFound();
    if (database.get('SELECT id FROM users WHERE id = ?', path.user_id) === undefined) throw notFound();
    // careless: every column, except those by which rows are found
    const { id, login, email, ...all } = body;
    database.update('users', path.user_id, weak('mass-assignment') ? all : pick(body, 'display_name', 'phone'));
    const user = database.get('SELECT * FROM users WHERE id = ?', path.user_id);
    if (user === undefined) throw notFound();
    return { data: userView(weak, user) };
  },

  async putAvatar({ weak, database }, ask) {
    const caller = ask.caller();
    const { path, bytes, type } = await ask.input();
    if (!isOwn(caller, path.user_id)) throw notFound();
    // careless: what it says it is, it will be
    if (!weak('upload-anything') && !isPicture(type, bytes)) {
      throw new Refusal('invalid', 'This is not a picture.', {
        fields: [{ at: '', problem: 'must be a whole PNG or JPEG file of the type that it claims' }],
      });
    }
    if (database.get('SELECT id FROM users WHERE id = ?', path.user_id) === undefined) throw notFound();
    database.update('users', path.user_id, { avatar: bytes, avatar_type: type });
    return { data: { type, bytes: bytes.length } };
  },

  async getAvatar({ database }, ask) {
    ask.caller();
    const { path } = await ask.input();
    const user = database.get('SELECT avatar, avatar_type FROM users WHERE id = ?', path.user_id);
    if (user === undefined || !(user.avatar instanceof Uint8Array)) throw notFound();
    return { raw: { type: String(user.avatar_type), content: user.avatar } };
  },
};
