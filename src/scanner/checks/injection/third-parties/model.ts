import type { Operation } from '../../../../contract/model.ts';
import { type Judge, judgeOf } from '../../../generate/judge.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import { labelOf, schemaField } from '../common/words.ts';

/** Objects of an answer that are looked at, and how deep they may stand. */
const OBJECTS = 300;
const DEPTH = 8;

/** What the contract says of a thing where a caller makes it: what a third party says of one must be no worse. */
export interface Model {
  /** Makes such a thing of what a caller sends. */
  readonly operation: Operation;
  /** The properties that are judged, each by itself. */
  readonly parts: readonly { readonly name: string; readonly place: ValuePlace; readonly judge: Judge }[];
}

/** A value that the contract refuses from callers. */
export interface Breach {
  readonly place: ValuePlace;
  readonly label: string;
  readonly value: unknown;
}

/** The operation that makes by hand what another one takes from elsewhere: a POST to a path that its own begins with. */
export function modelOf(context: CheckContext, operation: Operation): Model | undefined {
  const { register, login } = context.known;
  const near = context.operations
    .filter((one) => one !== operation && one.method === 'POST' && one.body !== undefined)
    .filter((one) => !register.includes(one) && !login.includes(one) && !one.template.endsWith('}'))
    .filter(({ template }) => operation.template === template || operation.template.startsWith(`${template}/`))
    .sort((one, other) => other.template.length - one.template.length);
  for (const one of near) {
    const sample = context.samples(one)[0];
    if (!sample || !/json/.test(sample.call.body?.type ?? '')) continue;
    const parts = context
      .places(sample.call)
      .filter(({ in: where, name, schema }) => where === 'body' && name.lastIndexOf('/') === 0 && schema !== undefined)
      .map((place) => ({ name: place.word, place, judge: judgeOf(place.schema) }))
      .filter(({ judge }) => judge.knows);
    if (parts.length >= 2) return { operation: one, parts };
  }
  return undefined;
}

/** Objects of an answer that are such things: with every property that is demanded, and two at least. */
export function thingsIn(json: unknown, { parts }: Model): Record<string, unknown>[] {
  const things: Record<string, unknown>[] = [];
  const stack: { readonly value: unknown; readonly depth: number }[] = [{ value: json, depth: 0 }];
  for (let looked = 0; looked < OBJECTS && stack.length > 0; looked++) {
    const { value, depth } = stack.pop()!;
    if (typeof value !== 'object' || value === null || depth > DEPTH) continue;
    const demanded = parts.filter(({ place }) => place.required);
    const there = parts.filter(({ name }) => Object.hasOwn(value, name));
    if (!Array.isArray(value) && there.length >= 2 && demanded.every((part) => there.includes(part)))
      things.push(value as Record<string, unknown>);
    for (const inner of Object.values(value).slice(0, OBJECTS).reverse())
      stack.push({ value: inner, depth: depth + 1 });
  }
  return things;
}

/** What of a thing the contract refuses; null may stand for what is not there. */
export function breachesOf(thing: Record<string, unknown>, { parts }: Model): Breach[] {
  return parts.flatMap(({ name, place, judge }) => {
    const value = Object.hasOwn(thing, name) ? thing[name] : undefined;
    if (value === undefined || value === null || judge.accepts(value)) return [];
    return [{ place, label: labelOf(place), value }];
  });
}

/** A thing that breaks the contract wherever it can be broken without harm, with a marker in its texts. */
export function brokenThing({ parts }: Model, call: Call): Record<string, unknown> {
  const given = call.body?.value;
  const thing: Record<string, unknown> = { ...Object(given) };
  for (const { name, place, judge } of parts) {
    const value = thing[name];
    const least = schemaField(place, 'minimum');
    const candidates: unknown[] =
      typeof value === 'number'
        ? [typeof least === 'number' ? least - 403 : -403, 0.25]
        : typeof value === 'string'
          ? ['MARKER <b>', `MARKER ${'x'.repeat(400)}`]
          : [];
    const broken = candidates.find((one) => !judge.accepts(one));
    if (broken !== undefined) thing[name] = broken;
    else if (typeof value === 'string' && judge.accepts('MARKER')) thing[name] = 'MARKER';
  }
  return thing;
}
