import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shared } from '../../../test/support/vectors.ts';
import { loadContract } from '../../contract/contract.ts';
import type { SchemaAt } from '../../contract/model.ts';
import { createOutbound } from '../../outbound/guarded.ts';
import { LoadError } from '../../shared/finding.ts';
import { judgeOf } from './judge.ts';
import { randomFrom } from './random.ts';
import { tamperedValues } from './tampered.ts';
import { bestValue } from './valid.ts';

/** Every schema of the published contracts that requests are made of: the compiler accepts what is made of it. */

const directory = join(shared, 'contracts');
const skip = existsSync(directory) ? false : 'no contracts beside the repository';

test('at least 99 of 100 values are accepted by the compiled schema, plain and edge, little and much', {
  skip,
}, async () => {
  let made = 0;
  let unknown = 0;
  const failed: string[] = [];
  for await (const [name, at] of schemas()) {
    const judge = judgeOf(at);
    if (!judge.knows) unknown++;
    for (const variety of ['plain', 'edge'] as const) {
      for (const fill of ['required', 'all'] as const) {
        const { value, valid } = bestValue(at, randomFrom(1, at.uri), { variety, fill });
        made++;
        assert.equal(judge.accepts(value), valid);
        if (!valid) failed.push(`${name} ${variety} ${fill} ${at.uri.slice(at.uri.indexOf('#'))}`);
      }
    }
  }
  assert.equal(unknown, 0);
  assert.ok(made > 10_000, String(made));
  assert.ok(failed.length <= made / 100, failed.slice(0, 20).join('\n'));
});

test('what is called strict is forbidden by the compiled schema, of every schema', { skip }, async () => {
  let strict = 0;
  let seen = 0;
  for await (const [name, at] of schemas()) {
    // One in ten: they are much alike.
    if (seen++ % 10 !== 0) continue;
    const judge = judgeOf(at);
    const { value } = bestValue(at, randomFrom(2, at.uri));
    for (const each of tamperedValues(at, value, randomFrom(2, at.uri), 'field')) {
      if (!each.strict || (typeof each.value === 'object' && each.value !== null && 'text' in each.value)) continue;
      strict++;
      assert.equal(judge.accepts(each.value), false, `${name} ${at.uri} ${each.breaks}`);
    }
  }
  assert.ok(strict > 1_000, String(strict));
});

async function* schemas(): AsyncGenerator<readonly [string, SchemaAt]> {
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.yaml'))) {
    const contract = await loadContract(join(directory, name), { outbound: createOutbound(), extensions: [] }).catch(
      (error: unknown) => assert.ok(error instanceof LoadError, String(error)),
    );
    if (!contract) continue;
    const seen = new Set<string>();
    for (const { parameters, body } of contract.operations) {
      for (const { schema } of [...parameters, ...(body?.content ?? [])]) {
        if (schema === undefined || seen.has(schema.uri)) continue;
        seen.add(schema.uri);
        yield [name, schema];
      }
    }
  }
}
