import type { Database, Row } from '../database.ts';
import { type Handlers, isOwn, notFound, pick, readPage } from '../market.ts';
import type { Weak } from '../weaknesses.ts';
import { needProduct } from './products.ts';

const SELECT = `SELECT reviews.*, users.display_name AS author_name, users.email AS author_email,
  users.tax_number AS author_tax_number FROM reviews JOIN users ON users.id = author_id`;

// careless: the whole row, with what the page does not show
const view = (weak: Weak, review: Row): Row =>
  weak('over-sharing') ? review : pick(review, 'id', 'product_id', 'author_name', 'rating', 'text', 'written_at');

function needReview(database: Database, productId: unknown, id: unknown): Row {
  const review = database.get(`${SELECT} WHERE reviews.id = ? AND product_id = ?`, id, productId);
  if (review === undefined) throw notFound();
  return review;
}

export const reviews: Handlers = {
  async listReviews({ weak, database }, ask) {
    const { path, query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    needProduct(database, path.shop_id, path.product_id);
    const { page, per_page, offset } = readPage(weak, query);
    const rows = database.all(
      `${SELECT} WHERE product_id = ? ORDER BY reviews.id LIMIT ? OFFSET ?`,
      path.product_id,
      per_page,
      offset,
    );
    const total = database.count('FROM reviews WHERE product_id = ?', path.product_id);
    return { data: { items: rows.map((row) => view(weak, row)), page, per_page, total } };
  },

  async writeReview({ weak, database }, ask) {
    const caller = ask.caller();
    const { path, body } = await ask.input();
    needProduct(database, path.shop_id, path.product_id);
    const id = database.insert('reviews', {
      product_id: path.product_id,
      author_id: caller.id,
      ...pick(body, 'rating', 'text'),
      written_at: new Date().toISOString(),
    });
    return { data: view(weak, needReview(database, path.product_id, id)) };
  },

  async removeReview({ weak, database }, ask) {
    const caller = ask.caller();
    const { path } = await ask.input();
    needProduct(database, path.shop_id, path.product_id);
    const review = needReview(database, path.product_id, path.review_id);
    // careless: the page shows the button to the author only, and that is all there is
    if (!weak('bola-delete') && !isOwn(caller, review.author_id)) throw notFound();
    database.remove('reviews', review.id);
    return { data: { id: review.id } };
  },
};
