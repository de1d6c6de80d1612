import type { ClaimPath, Mapping } from './settings.ts';

type Claims = Readonly<Record<string, unknown>>;

const MAX_LIST = 200;
const MAX_TEXT = 256;

/**
 * The roles or scopes of a token, as they are called here. What stands in several claims is taken together; what the
 * map does not name is dropped, so that a new group at the issuer is nobody's role by accident.
 * @param separated whether one text holds several, separated by spaces (scopes: RFC 8693, section 4.2)
 */
export function mapped(claims: Claims, mapping: Mapping, separated: boolean): readonly string[] {
  const found = new Set<string>();
  if (typeof mapping === 'string' || Array.isArray(mapping)) {
    for (const one of textsOf(valueAt(claims, mapping), separated)) found.add(one);
  } else {
    const { from, map, others } = mapping as Exclude<Mapping, ClaimPath>;
    const keep = others === undefined ? Object.keys(map).length === 0 : others === 'keep';
    for (const path of typeof from === 'string' ? [from] : from) {
      for (const one of textsOf(valueAt(claims, path), separated)) {
        const here = Object.hasOwn(map, one) ? map[one] : undefined;
        if (typeof here === 'string') found.add(here);
        else if (here !== undefined) for (const name of here) found.add(name);
        else if (keep) found.add(one);
      }
    }
  }
  return Object.freeze([...found].slice(0, MAX_LIST));
}

/** The value at a path. A text is first taken as the whole name, since names may hold dots (`https://a.example/roles`). */
export function valueAt(claims: Claims, path: ClaimPath): unknown {
  if (typeof path === 'string') {
    if (Object.hasOwn(claims, path)) return claims[path];
    return path.includes('.') ? valueAt(claims, path.split('.')) : undefined;
  }
  let value: unknown = claims;
  for (const name of path) value = ownValue(value, name);
  return value;
}

/** A member of the object itself, never of what it inherits from. */
export function ownValue(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** A list of texts, or one text. */
function textsOf(value: unknown, separated: boolean): string[] {
  const list = typeof value === 'string' ? (separated ? value.split(' ') : [value]) : Array.isArray(value) ? value : [];
  return list
    .slice(0, 10 * MAX_LIST)
    .filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= MAX_TEXT);
}
