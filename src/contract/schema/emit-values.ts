import { type Emitter, quote, type Site } from './emitter.ts';
import { equal } from './equal.ts';
import { FORMATS } from './formats/formats.ts';
import { ARRAY, BOOLEAN, FILE, INTEGER, type Node, NULL, NUMBER, OBJECT, STRING } from './node.ts';
import { length, multipleOf } from './primitives.ts';

/** Comparisons written out at most; more values are looked up in a set. */
const MAX_COMPARED = 4;

/** Expression that answers whether a variable has one of the types of a schema. */
export function typeTest({ types, format }: Node, v: string): string {
  const tests: string[] = [];
  if (types & STRING) tests.push(`typeof ${v} === "string"`);
  if (types & OBJECT) tests.push(`typeof ${v} === "object" && ${v} !== null && !Array.isArray(${v})`);
  if (types & ARRAY) tests.push(`Array.isArray(${v})`);
  if (types & NUMBER) tests.push(`Number.isFinite(${v})`);
  else if (types & INTEGER) tests.push(`Number.isInteger(${v})`);
  if (types & BOOLEAN) tests.push(`typeof ${v} === "boolean"`);
  if (types & NULL) tests.push(`${v} === null`);
  if (types & FILE || (types & STRING && format !== undefined && FORMATS.get(format)?.bytes))
    tests.push(...(types & FILE ? [`typeof ${v} === "string"`] : []), `${v} instanceof Uint8Array`);
  return tests.join(' || ');
}

export function emitEnumeration(emitter: Emitter, site: Site): void {
  const { enumeration } = site.node;
  if (!enumeration) return;
  const { v } = site;
  const scalars = enumeration.filter((value) => typeof value !== 'object' || value === null);
  const containers = enumeration.filter((value) => typeof value === 'object' && value !== null);
  const tests: string[] = [];
  if (scalars.length > MAX_COMPARED) tests.push(`${emitter.constant(new Set(scalars))}.has(${v})`);
  else for (const value of scalars) tests.push(`${v} === ${typeof value === 'string' ? quote(value) : String(value)}`);
  if (containers.length > 0) {
    const among = (value: unknown): boolean => containers.some((one) => equal(one, value));
    tests.push(`typeof ${v} === "object" && ${v} !== null && ${emitter.constant(among)}(${v})`);
  }
  const detail = enumeration.length === 1 ? 'must be the one value allowed' : 'must be one of the values listed';
  emitter.line(
    `if (!(${tests.join(' || ') || 'false'})) ${emitter.fail(site, enumeration.length === 1 ? 'const' : 'enum', detail)}`,
  );
}

export function emitNumber(emitter: Emitter, site: Site): void {
  const { node, v } = site;
  const bound = (keyword: string, limit: number | undefined, operator: string, words: string): void => {
    if (limit !== undefined)
      emitter.line(`if (!(${v} ${operator} ${limit})) ${emitter.fail(site, keyword, `must be ${words} ${limit}`)}`);
  };
  bound('minimum', node.minimum, '>=', 'at least');
  bound('exclusiveMinimum', node.exclusiveMinimum, '>', 'above');
  bound('maximum', node.maximum, '<=', 'at most');
  bound('exclusiveMaximum', node.exclusiveMaximum, '<', 'below');
  const { multipleOf: divisor } = node;
  if (divisor !== undefined) {
    const test = Number.isInteger(divisor)
      ? `${v} % ${divisor} === 0`
      : `${emitter.constant(multipleOf(divisor))}(${v})`;
    emitter.line(`if (!(${test})) ${emitter.fail(site, 'multipleOf', `must be a multiple of ${divisor}`)}`);
  }
  const format = formatOf(emitter, node);
  if (format?.number) check(emitter, site, format.number);
}

export function emitString(emitter: Emitter, site: Site): void {
  const { node, v } = site;
  const { minLength, maxLength, pattern } = node;
  const count = emitter.constant(length);
  if (minLength !== undefined && minLength > 0) {
    const test =
      minLength === 1
        ? `${v} === ""`
        : `${v}.length < ${minLength} || (${v}.length < ${2 * minLength} && ${count}(${v}) < ${minLength})`;
    emitter.line(
      `if (${test}) ${emitter.fail(site, 'minLength', `must have at least ${plural(minLength, 'character')}`)}`,
    );
  }
  const rest = (): void => {
    const format = formatOf(emitter, node);
    const numeral = (node.types & (NUMBER | INTEGER)) === 0 && node.types & STRING ? format?.numeral : undefined;
    const byText = format?.text ?? numeral;
    if (byText) check(emitter, site, byText);
    if (pattern)
      emitter.line(
        `if (!${emitter.constant(pattern)}.test(${v})) ${emitter.fail(site, 'pattern', 'must match the pattern')}`,
      );
  };
  if (maxLength === undefined) {
    rest();
    return;
  }
  const long = `${v}.length > ${maxLength} && (${v}.length > ${2 * maxLength} || ${count}(${v}) > ${maxLength})`;
  emitter.line(
    `if (${long}) ${emitter.fail(site, 'maxLength', `must have at most ${plural(maxLength, 'character')}`)}`,
  );
  // What is too long is not looked at further, also where violations are collected.
  if (emitter.collecting) emitter.block('else', rest);
  else rest();
}

export const plural = (n: number, word: string): string =>
  `${n} ${word}${n === 1 ? '' : word.endsWith('y') ? '' : 's'}`;

function formatOf(emitter: Emitter, node: Node): ReturnType<typeof FORMATS.get> {
  if (node.format === undefined || !(emitter.formats || node.spot.reading.formats)) return undefined;
  return FORMATS.get(node.format);
}

function check(emitter: Emitter, site: Site, test: unknown): void {
  const detail = `must be in the format ${site.node.format}`;
  emitter.line(`if (!${emitter.constant(test)}(${site.v})) ${emitter.fail(site, 'format', detail)}`);
}
