import type { Documents } from '../../contract/model.ts';
import { ANY, ARRAY, FILE, INTEGER, type Node, NULL, NUMBER, OBJECT, STRING } from '../../contract/schema/node.ts';
import { bitsOf } from '../../contract/schema/read-values.ts';
import type { Pattern } from '../../shared/regex/pattern.ts';
import { ready, settled } from './nodes.ts';

/** Picks one of several branches of a schema: an index below `count`. */
export type Choose = (count: number) => number;

/** What several schemas that hold for one value demand of it together, with one branch taken of each choice. */
export interface Facets {
  /** Every schema that has a say, in the order met. */
  readonly members: readonly Node[];
  /** Bits of the types allowed. */
  types: number;
  /** Whether a schema names types; else they are guessed from its words. */
  stated: boolean;
  enumeration: readonly unknown[] | undefined;
  low: number;
  lowOpen: boolean;
  high: number;
  highOpen: boolean;
  readonly steps: number[];
  minLength: number;
  maxLength: number;
  readonly patterns: Pattern[];
  readonly formats: string[];
  minItems: number;
  maxItems: number;
  unique: boolean;
  readonly contains: Node[];
  readonly required: Set<string>;
  minProperties: number;
  maxProperties: number;
  readonly propertyNames: Node[];
  /** Values that a discriminator fixes, by the property's name. */
  readonly fixed: Map<string, string>;
  /** Whether a choice, a negation or a condition was met: what comes out must be judged. */
  uncertain: boolean;
}

/** Schemas that may hold for one value at most: composition can be circular and huge. */
const MAX_MEMBERS = 400;

/**
 * Brings schemas together. `choose` decides between branches: 0 is the first that can be, those to avoid and those that
 * are only null come last.
 */
export function facetsOf(
  nodes: readonly Node[],
  documents: Documents,
  choose: Choose,
  avoid: (node: Node) => boolean = () => false,
): Facets {
  const facets: Facets = {
    members: [],
    types: ANY,
    stated: false,
    enumeration: undefined,
    low: Number.NEGATIVE_INFINITY,
    lowOpen: false,
    high: Number.POSITIVE_INFINITY,
    highOpen: false,
    steps: [],
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    patterns: [],
    formats: [],
    minItems: 0,
    maxItems: Number.POSITIVE_INFINITY,
    unique: false,
    contains: [],
    required: new Set(),
    minProperties: 0,
    maxProperties: Number.POSITIVE_INFINITY,
    propertyNames: [],
    fixed: new Map(),
    uncertain: false,
  };
  const gathering = new Gathering(facets, documents, choose, avoid);
  for (const node of nodes) gathering.add(node);
  gathering.decide();
  if (!facets.stated) facets.types = guessed(facets.members);
  return facets;
}

class Gathering {
  readonly facets: Facets;
  readonly documents: Documents;
  readonly choose: Choose;
  readonly avoid: (node: Node) => boolean;
  readonly #seen = new Set<Node>();
  /** Choices are taken after everything sure is known: it rules branches out. */
  readonly #open: Node[] = [];

  constructor(facets: Facets, documents: Documents, choose: Choose, avoid: (node: Node) => boolean) {
    this.avoid = avoid;
    this.facets = facets;
    this.documents = documents;
    this.choose = choose;
  }

  add(given: Node): void {
    const { facets } = this;
    const node = ready(given, this.documents);
    if (this.#seen.has(node) || this.#seen.size >= MAX_MEMBERS) return;
    this.#seen.add(node);
    (facets.members as Node[]).push(node);
    if (node.always === false) facets.types = 0;
    own(facets, node);
    if (node.ref) this.add(node.ref);
    if (node.dynamicRef) this.add(node.dynamicRef.target);
    for (const one of node.allOf) this.add(one);
    if (node.anyOf || node.oneOf || node.condition || node.choice) this.#open.push(node);
    if (node.not) facets.uncertain = true;
    for (const [name, one] of node.dependentSchemas) {
      facets.uncertain = true;
      if (facets.required.has(name)) this.add(one);
    }
  }

  decide(): void {
    for (let node = this.#open.shift(); node !== undefined; node = this.#open.shift()) {
      this.facets.uncertain = true;
      const named = node.choice && this.#discriminate(node);
      if (node.oneOf) this.#branch(node.oneOf, named);
      if (node.anyOf) this.#branch(node.anyOf, named);
      if (node.condition) {
        const yes = this.choose(2) === 0;
        const branches = yes ? [node.condition, node.consequence] : [node.alternative];
        for (const one of branches) if (one) this.add(one);
      }
    }
  }

  /** Fixes the discriminating property, and adds the schema that its value names. */
  #discriminate({ choice, spot }: Node): Node | undefined {
    if (!choice || choice.cases.size === 0) return undefined;
    const cases = [...choice.cases].map(([name, node]) => ({ name, node: settled(node, this.documents) }));
    // A subtype was asked for: its name. Names that the contract maps itself go before those of the schemas.
    const here = cases.filter(({ node }) => this.#seen.has(node));
    const raw = spot.raw as { discriminator?: { mapping?: object } };
    const mapped = new Set(Object.keys(raw.discriminator?.mapping ?? {}));
    const listed = mapped.size > 0 ? cases.filter(({ name }) => mapped.has(name)) : [];
    const from = here.length > 0 ? here.slice(-1) : listed.length > 0 ? listed : cases;
    const chosen = from[Math.min(from.length - 1, this.choose(from.length))];
    if (!chosen) return undefined;
    this.facets.fixed.set(choice.property, chosen.name);
    this.add(chosen.node);
    return chosen.node;
  }

  #branch(branches: readonly Node[], named: Node | undefined): void {
    const ends = branches.map((one) => ({ one, end: settled(one, this.documents) }));
    const chosen = named && ends.find(({ end }) => end === named);
    if (chosen) {
      this.add(chosen.one);
      return;
    }
    const { facets } = this;
    const able = ends.filter(({ end }) => {
      if (end.always === false) return false;
      return !facets.stated || end.types === 0 || (end.types & facets.types) !== 0;
    });
    // "Or null" is no reason to send null; to go round in a circle is worse.
    const rank = ({ end }: { end: Node }): number => (this.avoid(end) ? 2 : isNull(end) ? 1 : 0);
    const list = able.sort((a, b) => rank(a) - rank(b));
    const one = list[Math.min(list.length - 1, this.choose(list.length))];
    if (one) this.add(one.one);
    else facets.types = 0;
  }
}

