import { demandItem } from './emit-arrays.ts';
import { plural } from './emit-values.ts';
import { type Emitter, quote, type Site } from './emitter.ts';
import { members, names, unevaluatedProperties } from './members.ts';
import { OBJECT } from './node.ts';
import type { Unit } from './unit.ts';
import type { Watch } from './watch.ts';

/** Names compared one by one at most; more are looked up in a set. */
const MAX_COMPARED = 5;

export function emitObject(emitter: Emitter, site: Site, write: (site: Site) => void, watch: Watch): void {
  const { node, v, unit } = site;
  const { parts } = unit;
  const watched = unit.root && !emitter.collecting ? watch.properties(unit) : undefined;
  const closed = parts.additional?.node.always === false && node.patterns.length === 0;
  // Properties are counted, not compared: where more are there than were met, some are not named.
  const counts = (closed && !emitter.collecting) || (watched?.own ?? false);
  const counter = counts ? emitter.variable() : '';
  if (counts) emitter.line(`let ${counter} = 0;`);
  emitCounts(emitter, site);
  const required = new Set(node.required.filter((name) => !unit.excused.has(name)));
  for (const [name, child] of parts.properties) {
    const value = emitter.variable();
    const missing = required.delete(name);
    const trivial = child.node.always === true;
    const access = emitter.property(v, name);
    const failed = missing ? emitter.fail(site, 'required', 'is required', emitter.pointer(site, { name })) : '';
    if (trivial && !counts) {
      if (missing) emitter.line(`if (${access} === undefined) ${failed}`);
      continue;
    }
    emitter.line(`const ${value} = ${access};`);
    if (missing) emitter.line(`if (${value} === undefined) ${failed}`);
    emitter.block(missing ? 'else' : `if (${value} !== undefined)`, () => {
      if (counts) emitter.line(`${counter}++;`);
      let p = '""';
      if (emitter.collecting) {
        p = `${value}p`;
        emitter.line(`const ${p} = ${emitter.pointer(site, { name })};`);
      }
      emitter.demand(emitter.below(site, child, value, p), write);
    });
  }
  for (const name of required)
    emitter.line(
      `if (${emitter.property(v, name)} === undefined) ${emitter.fail(site, 'required', 'is required', emitter.pointer(site, { name }))}`,
    );
  emitDependencies(emitter, site, write);
  emitOthers(emitter, site, write, closed && counts);
  if (!counts) {
    if (watched) emitWatch(emitter, site, watched.known);
    return;
  }
  const key = emitter.variable();
  emitter.line(`for (const ${key} in ${v}) ${counter}--;`);
  emitter.line(`if (${counter} !== 0) ${closed ? 'return false;' : 'c.walk = true;'}`);
}

function emitCounts(emitter: Emitter, site: Site): void {
  const { node, v } = site;
  if (!node.minProperties && node.maxProperties === undefined) return;
  const count = emitter.variable();
  emitter.line(`const ${count} = Object.keys(${v}).length;`);
  if (node.minProperties) {
    const failed = emitter.fail(site, 'minProperties', `must have at least ${plural(node.minProperties, 'property')}`);
    emitter.line(`if (${count} < ${node.minProperties}) ${failed}`);
  }
  if (node.maxProperties !== undefined) {
    const failed = emitter.fail(site, 'maxProperties', `must have at most ${plural(node.maxProperties, 'property')}`);
    emitter.line(`if (${count} > ${node.maxProperties}) ${failed}`);
  }
}

function emitDependencies(emitter: Emitter, site: Site, write: (site: Site) => void): void {
  const { node, v, unit } = site;
  for (const [name, needed] of node.dependentRequired) {
    emitter.block(`if (${emitter.property(v, name)} !== undefined)`, () => {
      for (const other of needed) {
        if (unit.excused.has(other)) continue;
        const detail = 'is required beside another property';
        const failed = emitter.fail(site, 'dependentRequired', detail, emitter.pointer(site, { name: other }));
        emitter.line(`if (${emitter.property(v, other)} === undefined) ${failed}`);
      }
    });
  }
  for (const [name, one] of unit.parts.dependentSchemas) {
    if (!one) continue;
    emitter.block(`if (${emitter.property(v, name)} !== undefined)`, () =>
      emitter.demand(emitter.beside(site, one), write),
    );
  }
}

