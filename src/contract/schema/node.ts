import type { Finding } from '../../shared/finding.ts';
import type { Pattern } from '../../shared/regex/pattern.ts';
import type { Spot } from './resources.ts';

export const NULL = 1;
export const BOOLEAN = 2;
export const INTEGER = 4;
export const NUMBER = 8;
export const STRING = 16;
export const ARRAY = 32;
export const OBJECT = 64;
/** Swagger 2.0: the content of an upload. */
export const FILE = 128;
export const ANY = NULL | BOOLEAN | INTEGER | NUMBER | STRING | ARRAY | OBJECT | FILE;

export const TYPE_BITS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['null', NULL],
  ['boolean', BOOLEAN],
  ['integer', INTEGER],
  ['number', NUMBER | INTEGER],
  ['string', STRING],
  ['array', ARRAY],
  ['object', OBJECT],
]);

/** What a discriminator adds: by the value of a property, a schema that must hold too. */
export interface Choice {
  readonly property: string;
  readonly cases: ReadonlyMap<string, Node>;
  /** Whether a value that names no case is a violation (there is `oneOf` or `anyOf`, which lists all cases). */
  readonly strict: boolean;
  /** For values without the property, or that name no case (OpenAPI 3.2, `defaultMapping`). */
  readonly fallback: Node | undefined;
}

/** A schema in normal form: the same for all dialects. Made empty, filled when it is first needed (schemas are circular). */
export interface Node {
  readonly id: number;
  readonly spot: Spot;
  read: boolean;
  readonly findings: Finding[];
  /** A boolean schema. */
  always: boolean | undefined;
  /** Bits of the types allowed; 0: the schema does not say. */
  types: number;
  enumeration: readonly unknown[] | undefined;
  minimum: number | undefined;
  exclusiveMinimum: number | undefined;
  maximum: number | undefined;
  exclusiveMaximum: number | undefined;
  multipleOf: number | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  pattern: Pattern | undefined;
  format: string | undefined;
  prefix: readonly Node[];
  items: Node | undefined;
  contains: Node | undefined;
  minContains: number;
  maxContains: number | undefined;
  minItems: number | undefined;
  maxItems: number | undefined;
  unique: boolean;
  unevaluatedItems: Node | undefined;
  properties: ReadonlyMap<string, Node>;
  patterns: readonly { readonly pattern: Pattern; readonly node: Node }[];
  additional: Node | undefined;
  propertyNames: Node | undefined;
  required: readonly string[];
  dependentRequired: ReadonlyMap<string, readonly string[]>;
  dependentSchemas: ReadonlyMap<string, Node>;
  minProperties: number | undefined;
  maxProperties: number | undefined;
  unevaluatedProperties: Node | undefined;
  ref: Node | undefined;
  /** The target as a `$ref` would find it, and the name under which the dynamic scope may have another one. */
  dynamicRef: { readonly target: Node; readonly name: string | undefined } | undefined;
  allOf: readonly Node[];
  anyOf: readonly Node[] | undefined;
  oneOf: readonly Node[] | undefined;
  not: Node | undefined;
  condition: Node | undefined;
  consequence: Node | undefined;
  alternative: Node | undefined;
  choice: Choice | undefined;
  readOnly: boolean;
  writeOnly: boolean;
  /** Says something of its own, beside a reference. */
  speaks: boolean;
}

const NO_NODES: readonly Node[] = [];
const NO_PROPERTIES: ReadonlyMap<string, Node> = new Map();
const NO_NAMES: ReadonlyMap<string, readonly string[]> = new Map();

export const emptyNode = (id: number, spot: Spot): Node => ({
  id,
  spot,
  read: false,
  findings: [],
  always: undefined,
  types: 0,
  enumeration: undefined,
  minimum: undefined,
  exclusiveMinimum: undefined,
  maximum: undefined,
  exclusiveMaximum: undefined,
  multipleOf: undefined,
  minLength: undefined,
  maxLength: undefined,
  pattern: undefined,
  format: undefined,
  prefix: NO_NODES,
  items: undefined,
  contains: undefined,
  minContains: 1,
  maxContains: undefined,
  minItems: undefined,
  maxItems: undefined,
  unique: false,
  unevaluatedItems: undefined,
  properties: NO_PROPERTIES,
  patterns: [],
  additional: undefined,
  propertyNames: undefined,
  required: [],
  dependentRequired: NO_NAMES,
  dependentSchemas: NO_PROPERTIES,
  minProperties: undefined,
  maxProperties: undefined,
  unevaluatedProperties: undefined,
  ref: undefined,
  dynamicRef: undefined,
  allOf: NO_NODES,
  anyOf: undefined,
  oneOf: undefined,
  not: undefined,
  condition: undefined,
  consequence: undefined,
  alternative: undefined,
  choice: undefined,
  readOnly: false,
  writeOnly: false,
  speaks: false,
});

/** Subschemas that look at the same value. */
export function inPlace(node: Node): Node[] {
  const found: (Node | undefined)[] = [node.ref, node.dynamicRef?.target, ...node.allOf];
  found.push(
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
    node.not,
    node.condition,
    node.consequence,
    node.alternative,
  );
  found.push(...node.dependentSchemas.values(), ...(node.choice?.cases.values() ?? []), node.choice?.fallback);
  return found.filter((one) => one !== undefined);
}

/** Subschemas that look at what is inside the value. */
export function inside(node: Node): Node[] {
  const found: (Node | undefined)[] = [...node.properties.values(), ...node.patterns.map((one) => one.node)];
  found.push(node.additional, node.propertyNames, node.unevaluatedProperties, ...node.prefix);
  found.push(node.items, node.contains, node.unevaluatedItems);
  return found.filter((one) => one !== undefined);
}
