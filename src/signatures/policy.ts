import { type Component, identityOf, parseComponent } from './component.ts';
import type { Presented } from './presented.ts';

/** Times of a signature, in seconds. */
export interface Freshness {
  /** From `created` on. */
  readonly maxAge: number;
  /** How far the clocks may differ. */
  readonly skew: number;
}

/** What covers another component with it: the whole of which it is a part. */
const WHOLES: Readonly<Record<string, readonly string[]>> = {
  '@authority': ['@target-uri'],
  '@scheme': ['@target-uri'],
  '@path': ['@target-uri', '@request-target'],
  '@query': ['@target-uri', '@request-target'],
};

/**
 * The components of a requirement that a signature does not cover. A field counts as covered in its plain form and in its
 * strict one (`sf`), not where only a member of it is.
 */
export function uncovered(presented: Pick<Presented, 'components'>, required: readonly Component[]): Component[] {
  const covered = new Set(presented.components.map(identityOf));
  return required.filter((component) => {
    if (covered.has(identityOf(component))) return false;
    const { name, parameters } = component;
    const end = parameters.has('req') ? ';req' : '';
    const others = [...(WHOLES[name] ?? []).map((whole) => `"${whole}"${end}`)];
    if (!name.startsWith('@') && !parameters.has('key')) {
      others.push(`"${name}"${end}`, `"${name}"${end};sf`);
    }
    return !others.some((id) => covered.has(id));
  });
}

/** Why a signature is not good at this time, in words for its signer; undefined where it is. */
export function staleness({ parameters }: Presented, now: number, { maxAge, skew }: Freshness): string | undefined {
  const { created, expires } = parameters;
  if (created === undefined) return 'created is missing';
  const seconds = now / 1000;
  if (created > seconds + skew) return 'created lies in the future';
  if (seconds >= created + maxAge + skew) return 'created is too long ago';
  if (expires === undefined) return undefined;
  if (expires <= created) return 'expires is not after created';
  return seconds >= expires + skew ? 'the signature has expired' : undefined;
}

/** Components from their names. @throws SignatureError */
export const parseComponents = (names: readonly string[]): Component[] => names.map(parseComponent);

/** The same for names that stand in the code. */
export const components = (...names: readonly string[]): readonly Component[] => parseComponents(names);
