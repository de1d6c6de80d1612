import type { SchemaAt } from '../../contract/model.ts';
import { judgeOf } from '../generate/judge.ts';
import { validValue } from '../generate/valid.ts';
import type { ValuePlace } from '../model/call.ts';
import { plain } from './names.ts';
import { keywordOf } from './shapes.ts';

/** Names of values that APIs want only once: of accounts, and of things that people name. */
const UNIQUE =
  /^(user(name)?|login(name)?|e?mail(address)?|nick(name)?|handle|slug|sku|isbn|vin|iban|code|serial(number)?|nationalid|ssn|taxid|passport(number)?|registration(number)?|licen[cs]e(number|plate)?|plate|barcode|externalid|reference|ref|title|idempotencykey|requestid|correlationid|nonce|booktitle|displayname|accountname|groupname|teamname|projectname|rolename|tagname|key|number|phone(number)?|mobile(number)?|name|(\w{3,20})(title|slug|code|sku|number|username|email))$/;

/** Whether a value under this name had better be a new one each time. */
export function isUnique(word: string, schema: SchemaAt | undefined): boolean {
  if (!UNIQUE.test(plain(word))) return false;
  return keywordOf(schema, 'enum') === undefined && keywordOf(schema, 'const') === undefined;
}

/** A value unlike those before it, as the schema wants it; undefined where that is impossible. */
export function freshValue(
  place: Pick<ValuePlace, 'word' | 'schema'>,
  random: () => number,
): string | number | undefined {
  const { schema, word } = place;
  const judge = judgeOf(schema);
  const token = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  const number = 100_000_000 + Math.floor(random() * 800_000_000);
  const name = plain(word);
  const candidates: (string | number)[] = [];
  if (/^(id|uuid|guid)$/.test(name)) candidates.push(number);
  else if (/^(idempotencykey|requestid|correlationid|nonce)$/.test(name)) candidates.push(uuid(random));
  else if (/mail/.test(name)) candidates.push(`probe.${token}@example.com`);
  else if (/(phone|mobile)/.test(name))
    candidates.push(`+1202${String(number).slice(0, 7)}`, `+1 202 ${String(number).slice(0, 7)}`, String(number));
  else if (/(user|login|nick|handle)/.test(name))
    candidates.push(`probe${token}`, `probe${token}${String(number).slice(0, 4)}`);
  else if (/(title|name)$/.test(name))
    candidates.push(`Probe ${token}`, `probe${token}`, `Probe ${letters(random, 7)}`, `Probe${letters(random, 5)}`);
  const shown = likeExample(schema, random);
  if (shown !== undefined) {
    if (/(phone|mobile)/.test(name)) candidates.unshift(shown);
    else candidates.push(shown);
  }
  if (schema && judge.knows) {
    for (const one of candidates) if (judge.accepts(one)) return one;
    const made = validValue(schema, random, { word, examples: false });
    if (typeof made === 'string' || typeof made === 'number') return made;
    return undefined;
  }
  return candidates[0] ?? `probe${token}`;
}

/** Another text of the make of the contract's example: `6915656974` tells of numbers what the schema does not. */
function likeExample(schema: SchemaAt | undefined, random: () => number): string | undefined {
  const examples = keywordOf(schema, 'examples');
  const example = keywordOf(schema, 'example') ?? (Array.isArray(examples) ? examples[0] : undefined);
  if (typeof example !== 'string' || !/^(?=.*\d)[A-Za-z\d][A-Za-z\d ._/-]{3,39}$/.test(example)) return undefined;
  const other = (set: string): string => set[Math.floor(random() * set.length)]!;
  return example
    .replace(/(?<=.)\d/g, () => other('0123456789'))
    .replace(/(?<=.)[a-z]/g, () => other('abcdefghijklmnopqrstuvwxyz'))
    .replace(/(?<=.)[A-Z]/g, () => other('ABCDEFGHIJKLMNOPQRSTUVWXYZ'));
}

/** Version 4 (RFC 9562, section 5.4). */
const uuid = (random: () => number): string => {
  const hex = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
};

const letters = (random: () => number, count: number): string => {
  let text = '';
  for (let i = 0; i < count; i++) text += 'abcdefghijklmnopqrstuvwxyz'[Math.floor(random() * 26)];
  return text;
};