const isNull = ({ types, enumeration }: Node): boolean =>
  types === NULL || (enumeration?.length === 1 && enumeration[0] === null);

/** What one schema says by itself. */
function own(facets: Facets, node: Node): void {
  if (node.types !== 0) {
    facets.types &= node.types;
    facets.stated = true;
  }
  if (node.enumeration) {
    const before = facets.enumeration;
    const values = new Set(node.enumeration.map((value) => JSON.stringify(value)));
    facets.enumeration = before ? before.filter((value) => values.has(JSON.stringify(value))) : node.enumeration;
  }
  bounds(facets, node);
  if (node.multipleOf !== undefined) facets.steps.push(node.multipleOf);
  facets.minLength = Math.max(facets.minLength, node.minLength ?? 0);
  facets.maxLength = Math.min(facets.maxLength, node.maxLength ?? Number.POSITIVE_INFINITY);
  if (node.pattern) facets.patterns.push(node.pattern);
  if (node.format !== undefined) facets.formats.push(node.format);
  facets.minItems = Math.max(facets.minItems, node.minItems ?? 0);
  facets.maxItems = Math.min(facets.maxItems, node.maxItems ?? Number.POSITIVE_INFINITY);
  facets.unique ||= node.unique;
  if (node.contains) {
    facets.contains.push(node.contains);
    facets.uncertain = true;
  }
  for (const name of node.required) facets.required.add(name);
  facets.minProperties = Math.max(facets.minProperties, node.minProperties ?? 0);
  facets.maxProperties = Math.min(facets.maxProperties, node.maxProperties ?? Number.POSITIVE_INFINITY);
  if (node.propertyNames) facets.propertyNames.push(node.propertyNames);
}

function bounds(facets: Facets, node: Node): void {
  const lower = (value: number | undefined, open: boolean): void => {
    if (value === undefined || value < facets.low || (value === facets.low && !open)) return;
    facets.low = value;
    facets.lowOpen = open;
  };
  const upper = (value: number | undefined, open: boolean): void => {
    if (value === undefined || value > facets.high || (value === facets.high && !open)) return;
    facets.high = value;
    facets.highOpen = open;
  };
  lower(node.minimum, false);
  lower(node.exclusiveMinimum, true);
  upper(node.maximum, false);
  upper(node.exclusiveMaximum, true);
}

/** Types that the words of schemas without `type` speak of; 0 where they speak of none. */
function guessed(members: readonly Node[]): number {
  let types = 0;
  for (const node of members) {
    if (node.always === false) return 0;
    for (const value of node.enumeration ?? []) types |= bitsOf(value);
    if (node.properties.size > 0 || node.required.length > 0 || node.additional || node.patterns.length > 0)
      types |= OBJECT;
    if (node.items || node.prefix.length > 0 || node.contains || node.minItems !== undefined) types |= ARRAY;
    if (node.pattern || node.minLength !== undefined || node.maxLength !== undefined) types |= STRING;
    if (node.minimum !== undefined || node.maximum !== undefined || node.multipleOf !== undefined)
      types |= NUMBER | INTEGER;
    if (node.exclusiveMinimum !== undefined || node.exclusiveMaximum !== undefined) types |= NUMBER | INTEGER;
    if (node.format !== undefined && types === 0)
      types |= /^u?int|^(float|double|decimal|unixtime)/.test(node.format) ? NUMBER | INTEGER : STRING;
  }
  return types === 0 ? ANY & ~FILE : types;
}
