import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGate, upstream } from '../../../test/support/gate.ts';
import { gif, png, program, scanner } from './testing.ts';

const CONTRACT = {
  openapi: '3.1.0',
  info: { title: 'Pictures', version: '1' },
  paths: {
    '/pictures': {
      post: {
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: { file: { type: 'string', format: 'binary', maxLength: 100_000 } },
              },
              encoding: { file: { contentType: 'image/png, image/jpeg' } },
            },
            'image/png': { schema: { type: 'string', format: 'binary', maxLength: 100_000 } },
          },
        },
        responses: { 201: { description: 'kept' } },
      },
    },
  },
};

test('a file that is what it says reaches the API, any other does not', async (context) => {
  const api = await upstream(context, (_req, res) => void res.writeHead(201).end());
  const socket = join(process.env['TMPDIR'] ?? '/tmp', `portcullis-scan-${process.pid}`);
  await scanner(context, socket, (connection, file) => {
    connection.write(`stream: ${file.includes('virus') ? 'Test.Virus FOUND' : 'OK'}\0`);
  });
  const gate = await startGate(
    context,
    {
      contract: 'openapi.json',
      upstream: api.url,
      authentication: 'none',

      validation: { files: { scan: { socket, timeout: '5s' } } },
    },
    { 'openapi.json': JSON.stringify(CONTRACT) },
  );
  const upload = async (
    bytes: Buffer,
    name: string,
    type: string,
  ): Promise<Record<string, unknown> & { status: number }> => {
    const form = new FormData();
    form.set('file', new File([new Uint8Array(bytes)], name, { type }));
    const request = new Request('http://localhost/', { method: 'POST', body: form });
    const answer = await gate.send('/pictures', {
      method: 'POST',
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      body: Buffer.from(await request.arrayBuffer()),
    });
    return { ...(answer.text === '' ? {} : answer.json()), status: answer.status };
  };

  assert.equal((await upload(png(), 'x.png', 'image/png')).status, 201);
  assert.equal(api.seen.length, 1);
  assert.ok(api.seen[0]?.body.includes(png().toString('latin1')));

  const lies = await upload(gif(), 'x.png', 'image/png');
  assert.equal(lies.status, 400);
  assert.deepEqual(lies['violations'], [{ in: 'body', pointer: '/file', detail: 'is not what its media type says' }]);
  for (const [bytes, name] of [
    [program(), 'x.png'],
    [png(), 'x.php.png'],
    [png('<?php x(); ?>'), 'x.png'],
    [png('virus'), 'x.png'],
  ] as const) {
    const harmful = await upload(bytes, name, 'image/png');
    assert.equal(harmful.status, 403, name);
    assert.equal(harmful['code'], 'harmful');
    assert.equal(harmful['violations'], undefined);
  }
  const whole = await gate.send('/pictures', { method: 'POST', headers: { 'content-type': 'image/png' }, body: gif() });
  assert.equal(whole.status, 400);
  assert.equal(api.seen.length, 1);

  const { stdout } = await gate.cli('audit', 'search', '--outcome', 'harmful', '--json');
  assert.match(stdout, /clamd found Test\.Virus/);
  const { stdout: explained } = await gate.cli('explain', 'POST /pictures');
  assert.match(explained, /virus scan\s+clamd at/);
});
