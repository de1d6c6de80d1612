import type { Row } from './database.ts';
import type { Weak } from './weaknesses.ts';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

const escaped = (text: unknown): string => String(text ?? '').replace(/[&<>"']/g, (sign) => ENTITIES.get(sign) ?? sign);

const money = (cents: unknown): string => (Number(cents) / 100).toFixed(2);

/** The invoice of an order as a page. */
export function invoicePage(weak: Weak, order: Row, buyer: string, reference: string): string {
  // careless: written into the page as it was stored, or as it came
  const stored = weak('stored-script') ? String : escaped;
  const sent = weak('reflected-script') ? String : escaped;
  const shipTo = Object(order.ship_to) as Row;
  const lines = (order.items as Row[]).map(
    ({ name, quantity, price_cents }) =>
      `<tr><td>${escaped(name)}</td><td>${escaped(quantity)}</td><td>${money(price_cents)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Invoice ${escaped(order.id)}</title></head>
<body>
<h1>Invoice ${escaped(order.id)}</h1>
<p>For ${stored(buyer)}</p>
<p>To ${stored(shipTo.name)}, ${stored(shipTo.street)}, ${escaped(shipTo.postcode)} ${stored(shipTo.city)}</p>
<p>Your reference: ${sent(reference)}</p>
<table>
<tr><th>Product</th><th>Quantity</th><th>Price</th></tr>
${lines.join('\n')}
</table>
<p>Total ${money(order.total_cents)}</p>
<p>${stored(order.note ?? '')}</p>
</body>
</html>
`;
}
