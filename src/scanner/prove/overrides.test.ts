import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Layers } from '../../config/layers.ts';
import { ROOMS } from '../../gateway/rooms.ts';
import { underProof } from './overrides.ts';
import { API, configured, contracted } from './testing.ts';

const LIMITED = structuredClone(API) as typeof API & {
  paths: { '/open': { get: { 'x-portcullis-limits'?: string } } };
};
LIMITED.paths['/open'].get['x-portcullis-limits'] = '5/m';
const given = {
  data: '/never/touched',
  listen: { host: '0.0.0.0', port: 8443, hosts: ['api.example'] },
  throttling: { principal: '10/s', bans: { exempt: ['role:x'] } },
  authentication: { lockout: { address: { failures: 3 } } },
  audit: { directory: '/never/touched/either' },
  encryption: { plainHttp: { port: 80 } },
  operations: {
    '**': { detection: 'report' },
    'GET /v1/open': { throttling: { operation: '1/s' }, detection: 'enforce' },
  },
};

test('the gate under proof listens here alone, keeps all it writes in its own directory, and bans nobody', () => {
  const own = underProof(configured(given), { data: '/tmp/own', throttled: true });
  assert.deepEqual(
    [own.listen.host, own.listen.port, own.listen.hosts],
    ['127.0.0.1', 0, ['api.example', '127.0.0.1', 'localhost']],
  );
  assert.deepEqual(
    [own.data, own.audit.directory, own.admin.enabled, own.encryption.plainHttp],
    ['/tmp/own', '', false, 'off'],
  );
  assert.deepEqual(own.throttling.bans, { ...(configured(given).throttling.bans as object), mode: 'report' });
  assert.equal(own.throttling.principal, '10/s', 'rates stand as configured');
  assert.equal(own.authentication.lockout.address.failures, 3);
});

test('any host is answered for where the configuration names none', () => {
  assert.deepEqual(underProof(configured({}), { data: '/tmp/own', throttled: true }).listen.hosts, []);
});

test('lifted rates go before those of the contract and of single operations, and nothing else of these changes', async () => {
  const contract = await contracted(LIMITED);
  const open = contract.operations.find(({ key }) => key === 'GET /v1/open')!;
  const policyOf = (throttled: boolean) => {
    const own = underProof(configured(given), { data: '/tmp/own', throttled });
    const layers = new Layers(own);
    assert.deepEqual(layers.unused(contract.operations), []);
    const of = (room: 'throttling' | 'detection') =>
      layers.resolve(ROOMS[room] as never, open).settings as { operation?: unknown; mode?: unknown };
    return [of('throttling').operation, of('detection').mode, own.throttling.address];
  };
  assert.deepEqual(policyOf(false), ['off', 'enforce', 'off']);
  assert.deepEqual(policyOf(true), ['1/s', 'enforce', { rate: '100/s', burst: 200 }]);
});