/** Properties by pattern, and the others. */
function emitOthers(emitter: Emitter, site: Site, write: (site: Site) => void, counted: boolean): void {
  const { node, v, unit } = site;
  const { parts } = unit;
  const additional = counted || parts.additional?.node.always === true ? undefined : parts.additional;
  const patterns = node.patterns.map(({ pattern }, i) => ({ pattern, unit: parts.patterns[i]! }));
  const byName = parts.propertyNames && parts.propertyNames.node.always !== true ? parts.propertyNames : undefined;
  const matched = additional !== undefined && patterns.length > 0;
  if (!additional && !byName && patterns.every((one) => one.unit.node.always === true)) return;
  const key = emitter.variable();
  emitter.block(`for (const ${key} in ${v})`, () => {
    if (emitter.collecting) emitter.line('if (c.full) return;');
    const pointer = emitter.pointer(site, { variable: key });
    if (byName) {
      const test = emitter.test(emitter.below(site, byName, key, '""'));
      emitter.line(`if (!${test}) ${emitter.fail(site, 'propertyNames', 'has a name that is not allowed', pointer)}`);
    }
    const known = emitter.variable();
    if (matched) emitter.line(`let ${known} = ${isKnown(emitter, [...node.properties.keys()], key)};`);
    for (const one of patterns) {
      if (!matched && one.unit.node.always === true) continue;
      emitter.block(`if (${emitter.constant(one.pattern)}.test(${key}))`, () => {
        if (matched) emitter.line(`${known} = true;`);
        demandItem(emitter, site, one.unit, emitter.variable(), `${v}[${key}]`, pointer, write);
      });
    }
    if (!additional) return;
    const unknown = matched ? `!${known}` : `!(${isKnown(emitter, [...node.properties.keys()], key)})`;
    emitter.block(`if (${unknown})`, () => {
      if (additional.node.always === false)
        emitter.line(emitter.fail(site, 'additionalProperties', 'is not foreseen', pointer));
      else demandItem(emitter, site, additional, emitter.variable(), `${v}[${key}]`, pointer, write);
    });
  });
}

function isKnown(emitter: Emitter, known: readonly string[], key: string): string {
  if (known.length === 0) return 'false';
  if (known.length > MAX_COMPARED) return `${emitter.constant(new Set(known))}.has(${key})`;
  return known.map((name) => `${key} === ${quote(name)}`).join(' || ');
}

/** Marks the value to be walked where it has a property that its schemas do not surely name. */
function emitWatch(emitter: Emitter, site: Site, known: (name: string) => boolean): void {
  const key = emitter.variable();
  emitter.line(
    `if (!c.walk) for (const ${key} in ${site.v}) if (!${emitter.constant(known)}(${key})) { c.walk = true; break; }`,
  );
}

/** The last demand on an object: what nothing else has evaluated. */
export function emitUnevaluatedProperties(emitter: Emitter, site: Site, write: (site: Site) => void): void {
  const { v, unit } = site;
  const other = unit.parts.unevaluatedProperties;
  if (!other || other.node.always === true) return;
  const { sure, maybe } = members(unit, OBJECT, false);
  if (sure.some((one) => one.node.additional || (one !== unit && one.node.unevaluatedProperties))) return;
  const key = emitter.variable();
  const pointer = emitter.pointer(site, { variable: key });
  const judge = (): void => {
    if (other.node.always === false)
      emitter.line(emitter.fail(site, 'unevaluatedProperties', 'is not foreseen', pointer));
    else demandItem(emitter, site, other, emitter.variable(), `${v}[${key}]`, pointer, write);
  };
  if (maybe.length === 0) {
    const known = new Set(sure.flatMap((one) => [...one.node.properties.keys()]));
    const patterned = sure.some((one) => one.node.patterns.length > 0);
    const test = patterned
      ? `${emitter.constant((name: string) => sure.some((one) => names(one.node, name)))}(${key})`
      : isKnown(emitter, [...known], key);
    emitter.block(`for (const ${key} in ${v})`, () => emitter.block(`if (!(${test}))`, judge));
    return;
  }
  const left = emitter.constant((object: object, run: never, depth: number) =>
    unevaluatedProperties(unit as Unit, object, run, depth),
  );
  emitter.block(`for (const ${key} of ${left}(${v}, c, ${emitter.depth(site)}))`, judge);
}
