import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { MediaType } from '../../contract/model.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Refusal } from '../../gateway/refusal.ts';
import { mediaType, operation, takes } from '../fixture.ts';
import { END, field, MULTIPART_TYPE, run, stageOf } from '../fixture-body.ts';
import { settings } from '../settings.ts';
import { explainFiles } from './explain.ts';
import { inspectFiles } from './inspect.ts';
import { filesSettings } from './settings.ts';
import { gif, pdf, png, scanner, zip } from './testing.ts';

const BYTES = { type: 'string', format: 'binary' };
const UPLOAD = mediaType(
  'multipart/form-data',
  { type: 'object', properties: { kind: { type: 'string' }, file: BYTES, more: { type: 'array', items: BYTES } } },
  { file: { contentType: 'image/png, application/pdf' } },
);

const part = (name: string, bytes: Buffer, type: string, filename: string): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ]);
const body = (...parts: (Buffer | string)[]): Buffer =>
  Buffer.concat([...parts.map((each) => Buffer.from(each as string)), Buffer.from(END)]);

type Written = Parameters<typeof settings.parse>[0];

async function judge(
  bytes: Buffer | string,
  files: object = {},
  { media = UPLOAD, type = MULTIPART_TYPE as Record<string, string>, rest = {} as object } = {},
): Promise<[Exchange, Refusal | undefined]> {
  return await run(stageOf([media], settings.parse({ files, ...rest } as Written)), type, bytes);
}

const wholePng = body(field('kind', 'lab'), part('file', png(), 'image/png', 'x.png'));
const wrong = body(part('file', gif(), 'image/png', 'x.png'));
const attack = body(part('file', Buffer.concat([png(), Buffer.from('<?php x();')]), 'image/png', 'x.png'));

describe('files of a body', () => {
  it('go on when they are what they say', async () => {
    const [exchange, refusal] = await judge(wholePng);
    assert.equal(refusal, undefined);
    assert.equal(exchange.body?.bytes.length, wholePng.length);
    assert.deepEqual(exchange.decisions, []);
  });

  it('are refused with their place, and without a byte of them', async () => {
    const [exchange, refusal] = await judge(wrong);
    assert.equal(refusal?.code, 'invalid-request');
    assert.deepEqual(refusal?.violations, [
      { in: 'body', pointer: '/file', detail: 'is not what its media type says' },
    ]);
    assert.equal(refusal?.evidence?.['kind'], 'gif');
    assert.equal(exchange.body, undefined);
    const many = body(part('more', png(), 'image/png', 'a.png'), part('more', gif(), 'image/png', 'b.png'));
    assert.equal((await judge(many))[1]?.violations?.[0]?.pointer, '/more/1');
  });

  it('are harmful where they attack, and say so to the owner only', async () => {
    const [, refusal] = await judge(attack);
    assert.equal(refusal?.code, 'harmful');
    assert.deepEqual([refusal?.detail, refusal?.violations], [undefined, undefined]);
    assert.deepEqual([refusal?.evidence?.['rule'], refusal?.evidence?.['name']], ['polyglot', '/file']);
    const climbs = zip([{ name: '../x' }]);
    const [, within] = await judge(body(part('more', climbs, 'application/zip', 'x.zip')));
    assert.equal(within?.evidence?.['rule'], 'archive-path');
  });

  it('are judged by the worst of them', async () => {
    const both = body(part('file', gif(), 'image/png', 'x.png'), part('more', png(), 'image/png', 'a.php.png'));
    assert.equal((await judge(both))[1]?.code, 'harmful');
  });

  it('are reported only, or not looked at, where the policy says so', async () => {
    const [reported, none] = await judge(attack, { mode: 'report' });
    assert.equal(none, undefined);
    assert.deepEqual(
      reported.decisions.map(({ stage, note }) => [stage, note]),
      [['files', 'a harmful file; reported only']],
    );
    assert.notEqual(reported.body, undefined);
    const [off] = await judge(attack, { mode: 'off' });
    assert.deepEqual(off.decisions, []);
    const lenient = { rest: { enforce: 'report' } };
    assert.equal((await judge(wrong, {}, lenient))[0].decisions[0]?.note, 'an unfit file; reported only');
    assert.equal((await judge(attack, {}, lenient))[1]?.code, 'harmful');
  });

  it('may be the whole body', async () => {
    const whole = async (type: string, bytes: Buffer | string, named = type): Promise<string | undefined> => {
      const media: MediaType = mediaType(named, BYTES);
      return (await judge(bytes, {}, { media, type: { 'content-type': type } }))[1]?.code;
    };
    assert.equal(await whole('image/png', png()), undefined);
    assert.equal(await whole('image/png', gif()), 'invalid-request');
    assert.equal(await whole('image/png', gif(), 'image/*'), 'invalid-request');
    assert.equal(await whole('application/pdf', pdf('<< /S /Launch /F (x) >>')), 'harmful');
    assert.equal(await whole('image/svg+xml', '<svg onload="x()"/>'), 'harmful');
    assert.equal(await whole('text/csv', "=cmd|'/c x'!A0"), 'harmful');
    assert.equal(await whole('text/plain', "=cmd|'/c x'!A0"), undefined);
    assert.equal(await whole('application/xml', '<a onload="x()"/>', 'application/xml'), undefined);
    assert.equal(await whole('application/x-own', Buffer.from([1, 0, 2])), undefined);
  });
});

