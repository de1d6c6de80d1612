import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, api, of, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check as sqlInjection } from './sql-injection.ts';
import { check as xmlExpansion } from './xml-expansion.ts';
import { check as xpathInjection } from './xpath-injection.ts';

const NOTES = api({
  '/notes': {
    post: operation([], {
      type: 'object',
      required: ['title'],
      properties: { title: { type: 'string', example: 'One' } },
    }),
  },
});

/** Reads `<title>` with the entities that are declared, up to a number of expansions. */
const reader =
  (most: number, longest = Number.POSITIVE_INFINITY) =>
  ({ headers, text, json }: Asked): Told => {
    if (headers['content-type'] === 'application/json') return { status: 201, json: { title: Object(json).title } };
    if (most === 0 && text.includes('<!DOCTYPE')) return { status: 400, json: { error: 'no document types' } };
    const declared = new Map(
      [...text.matchAll(/<!ENTITY (\w+) "([^"]*)">/g)].map(([, name, value]) => [name, value ?? '']),
    );
    let left = most;
    const expand = (value: string): string =>
      value.replace(/&(\w+);/g, (_, name) => {
        if (left-- <= 0) throw new RangeError('too many entities');
        return expand(declared.get(name) ?? '');
      });
    const title = expand(/<title>([^<]*)</.exec(text)?.[1] ?? '');
    return title.length > longest ? { status: 400, json: { error: 'too long' } } : { status: 201, json: { title } };
  };

test('entities that multiply are found; a parser that counts them, or takes none, is fine', async () => {
  const many = of(await scan(NOTES, reader(5_000), [xmlExpansion]), 'xml-expansion');
  assert.equal(many.length, 1);
  assert.match(many[0]?.message ?? '', /1000 times/);
  const few = of(await scan(NOTES, reader(5_000, 600), [xmlExpansion]), 'xml-expansion');
  assert.match(few[0]?.message ?? '', /100 times/);
  assert.deepEqual((await scan(NOTES, reader(20), [xmlExpansion])).findings, []);
  assert.deepEqual((await scan(NOTES, reader(0), [xmlExpansion])).findings, []);
  const echo = ({ headers, text, json }: Asked): Told =>
    headers['content-type'] === 'application/json' ? { status: 201, json } : { status: 201, json: { read: text } };
  assert.deepEqual((await scan(NOTES, echo, [xmlExpansion])).findings, []);
});

const STAFF = api({
  '/staff': { get: operation([parameter('query', 'name', { type: 'string', example: 'ines' })]) },
  '/rooms': { get: operation([parameter('query', 'floor', { type: 'integer', example: 2 }, true)]) },
});

/** Just enough of XPath 1.0 for conditions: texts, numbers, `=`, `and`, and some functions. */
function holds(expression: string, own: string): boolean {
  const value = (part: string): string => {
    const text = part.trim();
    const call = /^([a-z-]+)\((.*)\)$/.exec(text);
    if (!call) return /^(['"])(.*)\1$/.exec(text)?.[2] ?? (/^\d+$/.test(text) ? text : text === '@own' ? own : fail());
    const [, name, inside = ''] = call;
    const parts = [...inside.matchAll(/[^,(]+(?:\([^)]*\))?/g)].map(([one]) => value(one));
    const [first = '', second = ''] = parts;
    if (name === 'string-length') return String(first.length);
    if (name === 'concat') return parts.join('');
    if (name === 'contains') return String(first.includes(second));
    if (name === 'starts-with') return String(first.startsWith(second));
    if (name === 'not') return String(first !== 'true');
    return name === 'true' || name === 'false' ? name : fail();
  };
  const fail = (): never => {
    throw new SyntaxError('XPath error: Invalid predicate');
  };
  return expression.split(/\band\b/).every((condition) => {
    const sides = condition.split('=');
    if (sides.length > 2) return fail();
    return sides.length === 2 ? value(sides[0] ?? '') === value(sides[1] ?? '') : value(condition) === 'true';
  });
}

function staff(weak: boolean, tell: boolean): (asked: Asked) => Told {
  const people = [
    { name: 'ines', floor: '2' },
    { name: 'noor', floor: '3' },
  ];
  return ({ path, query }) => {
    const [property, given] = path === '/staff' ? ['name', query.get('name')] : ['floor', query.get('floor')];
    if (given === null) return { json: people };
    try {
      const found = people.filter((person) => {
        const own = property === 'name' ? person.name : person.floor;
        if (!weak) return own === given;
        return holds(`@own=${property === 'name' ? `'${given}'` : given}`, own);
      });
      return { json: found };
    } catch (error) {
      return tell ? { status: 500, json: { error: String(error) } } : { json: [] };
    }
  };
}

test('XPath is found by its complaint and by the truth of conditions, and is not taken for SQL', async () => {
  const places = [
    'xpath-injection: GET /rooms query parameter floor',
    'xpath-injection: GET /staff query parameter name',
  ];
  assert.deepEqual(told(await scan(STAFF, staff(true, true), [xpathInjection])), places);
  assert.deepEqual(told(await scan(STAFF, staff(true, false), [xpathInjection, sqlInjection])), places);
  for (const tell of [true, false])
    assert.deepEqual((await scan(STAFF, staff(false, tell), [xpathInjection])).findings, []);
});
