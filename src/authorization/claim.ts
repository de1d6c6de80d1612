import type { Principal } from '../gateway/principal.ts';
import { parsePointer } from '../shared/json-pointer.ts';

/**
 * The one form in which ids are compared: text as it is (no case folding, no Unicode normal form), a safe integer as
 * its decimal digits. So 17 equals "17", and "017", "17.0" and " 17" equal neither. Everything else - null, booleans,
 * fractions, integers beyond 2^53 (several ids round to one of them), the empty string, containers - is no id: it
 * equals nothing, not even itself.
 */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** What a caller owns: one id, several (a claim that is an array), or nothing. */
export type Owned = string | ReadonlySet<string> | undefined;

export const owns = (owned: Owned, value: unknown): boolean => {
  if (owned === undefined) return false;
  const id = idOf(value);
  if (id === undefined) return false;
  return typeof owned === 'string' ? owned === id : owned.has(id);
};

/** Steps of a claim as written in a rule; undefined for `id`, the principal's own. */
export function claimSteps(text: string): readonly string[] | undefined {
  if (text === 'id') return undefined;
  if (text.startsWith('/')) return parsePointer(text) ?? [text];
  // `https://example.com/patient` and `urn:x:y` are one name each; dots are steps only in names without a colon.
  return text.includes(':') ? [text] : text.split('.');
}

/** Compiles what a rule's `equals` names. A claim that is missing, or no id, is nothing owned. */
export function compileClaim(text: string): (principal: Principal) => Owned {
  const steps = claimSteps(text);
  if (steps === undefined) return (principal) => idOf(principal.id);
  return (principal) => {
    let value: unknown = principal.claims;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
        return undefined;
      value = (value as Record<string, unknown>)[step];
    }
    if (!Array.isArray(value)) return idOf(value);
    const ids = new Set<string>();
    for (const item of value) {
      const id = idOf(item);
      if (id !== undefined) ids.add(id);
    }
    return ids;
  };
}
