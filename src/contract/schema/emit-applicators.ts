import { isObject } from './emit.ts';
import { emitUnevaluatedItems } from './emit-arrays.ts';
import { emitUnevaluatedProperties } from './emit-objects.ts';
import { type Emitter, quote, type Site } from './emitter.ts';
import { admits } from './members.ts';
import { ARRAY, INTEGER, NUMBER, OBJECT, STRING } from './node.ts';
import type { Unit } from './unit.ts';
import type { Watch } from './watch.ts';

/** Schemas that look at the same value; at the end, what they left unevaluated. */
export function emitApplicators(emitter: Emitter, site: Site, write: (site: Site) => void, watch: Watch): void {
  const { unit, node, v } = site;
  const { parts } = unit;
  const errors = emitter.collecting && (node.unevaluatedProperties || node.unevaluatedItems) ? emitter.variable() : '';
  if (errors) emitter.line(`const ${errors} = c.violations.length;`);
  for (const one of [parts.ref, parts.dynamicRef, ...parts.allOf])
    if (one) emitter.demand(emitter.beside(site, one), write);
  const chosen = emitter.collecting && node.choice ? emitter.variable() : '';
  if (chosen) emitter.line(`const ${chosen} = c.violations.length;`);
  emitChoice(emitter, site, write);
  const branches = (): void => {
    if (parts.anyOf) emitAnyOf(emitter, site, parts.anyOf, write);
    if (parts.oneOf) emitOneOf(emitter, site, parts.oneOf, write);
  };
  // What is wrong by the schema that the discriminator names says more than that no branch holds.
  if (chosen) emitter.block(`if (c.violations.length === ${chosen})`, branches);
  else branches();
  if (parts.not !== undefined) {
    // A schema that excludes itself is refused at load; deeper in a circle it is taken to hold.
    const test = parts.not ? emitter.test(emitter.beside(site, parts.not)) : 'false';
    emitter.line(`if (${test}) ${emitter.fail(site, 'not', 'is what the contract excludes')}`);
  }
  if (parts.condition && (parts.consequence || parts.alternative)) {
    const test = emitter.variable();
    emitter.line(`const ${test} = ${emitter.test(emitter.beside(site, parts.condition))};`);
    if (parts.consequence)
      emitter.block(`if (${test})`, () => emitter.demand(emitter.beside(site, parts.consequence!), write));
    if (parts.alternative)
      emitter.block(`if (!${test})`, () => emitter.demand(emitter.beside(site, parts.alternative!), write));
  }
  if (unit.root && !emitter.collecting) for (const line of watch.kinds(unit, v)) emitter.line(line);
  const clean = errors ? ` && c.violations.length === ${errors}` : '';
  if (node.unevaluatedItems && takes(node.types, ARRAY))
    emitter.block(`if (Array.isArray(${v})${clean})`, () => emitUnevaluatedItems(emitter, site, write));
  if (node.unevaluatedProperties && takes(node.types, OBJECT))
    emitter.block(`if (${isObject(v)}${clean})`, () => emitUnevaluatedProperties(emitter, site, write));
}

const takes = (types: number, bit: number): boolean => types === 0 || (types & bit) !== 0;

function tests(emitter: Emitter, site: Site, branches: readonly (Unit | null)[]): string[] {
  return branches.map((one) => (one ? emitter.test(emitter.beside(site, one)) : 'true'));
}

function emitAnyOf(
  emitter: Emitter,
  site: Site,
  branches: readonly (Unit | null)[],
  write: (site: Site) => void,
): void {
  const all = tests(emitter, site, branches);
  const test = all.join(' || ');
  if (emitter.collecting) emitter.block(`if (!(${test}))`, () => emitNone(emitter, site, branches, 'anyOf', write));
  else emitter.line(`if (!(${test})) return false;`);
}

function emitOneOf(
  emitter: Emitter,
  site: Site,
  branches: readonly (Unit | null)[],
  write: (site: Site) => void,
): void {
  const count = emitter.variable();
  emitter.line(`let ${count} = 0;`);
  tests(emitter, site, branches).forEach((test, i) => {
    emitter.line(i < 2 ? `if (${test}) ${count}++;` : `if (${count} < 2 && ${test}) ${count}++;`);
  });
  if (!emitter.collecting) {
    emitter.line(`if (${count} !== 1) return false;`);
    return;
  }
  emitter.line(`if (${count} > 1) ${emitter.fail(site, 'oneOf', 'matches more than one of the alternatives')}`);
  emitter.block(`if (${count} === 0)`, () => emitNone(emitter, site, branches, 'oneOf', write));
}

/** No branch holds: where only one takes values of this type, what is wrong by that one; else that none holds. */
function emitNone(
  emitter: Emitter,
  site: Site,
  branches: readonly (Unit | null)[],
  keyword: string,
  write: (site: Site) => void,
): void {
  const { v } = site;
  const plain = emitter.fail(site, keyword, `matches none of the ${branches.length} alternatives`);
  const kinds: [number, string][] = [
    [OBJECT, isObject(v)],
    [ARRAY, `Array.isArray(${v})`],
    [STRING, `typeof ${v} === "string"`],
    [NUMBER | INTEGER, `typeof ${v} === "number"`],
  ];
  const before = emitter.variable();
  emitter.line(`const ${before} = c.violations.length;`);
  for (const [bits, test] of kinds) {
    const fit = branches.filter((one) => one && (admits(one) & bits) !== 0);
    if (fit.length === 1) emitter.block(`if (${test})`, () => emitter.demand(emitter.beside(site, fit[0]!), write));
  }
  emitter.line(`if (c.violations.length === ${before}) ${plain}`);
}

function emitChoice(emitter: Emitter, site: Site, write: (site: Site) => void): void {
  const { node, v, unit } = site;
  const { choice } = node;
  if (!choice) return;
  emitter.block(`if (${isObject(v)})`, () => {
    const named = emitter.variable();
    emitter.line(`const ${named} = ${emitter.property(v, choice.property)};`);
    emitter.block(`switch (${named})`, () => {
      for (const [name, one] of unit.parts.cases) {
        emitter.line(`case ${quote(name)}: {`);
        if (one) emitter.demand(emitter.beside(site, one), write);
        emitter.line('break; }');
      }
      emitter.line('default: {');
      const pointer = emitter.pointer(site, { name: choice.property });
      const { fallback } = unit.parts;
      if (fallback) emitter.demand(emitter.beside(site, fallback), write);
      else if (choice.strict)
        emitter.line(
          `if (typeof ${named} === "string") ${emitter.fail(site, 'discriminator', 'names none of the alternatives', pointer)}`,
        );
      emitter.line('}');
    });
  });
}
