import { circular } from './components.ts';
import type { Unit } from './unit.ts';

/** Visits that deciding what to remember may cost; beyond, all that is shared is remembered. */
const MAX_WORK = 400_000;

/**
 * Units that a unit leads to, in slots: two units of one slot never look at the same value, those of two slots may.
 */
export function slots(unit: Unit): readonly (readonly Unit[])[] {
  return (unit.slots ??= slotsOf(unit));
}

function slotsOf({ parts }: Unit): readonly (readonly Unit[])[] {
  const found: (Unit | null | undefined)[][] = [[parts.ref], [parts.dynamicRef]];
  for (const one of parts.allOf) found.push([one]);
  for (const one of parts.anyOf ?? []) found.push([one]);
  for (const one of parts.oneOf ?? []) found.push([one]);
  found.push([parts.not], [parts.condition], [parts.consequence, parts.alternative]);
  for (const one of parts.dependentSchemas.values()) found.push([one]);
  found.push([...parts.cases.values(), parts.fallback]);
  found.push([...parts.properties.values(), parts.additional]);
  for (const one of parts.patterns) found.push([one]);
  found.push([...parts.prefix, parts.items], [parts.contains], [parts.unevaluatedItems], [parts.unevaluatedProperties]);
  found.push([parts.propertyNames]);
  return found.map((slot) => slot.filter((one) => one !== null && one !== undefined)).filter((slot) => slot.length > 0);
}

/** Units whose answer is asked for again after the validation: to know which branches apply. */
export function conditional(unit: Unit): Unit[] {
  const { parts } = unit;
  const found = [...(parts.anyOf ?? []), ...(parts.oneOf ?? []), parts.not, parts.condition, parts.contains];
  return found.filter((one) => one !== null && one !== undefined);
}

/**
 * Decides for the units of a batch: which are in circles (depth must be counted), which must be functions, and which
 * must remember their answers, because one value may reach them by several ways: without, the cost of a validation
 * would double with each level of nesting.
 */
export function analyse(units: readonly Unit[]): void {
  const next = new Map<Unit, Unit[]>();
  for (const unit of units) {
    const to = slots(unit).flat();
    next.set(unit, to);
    for (const one of to) one.callers++;
    for (const one of conditional(unit)) one.called = true;
    for (const one of unit.parts.cases.values()) if (one) one.called = true;
    if (unit.parts.fallback) unit.parts.fallback.called = true;
  }
  const done = new Set<Unit>();
  for (const unit of units)
    for (const circle of circular(unit, (each) => next.get(each) ?? [], done))
      for (const one of circle) one.cyclic = true;
  remember(units);
}

function remember(units: readonly Unit[]): void {
  let work = MAX_WORK;
  for (const unit of units) {
    const { node } = unit;
    // Branches are asked again when the value is walked, at each level: in a circle that would be quadratic in depth.
    for (const one of conditional(unit)) if (one.cyclic) one.memo = true;
    if (node.unevaluatedProperties ?? node.unevaluatedItems) for (const one of branchesOf(unit)) one.memo = true;
    const all = slots(unit);
    if (all.length < 2 || work < 0) continue;
    const reached = new Map<Unit, number>();
    for (const slot of all) {
      const seen = new Set(slot);
      for (const one of seen) {
        if (--work < 0) break;
        reached.set(one, (reached.get(one) ?? 0) + 1);
        for (const list of slots(one)) for (const each of list) seen.add(each);
      }
    }
    for (const [one, times] of reached) if (times > 1 && one.callers > 1) one.memo = true;
  }
  if (work < 0) for (const unit of units) if (unit.callers > 1) unit.memo = true;
}

/** Branches below a unit at the same value. */
function branchesOf(unit: Unit): Unit[] {
  const found: Unit[] = [];
  const seen = new Set<Unit>([unit]);
  for (const one of seen) {
    found.push(...conditional(one));
    const { parts } = one;
    const same = [parts.ref, parts.dynamicRef, ...parts.allOf, ...(parts.anyOf ?? []), ...(parts.oneOf ?? [])];
    same.push(parts.condition, parts.consequence, parts.alternative, ...parts.dependentSchemas.values());
    for (const each of same) if (each) seen.add(each);
  }
  return found;
}
