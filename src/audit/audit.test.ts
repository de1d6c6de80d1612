import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { addressForm } from './address.ts';
import { audit } from './audit.ts';
import { exchange, operation } from './fixture.ts';
import { Recorder } from './record.ts';
import { type AuditSettings, settings } from './settings.ts';

const policy = (parts: object): Policy<AuditSettings> => ({
  settings: settings.parse(parts),
  origins: { paths: 'portcullis.yaml:3:1' },
});

test('everything has a default, and a line that says what it is for', () => {
  const parsed = settings.parse({});
  assert.equal(parsed.onFailure, 'refuse');
  assert.equal(parsed.onTampered, 'refuse');
  assert.equal(parsed.checkpointEvery, 1000);
  for (const [key, schema] of Object.entries(settings.shape)) assert.ok((schema.description ?? '').length > 20, key);
  assert.equal(settings.safeParse({ keeps: '1d' }).success, false);
  assert.equal(settings.safeParse({ segmentBytes: 10 }).success, false);
});

test('the room has no stage, and explains what it records', () => {
  assert.deepEqual(audit.stages(policy({}), { ...operation }, {} as Services), {});
  const lines = audit.explain(policy({ paths: 'template', queryValues: ['page'], keep: '0s' }), operation);
  assert.deepEqual(lines.slice(0, 2), [
    { part: 'path in the record', value: 'template only', origin: 'portcullis.yaml:3:1' },
    { part: 'query in the record', value: 'names, and values of page', origin: 'default' },
  ]);
  assert.ok(lines.some(({ value }) => value === 'for ever'));
});

test("an operation's policy reaches its records", () => {
  const own = { ...operation };
  audit.stages(policy({ paths: 'template', queryValues: ['page'] }), own, {} as Services);
  const one = exchange(4711, { query: 'page=2&q=x' });
  one.disclosed.objects.length = 0;
  one.operation = own;
  const recorder = new Recorder({ paths: 'full', queryValues: [] }, addressForm('full', Buffer.alloc(32)));
  const body = recorder.body(one, one.started);
  assert.doesNotMatch(body, /4711/);
  assert.match(body, /"values":\{"page":"2"\}/);
});
