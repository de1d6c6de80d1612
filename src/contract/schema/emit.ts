import { emitApplicators } from './emit-applicators.ts';
import { emitArray } from './emit-arrays.ts';
import { emitObject } from './emit-objects.ts';
import { emitEnumeration, emitNumber, emitString, typeTest } from './emit-values.ts';
import type { Emitter, Site } from './emitter.ts';
import { FORMATS } from './formats/formats.ts';
import { ARRAY, FILE, INTEGER, NUMBER, OBJECT, STRING } from './node.ts';
import type { Watch } from './watch.ts';

/** Writes what a unit demands of a value: cheap checks first, so that costly ones see only what passed them. */
export function emit(emitter: Emitter, site: Site, watch: Watch): void {
  const { node, v, unit } = site;
  if (node.always === false) {
    emitter.line(emitter.fail(site, 'false schema', 'may not stand here'));
    return;
  }
  if (node.always === true) return;
  if (unit.root && !emitter.collecting && watch.always(unit)) emitter.line('c.walk = true;');
  const next = (one: Site): void => emit(emitter, one, watch);
  const rest = (): void => {
    emitEnumeration(emitter, site);
    const single = node.types !== 0 && !emitter.collecting;
    const bytes = node.types & FILE || (node.format !== undefined && FORMATS.get(node.format)?.bytes);
    const guard = (bits: number, test: string, body: () => void): void => {
      if (node.types !== 0 && (node.types & bits) === 0) return;
      if (single && (node.types & ~bits) === 0 && !bytes) body();
      else emitter.block(`if (${test})`, body);
    };
    guard(NUMBER | INTEGER, `typeof ${v} === "number"`, () => emitNumber(emitter, site));
    guard(STRING | FILE, `typeof ${v} === "string"`, () => emitString(emitter, site));
    guard(ARRAY, `Array.isArray(${v})`, () => emitArray(emitter, site, next));
    guard(OBJECT, isObject(v), () => emitObject(emitter, site, next, watch));
    emitApplicators(emitter, site, next, watch);
  };
  if (node.types === 0) {
    rest();
    return;
  }
  const test = typeTest(node, v);
  const failed = emitter.fail(site, 'type', `must be ${describeTypes(node.types)}`);
  if (!emitter.collecting) {
    emitter.line(`if (!(${test})) return false;`);
    rest();
    return;
  }
  emitter.line(`if (!(${test})) ${failed}`);
  emitter.block('else', rest);
}

export const isObject = (v: string): string => `typeof ${v} === "object" && ${v} !== null && !Array.isArray(${v})`;

const TYPE_NAMES: readonly (readonly [number, string])[] = [
  [128, 'a file'],
  [64, 'an object'],
  [32, 'an array'],
  [16, 'a string'],
  [8, 'a number'],
  [4, 'an integer'],
  [2, 'true or false'],
  [1, 'null'],
];

function describeTypes(types: number): string {
  const shown = types & NUMBER ? types & ~INTEGER : types;
  const names = TYPE_NAMES.filter(([bit]) => shown & bit).map(([, name]) => name);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