describe('scanned files', () => {
  const reply = (text: string) => (socket: Socket) => void socket.write(text);
  const cases: [string, (socket: Socket, file: Buffer) => void, string | undefined][] = [
    ['clean', reply('stream: OK\0'), undefined],
    ['infected', reply('stream: Test.Virus-1 FOUND\0'), 'harmful'],
    ['in error', reply('INSTREAM size limit exceeded. ERROR\0'), 'internal'],
    ['answered by garbage', reply('\x01\xff OK\0'), 'internal'],
    ['answered by half', (socket) => void socket.end('stream: O'), 'internal'],
    ['answered without end', reply('stream: '.repeat(1000)), 'internal'],
    ['not answered', (socket) => socket.destroy(), 'internal'],
    ['not answered in time', () => {}, 'internal'],
    [
      'found in what was sent',
      (socket, file) => void socket.write(`stream: ${file.equals(png()) ? 'OK' : 'X FOUND'}\0`),
      undefined,
    ],
  ];
  for (const [what, answer, expected] of cases)
    it(`${what}: ${expected ?? 'ok'}`, async (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'scan-'));
      context.after(() => rmSync(directory, { recursive: true }));
      const socket = join(directory, 's');
      await scanner(context, socket, answer);
      const scan = { socket, timeout: '300ms' };
      const [exchange, refusal] = await judge(wholePng, { scan });
      assert.equal(refusal?.code, expected);
      assert.equal(exchange.body === undefined, expected !== undefined);
      if (expected === 'harmful') assert.equal(refusal?.evidence?.['why'], 'clamd found Test.Virus-1');
      if (expected === 'internal') assert.equal(refusal?.status, 503);
      const [passed, open] = await judge(wholePng, { scan: { ...scan, onError: 'pass' } });
      assert.equal(open?.code, expected === 'internal' ? undefined : expected);
      if (expected === 'internal') assert.equal(passed.decisions[0]?.note, 'files were not scanned');
    });

  it('over TCP, refused when nobody is there', async (context) => {
    const { port } = await scanner(context, undefined, (socket) => void socket.write('stream: OK\0'));
    assert.equal((await judge(wholePng, { scan: { port } }))[1], undefined);
    const nobody = { socket: join(tmpdir(), 'no-such-directory', 'clamd') };
    const [, refusal] = await judge(wholePng, { scan: nobody });
    assert.equal(refusal?.code, 'internal');
    assert.match(String(refusal?.evidence?.['why']), /ENOENT/);
    assert.doesNotMatch(String(refusal?.detail), /clamd|ENOENT/);
  });

  it('only where they are small enough, and when nothing else is wrong with them', async () => {
    const scan = { socket: '/nowhere', maxSize: 1024 };
    const large = body(part('file', png('x'.repeat(2000)), 'image/png', 'x.png'));
    assert.equal((await judge(large, { scan }))[1]?.code, 'body-too-large');
    assert.equal((await judge(wrong, { scan }))[1]?.code, 'invalid-request');
    assert.equal((await judge(body(field('kind', 'x')), { scan }))[1], undefined);
  });
});

describe('settings of files', () => {
  it('name one scanner, on this machine', () => {
    assert.ok(filesSettings.safeParse({ scan: { socket: '/run/clamd' } }).success);
    for (const scan of [
      {},
      { socket: '/x', port: 1 },
      { port: 3310, host: 'scanner.example' },
      { port: 3310, host: '10.0.0.1' },
    ])
      assert.ok(!filesSettings.safeParse({ scan }).success, JSON.stringify(scan));
  });

  it('are told, with what leaves the gate blind', () => {
    const upload = operation({ body: takes(true, UPLOAD) });
    const rules = (written: object, of = upload): string[] =>
      inspectFiles(filesSettings.parse(written), of).map((each) => each.rule.replace('validation/', ''));
    assert.deepEqual(rules({}), ['upload-unbounded', 'upload-unbounded', 'upload-any-type', 'files-unscanned']);
    assert.deepEqual(rules({ mode: 'off' }), ['files-off']);
    assert.deepEqual(rules({ scan: { socket: '/x', onError: 'pass' } }).at(-1), 'files-scan-open');
    assert.deepEqual(rules({}, operation({ body: takes(true, mediaType('application/json')) })), []);
    const parts = (written: object, of = upload): string[] =>
      explainFiles(filesSettings.parse(written), 'default', of).map((line) => line.part);
    assert.deepEqual(parts({ allow: ['macros'] }), ['files', 'archives', 'allowed in files', 'virus scan']);
    assert.deepEqual(parts({}, operation()), []);
  });
});
