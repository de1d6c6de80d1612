import { Verbatim } from '../model/call.ts';

/** Containers within each other at most; deeper ones are written as null. */
const MAX_DEPTH = 2_000;

/**
 * Writes a value as JSON (RFC 8259). `Verbatim` anywhere within stands as it is, so that numbers and texts can be spelled
 * as no serializer would; bigints are written whole; what JSON has no word for is null, or left out of objects.
 */
export function writeJson(value: unknown): string {
  return containsSpecial(value, 0) ? special(value, 0) : (JSON.stringify(value) ?? 'null');
}

function containsSpecial(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH || value instanceof Verbatim || value instanceof Uint8Array) return true;
  for (const each of Object.values(value)) if (containsSpecial(each, depth + 1)) return true;
  return false;
}

function special(value: unknown, depth: number): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (value instanceof Verbatim) return value.text;
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (depth > MAX_DEPTH) return 'null';
  if (Array.isArray(value)) return `[${value.map((each) => special(each, depth + 1)).join(',')}]`;
  const members: string[] = [];
  for (const [name, each] of Object.entries(value))
    if (each !== undefined) members.push(`${JSON.stringify(name)}:${special(each, depth + 1)}`);
  return `{${members.join(',')}}`;
}
