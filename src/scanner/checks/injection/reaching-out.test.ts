import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../model/check.ts';
import { type Asked, api, operation, parameter, scan, type Told, told, trial } from '../../testing/trial.ts';
import { check as pathTraversal } from './path-traversal.ts';
import { check as serverSideRequest } from './server-side-request.ts';
import { check as trustsThirdParty } from './trusts-third-party.ts';
import { check as xmlExternalEntity } from './xml-external-entity.ts';

const ALL: readonly Check[] = [pathTraversal, serverSideRequest, trustsThirdParty, xmlExternalEntity];

const refused: Told = { status: 400, json: { error: 'invalid' } };

const FILES = api({
  '/files': {
    get: operation([parameter('query', 'file', { type: 'string', example: 'terms.txt' })], undefined, 'text/plain'),
  },
  '/docs/{doc}': {
    get: operation([parameter('path', 'doc', { type: 'string', example: 'terms.txt' })], undefined, 'text/plain'),
  },
});
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n';

test('files outside of the folder are found, by their content', async () => {
  const disk = new Map([
    ['/srv/files/terms.txt', 'Be kind.'],
    ['/etc/passwd', PASSWD],
    ['/srv/package.json', '{"name":"x","dependencies":{}}'],
  ]);
  const open =
    (clean: (name: string) => string | undefined) =>
    ({ query, path }: Asked): Told => {
      const name = clean(path.startsWith('/docs/') ? path.slice(6) : (query.get('file') ?? 'terms.txt'));
      const file =
        name === undefined ? undefined : disk.get(new URL(name.replaceAll('\\', '/'), 'file:///srv/files/').pathname);
      return file === undefined
        ? { status: 404, json: { error: 'no such file' } }
        : { text: file, headers: { 'content-type': 'text/plain' } };
    };
  const places = [
    'path-traversal: GET /docs/{doc} path parameter doc',
    'path-traversal: GET /files query parameter file',
  ];
  const found = async (clean: (name: string) => string | undefined): Promise<string[]> =>
    told(await scan(FILES, open(clean), [pathTraversal]));
  assert.deepEqual(await found((name) => name), places);
  // A filter that takes `../` out once is none.
  assert.deepEqual(await found((name) => (name.startsWith('/') ? undefined : name.replaceAll('../', ''))), places);
  disk.delete('/etc/passwd');
  assert.deepEqual(await found((name) => name), places);
  disk.set('/etc/passwd', PASSWD);
  assert.deepEqual(await found((name) => name.split(/[\\/]/).at(-1)), []);
  // A page that shows what was asked for, and a text that speaks of the file.
  const page = ({ query }: Asked): Told => ({
    text: `No file ${query.get('file')}; root:x:0:0 is no name`,
    headers: { 'content-type': 'text/plain' },
  });
  assert.deepEqual(told(await scan(FILES, page, [pathTraversal])), []);
});

const IMPORT = api({
  '/avatars': {
    post: operation([], {
      type: 'object',
      required: ['imageUrl'],
      properties: { imageUrl: { type: 'string', format: 'uri', example: 'https://pictures.example/a.png' } },
    }),
  },
});

test('an address that is called is proved by the listener, its redirects too', async () => {
  const avatars =
    (redirect: 'manual' | 'follow', hand: boolean) =>
    async ({ json }: Asked): Promise<Told> => {
      const url = new URL(String(Object(json).imageUrl));
      if (url.hostname !== '127.0.0.1') return { status: 201, json: { ok: true } };
      const text = await fetch(url, { redirect }).then(
        (response) => response.text(),
        () => '',
      );
      return { status: 201, json: { ok: true, ...(hand ? { text } : {}) } };
    };
  const checks = [serverSideRequest, trustsThirdParty];
  const place = 'POST /avatars body /imageUrl';
  assert.deepEqual(told(await scan(IMPORT, avatars('manual', false), checks)), [`server-side-request: ${place}`]);
  assert.deepEqual(told(await scan(IMPORT, avatars('follow', true), checks)), [
    `server-side-request: ${place}`,
    `trusts-third-party: ${place}`,
    `trusts-third-party: ${place}`,
  ]);
  const listed = ({ json }: Asked): Told =>
    /^https:\/\/pictures\.example\//.test(String(Object(json).imageUrl))
      ? { status: 201, json: { ok: true } }
      : refused;
  assert.deepEqual(told(await scan(IMPORT, listed, checks)), []);
});

test('an address that is called after the answer is proved, too', async () => {
  const hooks = ({ json }: Asked): Told => {
    const url = new URL(String(Object(json).imageUrl));
    if (url.hostname === '127.0.0.1') setTimeout(() => void fetch(url).catch(() => {}), 200);
    return { status: 202, json: { ok: true } };
  };
  assert.deepEqual(told(await scan(IMPORT, hooks, [serverSideRequest])), [
    'server-side-request: POST /avatars body /imageUrl',
  ]);
});

