import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadContract } from '../../src/contract/contract.ts';
import type { Contract, Match } from '../../src/contract/model.ts';
import { parseTemplate, type TemplateSegment } from '../../src/contract/template.ts';
import { createOutbound } from '../../src/outbound/guarded.ts';
import { LoadError } from '../../src/shared/finding.ts';
import { shared } from '../support/vectors.ts';

const directory = join(shared, 'contracts');
const skip = existsSync(directory) ? false : 'no contracts beside the repository';

/** Those that cannot be served, and what must be said of them. */
const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  // One path for all operations, told apart behind '#' or by a header, which no router of paths can.
  ['amazonaws.com_autoscaling_2011-01-01_openapi.yaml', /'\/#Action=AttachInstances' holds '#'/],
  [
    'amazonaws.com_cloudsearchdomain_2013-01-01_openapi.yaml',
    /'\/2013-01-01\/search#format=sdk&pretty=true&q' holds '#'/,
  ],
  ['amazonaws.com_iam_2010-05-08_openapi.yaml', /'\/#Action=AddClientIDToOpenIDConnectProvider' holds '#'/],
  ['amazonaws.com_mturk-requester_2017-01-17_openapi.yaml', /'\/#X-Amz-Target=.*' holds '#'/],
  ['amazonaws.com_transfer_2018-11-05_openapi.yaml', /'\/#X-Amz-Target=.*' holds '#'/],
  // Refers to a file that was not published with it.
  [
    'azure.com_network-routeTable_2016-09-01_swagger.yaml',
    /virtualNetwork\.json cannot be read \(there is no such file\)/,
  ],
]);

const names = skip ? [] : readdirSync(directory).filter((name) => name.endsWith('.yaml'));

test('all published contracts are here', { skip }, () => assert.equal(names.length, 66 + 1));

for (const name of names) {
  test(`${name}: loads with every operation found again, or is refused by name and place`, { skip }, async () => {
    const loading = loadContract(join(directory, name), { outbound: createOutbound(), extensions: [] });
    const expected = REFUSED.get(name);
    if (expected) {
      const error = await loading.then(
        () => assert.fail('it loaded'),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof LoadError, String(error));
      assert.match(error.message, expected);
      for (const { place, mend } of error.findings) assert.ok(place && place.line > 1 && mend);
      return;
    }
    const contract = await loading;
    assert.ok(contract.operations.length > 0);
    for (const finding of contract.findings) {
      assert.notEqual(finding.severity, 'error');
      assert.ok(finding.place?.file.endsWith(name) || finding.message.includes('more findings'), finding.message);
    }
    findEveryOperation(contract);
    resolveEverySchema(contract);
  });
}

function findEveryOperation(contract: Contract): void {
  for (const operation of contract.operations) {
    const template = parseTemplate(operation.template);
    assert.ok('segments' in template, operation.template);
    const values: string[] = [];
    const segments = template.segments.map((segment) => sample(segment, values));
    const found = contract.router.match(operation.method, segments) as Match | undefined;
    assert.equal(found?.operation, operation, `${operation.key} by /${segments.join('/')}`);
    assert.deepEqual(found?.values, values);
    // Every parameter of the template is a parameter of the operation, and the other way round.
    const declared = operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name);
    assert.deepEqual([...declared].sort(), [...template.names].sort(), operation.key);
    const other = contract.router.match('BREW', segments);
    assert.ok(other && 'allow' in other && other.allow.includes(operation.method));
  }
}

/** A segment with a value for each parameter that no template has as text. */
function sample(segment: TemplateSegment, values: string[]): string {
  if (segment.kind === 'literal') return segment.text;
  const next = (): string => {
    const value = `Zz${values.length}`;
    values.push(value);
    return value;
  };
  if (segment.kind === 'parameter') return next();
  return segment.literals.map((literal, index) => (index < segment.names.length ? literal + next() : literal)).join('');
}

function resolveEverySchema(contract: Contract): void {
  for (const { parameters, body, responses } of contract.operations) {
    const schemas = [
      ...parameters.map(({ schema }) => schema),
      ...(body?.content ?? []).map(({ schema }) => schema),
      ...responses.flatMap(({ content }) => content.map(({ schema }) => schema)),
    ];
    for (const at of schemas) {
      if (!at) continue;
      const there = contract.documents.resolve(at.uri.slice(at.uri.indexOf('#')), at.uri);
      assert.ok(there, at.uri);
      assert.ok(contract.documents.place(at.uri).line > 1);
      const reference = (at.schema as { $ref?: unknown }).$ref;
      if (typeof reference === 'string') assert.ok(contract.documents.resolve(reference, at.uri), reference);
    }
  }
}
