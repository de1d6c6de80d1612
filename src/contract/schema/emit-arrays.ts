import { plural } from './emit-values.ts';
import type { Emitter, Site } from './emitter.ts';
import { unevaluatedItems } from './members.ts';
import type { Unit } from './unit.ts';

export function emitArray(emitter: Emitter, site: Site, write: (site: Site) => void): void {
  const { node, v, unit } = site;
  const { parts } = unit;
  if (node.minItems)
    emitter.line(
      `if (${v}.length < ${node.minItems}) ${emitter.fail(site, 'minItems', `must have at least ${plural(node.minItems, 'item')}`)}`,
    );
  if (node.maxItems !== undefined) {
    const failed = emitter.fail(site, 'maxItems', `must have at most ${plural(node.maxItems, 'item')}`);
    emitter.line(`if (${v}.length > ${node.maxItems}) ${failed}`);
  }
  parts.prefix.forEach((one, i) => {
    emitter.block(`if (${v}.length > ${i})`, () => {
      const item = emitter.variable();
      demandItem(emitter, site, one, item, `${v}[${i}]`, emitter.pointer(site, { name: String(i) }), write);
    });
  });
  const from = parts.prefix.length;
  if (parts.items) emitItems(emitter, site, parts.items, from, write);
  if (node.unique)
    emitter.line(`if (!c.unique(${v})) ${emitter.fail(site, 'uniqueItems', 'must not have equal items')}`);
  if (parts.contains) emitContains(emitter, site, parts.contains);
}

function emitItems(emitter: Emitter, site: Site, unit: Unit, from: number, write: (site: Site) => void): void {
  const { v } = site;
  if (unit.node.always === true) return;
  if (unit.node.always === false) {
    const detail = from === 0 ? 'must be empty' : `must have at most ${plural(from, 'item')}`;
    emitter.line(`if (${v}.length > ${from}) ${emitter.fail(site, 'items', detail)}`);
    return;
  }
  const i = emitter.variable();
  emitter.block(`for (let ${i} = ${from}; ${i} < ${v}.length; ${i}++)`, () => {
    if (emitter.collecting) emitter.line('if (c.full) return;');
    const pointer = emitter.pointer(site, { variable: `String(${i})` });
    demandItem(emitter, site, unit, emitter.variable(), `${v}[${i}]`, pointer, write);
  });
}

/** Demands a unit of an item or property that is put into a variable first; its pointer too, where it is needed. */
export function demandItem(
  emitter: Emitter,
  site: Site,
  unit: Unit,
  variable: string,
  value: string,
  pointer: string,
  write: (site: Site) => void,
): void {
  if (unit.node.always === true) return;
  emitter.line(`const ${variable} = ${value};`);
  let p = pointer;
  if (emitter.collecting) {
    p = `${variable}p`;
    emitter.line(`const ${p} = ${pointer};`);
  }
  emitter.demand(emitter.below(site, unit, variable, p), write);
}

function emitContains(emitter: Emitter, site: Site, unit: Unit): void {
  const { node, v } = site;
  const { minContains, maxContains } = node;
  if (minContains === 0 && maxContains === undefined) return;
  const count = emitter.variable();
  const i = emitter.variable();
  const item = emitter.variable();
  emitter.line(`let ${count} = 0;`);
  const enough = maxContains === undefined ? minContains : maxContains + 1;
  emitter.block(`for (let ${i} = 0; ${i} < ${v}.length && ${count} < ${enough}; ${i}++)`, () => {
    emitter.line(`const ${item} = ${v}[${i}];`);
    emitter.line(`if (${emitter.test(emitter.below(site, unit, item, '""'))}) ${count}++;`);
  });
  if (minContains > 0) {
    const failed = emitter.fail(site, 'contains', `must contain at least ${minContains} of the items asked for`);
    emitter.line(`if (${count} < ${minContains}) ${failed}`);
  }
  if (maxContains !== undefined) {
    const failed = emitter.fail(site, 'maxContains', `must contain at most ${maxContains} of the items asked for`);
    emitter.line(`if (${count} > ${maxContains}) ${failed}`);
  }
}

/** The last demand on an array: what nothing else has evaluated. */
export function emitUnevaluatedItems(emitter: Emitter, site: Site, write: (site: Site) => void): void {
  const { v, unit } = site;
  const other = unit.parts.unevaluatedItems;
  if (!other || other.node.always === true) return;
  const left = emitter.constant((items: readonly unknown[], run: never, depth: number) =>
    unevaluatedItems(unit, items, run, depth),
  );
  const i = emitter.variable();
  emitter.block(`for (const ${i} of ${left}(${v}, c, ${emitter.depth(site)}))`, () => {
    const pointer = emitter.pointer(site, { variable: `String(${i})` });
    if (other.node.always === false) emitter.line(emitter.fail(site, 'unevaluatedItems', 'is not foreseen', pointer));
    else demandItem(emitter, site, other, emitter.variable(), `${v}[${i}]`, pointer, write);
  });
}