const SHOP = {
  type: 'object',
  required: ['name', 'price'],
  properties: { name: { type: 'string', maxLength: 60, pattern: '^[^<>]*$' }, price: { type: 'integer', minimum: 1 } },
};
const FEED = { type: 'string', format: 'uri', example: 'https://feeds.example/lamps.json' };
const FEEDS = api({
  '/lamps': { post: operation([], SHOP) },
  '/lamps/import': { post: operation([], { type: 'object', required: ['url'], properties: { url: FEED } }) },
});

test('what a third party says is held to what the contract says of callers', async () => {
  interface Lamp {
    name: string;
    price: number;
  }
  /** @param anywhere any address is called; else the feeds that are known. */
  const lamps = (checked: boolean, anywhere: boolean) => {
    const fits = ({ name, price }: Lamp): boolean =>
      typeof name === 'string' && /^[^<>]*$/.test(name) && Number.isInteger(price) && price >= 1;
    return async ({ path, json }: Asked): Promise<Told> => {
      if (path === '/lamps') return fits(Object(json)) ? { status: 201, json: { id: 1, ...Object(json) } } : refused;
      const url = URL.parse(String(Object(json).url));
      let feed: Lamp[] = [];
      if (url?.href === FEED.example) {
        feed = [
          { name: 'Reading lamp', price: 30 },
          { name: anywhere ? 'Torch' : '<b>Torch</b>', price: 7 },
        ];
      } else if (anywhere && url?.hostname === '127.0.0.1') {
        feed = await fetch(url).then((response) => response.json() as Promise<Lamp[]>);
      } else return refused;
      const taken = (Array.isArray(feed) ? feed : []).filter((lamp) => !checked || fits(lamp));
      return { status: 201, json: { imported: taken.length, lamps: taken.map((lamp) => ({ id: 2, ...lamp })) } };
    };
  };
  const identities = [{ name: 'sam', bearer: { token: 'any-token-of-sam' } }];
  const found = async (checked: boolean, anywhere: boolean): Promise<string[]> => {
    const answer = lamps(checked, anywhere);
    const { findings } = await trial({ contract: FEEDS, answer, checks: [trustsThirdParty], identities });
    return findings
      .filter(({ message }) => /refuses came in/.test(message))
      .map(({ places }) => places[0]?.place ?? '');
  };
  for (const anywhere of [false, true]) {
    assert.deepEqual(await found(false, anywhere), ['body /url'], `unchecked, anywhere: ${anywhere}`);
    assert.deepEqual(await found(true, anywhere), [], `checked, anywhere: ${anywhere}`);
  }
});

const XML = api({
  '/import': {
    post: operation([], {
      type: 'object',
      required: ['title'],
      properties: { title: { type: 'string', example: 'One' } },
    }),
  },
});

test('entities are found by file and by call, in an operation that speaks JSON', async () => {
  const reader =
    (follow: 'files' | 'calls' | 'internal' | 'none') =>
    async ({ headers, text, json }: Asked): Promise<Told> => {
      if (headers['content-type'] === 'application/json') return { status: 201, json: { title: Object(json).title } };
      if (!/xml/.test(headers['content-type'] ?? '') || follow === 'none')
        return { status: 415, json: { error: 'unsupported' } };
      const entities = new Map(
        [...text.matchAll(/<!ENTITY (\w+) "([^"]*)">/g)].map((found) => [found[1], found[2] ?? '']),
      );
      const system = /<!ENTITY (\w+) SYSTEM "([^"]*)">/.exec(text);
      if (system && follow === 'files' && system[2] === 'file:///etc/passwd') entities.set(system[1], PASSWD);
      if (system && follow === 'calls' && system[2]?.startsWith('http')) await fetch(system[2]);
      const expand = (value: string): string =>
        value.replace(/&(\w+);/g, (_, name) => expand(entities.get(name) ?? ''));
      return { status: 201, json: { title: expand(/<title>([^<]*)</.exec(text)?.[1] ?? '') } };
    };
  for (const follow of ['files', 'calls'] as const) {
    assert.deepEqual(
      told(await scan(XML, reader(follow), [xmlExternalEntity])),
      ['xml-external-entity: POST /import the body'],
      follow,
    );
  }
  const internal = await scan(XML, reader('internal'), [xmlExternalEntity]);
  assert.deepEqual(
    internal.findings.map(({ severity }) => severity),
    ['informational'],
  );
  assert.deepEqual((await scan(XML, reader('none'), ALL)).findings, []);
});
