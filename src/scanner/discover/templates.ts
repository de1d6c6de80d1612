import { kindOf, singular, wordsOf } from '../state/names.ts';
import { type Ids, isIdentifier, parameterName, schemaOfIds } from './ids.ts';
import type { Sighting } from './sighting.ts';

/** A path with its parameters, and all that was seen there. */
export interface Route {
  /** `/orders/{orderId}` */
  readonly template: string;
  readonly parameters: readonly { readonly name: string; readonly schema: object }[];
  readonly sightings: readonly Sighting[];
}

interface Step {
  readonly text: string;
  readonly parameter: { readonly name: string; readonly schema: object } | undefined;
}

/** Routes of one API at most. */
const MOST = 2_000;
export const isParameter = (segment: string): boolean => /^\{.*\}$|^[:<]/.test(segment);

/**
 * Finds the templates behind paths. A segment is a parameter where it can only be an identifier, where an answer gave it
 * as one, where the answer holds it, or where several stand in the same place and are answered alike.
 */
export function routesOf(sightings: readonly Sighting[], ids: Ids): readonly Route[] {
  const routes: Route[] = [];
  const walk = (group: readonly Sighting[], index: number, steps: readonly Step[]): void => {
    const here = group.filter(({ path }) => path.length === index);
    if (here.length > 0 && routes.length < MOST) routes.push(route(steps, here));
    const below = group.filter(({ path }) => path.length > index);
    const bySegment = new Map<string, Sighting[]>();
    for (const one of below) {
      const segment = one.path[index] as string;
      const known = bySegment.get(segment);
      if (known) known.push(one);
      else bySegment.set(segment, [one]);
    }
    const parent = steps.findLast(({ parameter }) => parameter === undefined)?.text ?? '';
    const after = steps.at(-1)?.parameter === undefined ? parent : '';
    const parameters = parametersIn(bySegment, index, after, ids);
    const merged: Sighting[] = [];
    for (const [segment, inner] of bySegment) {
      if (parameters.has(segment)) merged.push(...inner);
      else walk(inner, index + 1, [...steps, { text: segment, parameter: undefined }]);
    }
    if (merged.length === 0) return;
    const values = [...parameters].filter((segment) => !isParameter(segment));
    const taken = new Set(steps.flatMap(({ parameter }) => (parameter ? [parameter.name] : [])));
    const told = [...parameters]
      .map((segment) => /^[{:<]([A-Za-z_]\w{0,60})[}>]?$/.exec(segment)?.[1])
      .find((name) => name !== undefined && !taken.has(name));
    const properties = new Set(values.map((value) => ids.property(after, value)));
    const property = properties.size === 1 ? [...properties][0] : undefined;
    const name = told ?? parameterName(after, property, taken);
    walk(merged, index + 1, [...steps, { text: `{${name}}`, parameter: { name, schema: schemaOfIds(values) } }]);
  };
  walk(sightings, 0, []);
  return routes;
}

function route(steps: readonly Step[], sightings: readonly Sighting[]): Route {
  return {
    template: `/${steps.map(({ text, parameter }) => (parameter ? text : text.replace(/[{}?#]/g, ''))).join('/')}`,
    parameters: steps.flatMap(({ parameter }) => (parameter ? [parameter] : [])),
    sightings,
  };
}

function parametersIn(
  bySegment: ReadonlyMap<string, readonly Sighting[]>,
  index: number,
  parent: string,
  ids: Ids,
): ReadonlySet<string> {
  const found = new Set<string>();
  const shapes = new Map<string, string[]>();
  const plural = parent !== '' && kindOf(parent) !== wordsOf(parent).join('');
  for (const [segment, group] of bySegment) {
    if (isParameter(segment) || isIdentifier(segment) || ids.property(parent, segment) !== undefined) {
      found.add(segment);
      continue;
    }
    if (!plural) continue;
    for (const { path, method, answer } of group) {
      if (path.length !== index + 1 || method !== 'GET' || answer === undefined || answer.status >= 300) continue;
      if (holds(answer.json, segment, 0)) found.add(segment);
      const shape = shapeOf(answer.json);
      if (shape === undefined) continue;
      const alike = shapes.get(shape);
      if (alike) alike.push(segment);
      else shapes.set(shape, [segment]);
    }
  }
  for (const alike of shapes.values()) if (new Set(alike).size >= 2) for (const segment of alike) found.add(segment);
  return found;
}

/** Whether an object, or what it wraps, has a value that is the segment: `{username: "alice"}` at `/users/alice`. */
function holds(json: unknown, segment: string, depth: number): boolean {
  if (depth > 1 || typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  return Object.values(json)
    .slice(0, 100)
    .some((value) => value === segment || holds(value, segment, depth + 1));
}

/** Names of an object's properties, where it is one thing and no list of them. */
function shapeOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const entries = Object.entries(json);
  if (
    entries.length < 4 ||
    entries.some(([, value]) => Array.isArray(value) && value.some((one) => typeof one === 'object'))
  )
    return undefined;
  return entries
    .map(([name]) => name)
    .sort()
    .join('\n');
}

/** `Orders` and `orderItems` for tags and ids: the last word that is no parameter. */
export const thingOf = (template: string): string => {
  const last = template.split('/').findLast((segment) => segment !== '' && !segment.startsWith('{')) ?? '';
  return wordsOf(last).map(singular).join('-');
};
