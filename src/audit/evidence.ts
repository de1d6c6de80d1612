import { mask, namesSecret, SUSPECT } from './mask.ts';
import { capped, quote, UNSAFE } from './text.ts';

const DEPTH = 4;
const MEMBERS = 32;
const STRING = 512;
const CHARACTERS = 8192;

/** What is left for one piece of evidence. */
interface Budget {
  characters: number;
}

/**
 * Evidence as JSON: bounded in depth, members and size, secrets masked. Takes anything (cycles, bigints, buffers,
 * throwing getters) and never throws.
 */
export function evidenceJson(value: unknown): string {
  return write(value, DEPTH, { characters: CHARACTERS });
}

/** Free text from outside as JSON string: capped before it is masked, so that masking costs no more than the cap. */
export const freeText = (text: string, cap: number): string =>
  text.length <= cap && !REMARKABLE.test(text) ? `"${text}"` : quote(mask(capped(text, cap)), cap + 64);

/** What is neither escaped nor could be a credential passes with one look. */
const REMARKABLE = new RegExp(`${UNSAFE.source}|%|${SUSPECT.source}`, 'i');

function write(value: unknown, depth: number, budget: Budget): string {
  let text: string;
  switch (typeof value) {
    case 'string':
      text = freeText(value, STRING);
      break;
    case 'number':
      text = Number.isFinite(value) ? String(value) : `"${value}"`;
      break;
    case 'boolean':
      text = String(value);
      break;
    case 'bigint':
      text = quote(String(value), STRING);
      break;
    case 'object':
      return value === null ? 'null' : writeObject(value, depth, budget);
    default:
      text = 'null';
  }
  budget.characters -= text.length;
  return budget.characters < 0 ? '"…"' : text;
}

function writeObject(value: object, depth: number, budget: Budget): string {
  if (depth === 0 || budget.characters < 0) return '"…"';
  try {
    if (ArrayBuffer.isView(value)) return `"[${value.byteLength} bytes]"`;
    if (value instanceof Date)
      return write(Number.isNaN(value.getTime()) ? 'no date' : value.toISOString(), depth, budget);
    if (value instanceof Error) return write(`${value.name}: ${value.message}`, depth, budget);
    if (value instanceof Set || value instanceof Map)
      return write([...value.entries()].slice(0, MEMBERS + 1), depth, budget);
    if (Array.isArray(value)) {
      const items = value.slice(0, MEMBERS).map((item) => write(item, depth - 1, budget));
      if (value.length > MEMBERS) items.push(`"… ${value.length - MEMBERS} more"`);
      return `[${items.join(',')}]`;
    }
    const parts: string[] = [];
    let seen = 0;
    for (const name of Object.keys(value)) {
      if (++seen > MEMBERS || budget.characters < 0) {
        parts.push('"…":true');
        break;
      }
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) continue;
      budget.characters -= name.length + 4;
      const secret = namesSecret(name) && member !== null && typeof member !== 'boolean' && typeof member !== 'number';
      parts.push(`${freeText(name, 64)}:${secret ? '"[masked]"' : write(member, depth - 1, budget)}`);
    }
    return `{${parts.join(',')}}`;
  } catch {
    return '"[unreadable]"';
  }
}
