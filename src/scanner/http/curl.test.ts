import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { issueServer, makeCa } from '../../encryption/x509.ts';
import type { RawMessage, ScanRequest } from '../model/exchange.ts';
import { tcpServer } from '../testing/tcp-server.ts';
import { curlOf } from './curl.ts';
import { exchangeOf, json, NO_SECRETS, openShell, present, type Shell, skip } from './curl-fixture.ts';
import { encode } from './encode.ts';
import { Masker } from './mask.ts';
import { rawRequest, rawSteps } from './raw.ts';

describe('commands', { skip }, () => {
  let shell: Shell;
  before(async () => {
    shell = await openShell();
  });
  after(() => shell.close());

  describe('with secrets', () => {
    it('has variables in their place, wherever they stand', async () => {
      const secrets = new Map([
        ['s3cret-t0ken', 'ALICE'],
        ['p\'a$s w"ö', 'BOB_PASSWORD'],
      ]);
      const command = await shell.repeats(
        {
          method: 'POST',
          target: '/login?key=s3cret-t0ken',
          headers: [
            ['Authorization', 'Bearer s3cret-t0ken'],
            ['Cookie', 'a=s3cret-t0ken; b=c'],
            ['Content-Type', 'text/plain'],
          ],
          body: `password: p'a$s w"ö.`,
        },
        secrets,
      );
      assert.match(command, /-H 'Authorization: Bearer '"\$ALICE"/);
      assert.match(command, /"\$BOB_PASSWORD"/);
    });

    it('makes the encoded ones of the variable', async () => {
      const secrets = new Map([['p\'a$s"w\\ord', 'PASSWORD']]);
      for (const after of ['', '!', '!!']) {
        const basic = Buffer.from(`alice:p'a$s"w\\ord${after}`).toString('base64');
        const command = await shell.repeats(
          { method: 'GET', target: '/', headers: [['Authorization', `Basic ${basic}`]] },
          secrets,
        );
        assert.ok(!command.includes(basic));
      }
      const body = JSON.stringify({ user: 'alice', password: 'p\'a$s"w\\ord' });
      const command = await shell.repeats({ method: 'POST', target: '/', headers: json, body }, secrets);
      assert.match(command, /\$PASSWORD/);
    });

    it('spells percent-encoded ones in another way that means the same', async () => {
      const secrets = new Map([['a b/c&d=e+f', 'KEY']]);
      const command = curlOf(
        exchangeOf({ method: 'GET', target: `/?key=${encodeURIComponent('a b/c&d=e+f')}`, headers: [] }),
        shell.server.base,
        secrets,
      );
      const line = (await shell.run(command, { KEY: 'a b/c&d=e+f' })).toString().split(' ')[1] ?? '';
      assert.equal(new URL(line, shell.server.base).searchParams.get('key'), 'a b/c&d=e+f');
    });

    it('stands for the request as it was where the exchange was masked', async () => {
      const secrets = new Map([['s3cret-t0ken', 'ALICE']]);
      const request: ScanRequest = { method: 'GET', target: '/', headers: [['Authorization', 'Bearer s3cret-t0ken']] };
      const masked = new Masker(secrets).exchange(exchangeOf(request));
      assert.equal(masked.request.headers[0]?.[1], 'Bearer $ALICE');
      assert.equal(curlOf(masked, shell.server.base, secrets), curlOf(exchangeOf(request), shell.server.base, secrets));
    });
  });

  it('is printf and nc for raw messages, with their pauses', async () => {
    const messages: RawMessage[] = [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      ['GET / HTTP/1.1\r\n', { pause: 50 }, new Uint8Array([88, 58, 0, 255, 37]), '\r\n\r\n'],
    ];
    for (const message of messages) {
      const command = curlOf(exchangeOf(rawRequest(message)), shell.server.base, NO_SECRETS);
      assert.match(command, /\| nc 127\.0\.0\.1 \d+$/);
      const bytes = Buffer.concat(rawSteps(message).filter((step) => typeof step !== 'number') as Buffer[]);
      assert.deepEqual(await shell.run(command), bytes);
    }
  });

  it('takes bodies that are told by a command from that command', async () => {
    const request: ScanRequest = {
      method: 'POST',
      target: '/',
      headers: [['Content-Type', 'text/plain']],
      body: '',
      bodyCommand: "{ printf 'a%%'; head -c 70000 /dev/zero | tr '\\0' x; }",
    };
    const got = (await shell.run(curlOf(exchangeOf(request), shell.server.base, NO_SECRETS))).toString();
    assert.match(got, /Content-Length: 70002\r\n/);
    assert.equal(got.slice(got.indexOf('\r\n\r\n') + 4), `a%${'x'.repeat(70_000)}`);
  });

  it('works over TLS: curl, and openssl for raw messages', {
    skip: !present('openssl') && 'openssl is not installed',
  }, async () => {
    const times = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 86_400_000 };
    const ca = makeCa('Scan test CA', ['127.0.0.1'], times);
    const { certificate, key } = issueServer('Scan test CA', createPrivateKey(ca.key), ['127.0.0.1'], times);
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
    const secure = await tcpServer((socket) => void socket.end(answer), {
      cert: certificate,
      key,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    try {
      const requests: ScanRequest[] = [
        { method: 'POST', target: '/x', headers: json, body: '{}' },
        rawRequest('Q\nR\nGET /\xff HTTP/1.1\r\nHost: x\r\n\r\n'),
      ];
      for (const [index, request] of requests.entries()) {
        const command = curlOf(exchangeOf(request), secure.base, NO_SECRETS);
        const sent = request.raw ? Buffer.from(request.raw as string) : encode(request, secure.base.host).head;
        await shell.run(command);
        assert.equal(secure.received[index]?.toString('latin1'), sent.toString('latin1'), command);
      }
    } finally {
      await secure.close();
    }
  });

  it('is short for what is plain', () => {
    const base = new URL('http://127.0.0.1:3000');
    assert.equal(
      curlOf(exchangeOf({ method: 'GET', target: '/patients/1', headers: [['Accept', '*/*']] }), base, NO_SECRETS),
      "curl -i -H 'User-Agent: portcullis-scan' -H 'Accept: */*' 'http://127.0.0.1:3000/patients/1'",
    );
    const long = curlOf(
      exchangeOf({ method: 'POST', target: '/', headers: json, body: 'A'.repeat(500_000) }),
      base,
      NO_SECRETS,
    );
    assert.ok(long.length < 400, long);
  });

  it('does not verify certificates of loopback hosts, and only those; asks for HTTP/1.1', () => {
    const get: ScanRequest = { method: 'GET', target: '/', headers: [] };
    assert.match(curlOf(exchangeOf(get), new URL('https://localhost:1'), NO_SECRETS), /^curl -i -k --http1\.1 /);
    assert.doesNotMatch(curlOf(exchangeOf(get), new URL('https://api.example'), NO_SECRETS), / -k /);
    const raw = exchangeOf(rawRequest('x'));
    assert.equal(
      curlOf(raw, new URL('https://api.example'), NO_SECRETS),
      "printf 'x' | openssl s_client -quiet -servername api.example -connect api.example:443",
    );
    assert.equal(
      curlOf(raw, new URL('https://[::1]:444'), NO_SECRETS),
      "printf 'x' | openssl s_client -quiet -noservername -connect [::1]:444",
    );
  });
});
