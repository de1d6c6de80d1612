// A part of the clinic that is careless on purpose, built so that what it is careless with stays in here.
import { Problem } from '../clinic.ts';

/** Gets what an external entity stands for; '' where there is nothing. */
export type Fetch = (systemId: string) => Promise<string>;

const DECLARATION = /^\uFEFF?\s*<\?xml\s[^?]{0,200}\?>/;
const NAME = '[A-Za-z_][\\w.-]{0,60}';
const LITERAL = `"([^"]{0,2000})"|'([^']{0,2000})'`;
const ENTITY = new RegExp(`<!ENTITY\\s+(%\\s+)?(${NAME})\\s+(?:(SYSTEM)\\s+)?(?:${LITERAL})\\s*>|%(${NAME});`, 'g');
const DOCTYPE = new RegExp(
  `<!DOCTYPE\\s+${NAME}\\s*(?:SYSTEM\\s+(?:${LITERAL})\\s*)?(?:\\[([^\\]]{0,20000})\\]\\s*)?>`,
);
const CHILD = new RegExp(`<(${NAME})>([^<]*)</\\1\\s*>|\\s+|<!--(?:[^-]|-(?!-)){0,2000}-->`, 'y');
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MOST_ENTITIES = 50;
const DEEPEST = 16;
/** Where entities within entities end: the memory is that of the machine it runs on. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Reads XML of one shape: a root named `root`, and children that hold text.
 * @param fetch careless: documents may declare entities, and get what they name. Without it a DOCTYPE is refused.
 * @throws Problem 400
 */
export async function readXml(text: string, root: string, fetch?: Fetch): Promise<Record<string, string>> {
  let body = text.replace(DECLARATION, '').trim();
  const entities = new Map(Object.entries(PREDEFINED));
  if (/<!DOCTYPE/i.test(body)) {
    if (fetch === undefined) throw new Problem(400, 'Invalid request', 'A document type is not accepted.');
    const declared = DOCTYPE.exec(body);
    if (declared === null || declared.index !== 0) throw malformed();
    body = body.slice(declared[0].length).trim();
    const outer = declared[1] ?? declared[2];
    await declare(`${declared[3] ?? ''}${outer === undefined ? '' : await fetch(outer)}`, entities, fetch, 0);
  }
  const inner = new RegExp(`^<${root}>(.*)</${root}\\s*>$`, 's').exec(body)?.[1];
  if (inner === undefined) throw malformed();
  const values: Record<string, string> = Object.create(null);
  for (let at = 0; at < inner.length; at = CHILD.lastIndex) {
    CHILD.lastIndex = at;
    const found = CHILD.exec(inner);
    if (found === null) throw malformed();
    const [, name, content = ''] = found;
    if (name === undefined) continue;
    if (Object.hasOwn(values, name)) throw malformed();
    values[name] = expand(content, entities, 0).trim();
  }
  return values;
}

/** Reads declarations into `entities`; parameter entities are put in where they are named. */
async function declare(subset: string, entities: Map<string, string>, fetch: Fetch, depth: number): Promise<void> {
  if (depth > DEEPEST) throw malformed();
  for (const [, parameter, name = '', system, double, single, used] of subset.matchAll(ENTITY)) {
    if (entities.size > MOST_ENTITIES) throw malformed();
    if (used !== undefined) {
      await declare(entities.get(`%${used}`) ?? '', entities, fetch, depth + 1);
      continue;
    }
    const literal = double ?? single ?? '';
    const key = parameter === undefined ? name : `%${name}`;
    if (!entities.has(key)) entities.set(key, system === undefined ? expandNumbers(literal) : await fetch(literal));
  }
}

function expand(text: string, entities: ReadonlyMap<string, string>, depth: number): string {
  if (depth > DEEPEST) throw malformed();
  let length = 0;
  return expandNumbers(text).replace(new RegExp(`&(${NAME});`, 'g'), (_whole, name: string) => {
    const value = entities.get(name);
    if (value === undefined) throw malformed();
    const put = Object.hasOwn(PREDEFINED, name) ? value : expand(value, entities, depth + 1);
    length += put.length;
    if (length > LONGEST) throw new Problem(413, 'Too large', 'The document is too large.');
    return put;
  });
}

const expandNumbers = (text: string): string =>
  text.replace(/&#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}));/g, (_whole, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (code > 0x10ffff || code < 9) throw malformed();
    return String.fromCodePoint(code);
  });

const malformed = (): Problem => new Problem(400, 'Invalid request', 'The body is not the XML of a referral.');
