import { type Handlers, notFound, pick, readPage } from '../market.ts';

export const messages: Handlers = {
  async listMessages({ weak, database }, ask) {
    const caller = ask.caller();
    const { query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    const { page, per_page, offset } = readPage(weak, query);
    const column = query.box === 'sent' ? 'from_user_id' : 'to_user_id';
    // careless: the box is chosen, whose box it is was forgotten
    const from = weak('bola-list') ? 'FROM messages WHERE ? IS NOT NULL' : `FROM messages WHERE ${column} = ?`;
    const rows = database.all(`SELECT * ${from} ORDER BY id LIMIT ? OFFSET ?`, caller.id, per_page, offset);
    return { data: { items: rows, page, per_page, total: database.count(from, caller.id) } };
  },

  async sendMessage({ database }, ask) {
    const caller = ask.caller();
    const { body } = await ask.input();
    if (database.get('SELECT id FROM users WHERE id = ? AND active = 1', body.to_user_id) === undefined)
      throw notFound();
    const id = database.insert('messages', {
      from_user_id: caller.id,
      ...pick(body, 'to_user_id', 'subject', 'text'),
      sent_at: new Date().toISOString(),
    });
    return { data: database.get('SELECT * FROM messages WHERE id = ?', id) };
  },
};
