import { OptionError } from '../options/as.ts';
import type { CallerPolicy } from './policy.ts';

/** A claim that a person gives: `patient:patientId=17`. */
export interface ClaimHint {
  readonly role: string;
  readonly name: string;
  readonly value: unknown;
}

/** Hints taken at most. */
const MOST = 200;

/**
 * Reads `--claim ROLE:NAME=VALUE`. A second one of the same role and name is for the second identity of the role. A
 * value is a number, true, false, or a JSON list or text where it is written as one; else the text itself.
 * @throws OptionError
 */
export function readClaims(texts: readonly string[], roles: readonly string[]): readonly ClaimHint[] {
  if (texts.length > MOST) throw new OptionError(`more than ${MOST} --claim`);
  return texts.map((text) => {
    // A role may hold colons itself (`urn:x:nurse`): the longest known one that fits is meant.
    const role = roles
      .filter((one) => text.startsWith(`${one}:`))
      .reduce<string | undefined>(
        (best, one) => (best === undefined || one.length > best.length ? one : best),
        undefined,
      );
    const rest = role === undefined ? '' : text.slice(role.length + 1);
    const equals = rest.indexOf('=');
    if (role === undefined)
      throw new OptionError(
        `--claim ${text.slice(0, 80)}: expected ROLE:NAME=VALUE, such as patient:patientId=17, with one of the roles ${roles.join(', ') || '(none are configured)'}`,
      );
    if (equals < 1) throw new OptionError(`--claim ${text.slice(0, 80)}: expected NAME=VALUE after the role`);
    return { role, name: rest.slice(0, equals), value: claimValue(rest.slice(equals + 1)) };
  });
}

function claimValue(text: string): unknown {
  if (!/^(?:-?\d|true$|false$|["[])/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/** The claims of one identity, and those of them that nobody gave. */
export interface Claims {
  readonly claims: Readonly<Record<string, unknown>>;
  /** `patientId=2`: taken from the contract, so that nothing of that id may be there. */
  readonly guessed: readonly string[];
  /** Claims that a rule compares with, and for which no value is known. */
  readonly missing: readonly string[];
}

/**
 * The claims of the n-th identity of a role (from 0): as given, else what the contract tells of those that its owner
 * rules ask for.
 */
export function claimsFor(
  { bound, claims }: Pick<CallerPolicy, 'bound' | 'claims'>,
  role: string | undefined,
  index: number,
  hints: readonly ClaimHint[],
): Claims {
  const found: Record<string, unknown> = Object.create(null);
  const guessed: string[] = [];
  const missing: string[] = [];
  const given = new Map<string, unknown[]>();
  for (const hint of hints) {
    if (hint.role !== role) continue;
    const list = given.get(hint.name);
    if (list === undefined) given.set(hint.name, [hint.value]);
    else list.push(hint.value);
  }
  for (const [name, values] of given) {
    const demand = claims.get(name);
    put(found, demand?.steps ?? [name], values[Math.min(index, values.length - 1)]);
  }
  for (const equals of bound.get(role) ?? []) {
    const demand = claims.get(equals);
    if (demand === undefined || given.has(equals)) continue;
    const value = demand.values[index];
    if (value === undefined) missing.push(equals);
    else {
      put(found, demand.steps, value);
      guessed.push(`${equals}=${value}`);
    }
  }
  return { claims: found, guessed, missing };
}

/** Puts a value where the steps of a claim lead; what stands in the way gives way. */
function put(into: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  let at = into;
  for (const step of steps.slice(0, -1)) {
    const next = at[step];
    const inner: Record<string, unknown> =
      typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : Object.create(null);
    at[step] = inner;
    at = inner;
  }
  const last = steps.at(-1);
  if (last !== undefined) at[last] = value;
}
