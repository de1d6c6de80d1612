import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScanReport } from '../../model/report.ts';
import { scanShop } from '../../testing/shop.ts';
import { api, of, operation, told, trial } from '../../testing/trial.ts';
import { check as uploadContent } from './upload-content.ts';
import { check as uploadFetches } from './upload-fetches.ts';
import { check as uploadName } from './upload-name.ts';
import { check as uploadSize } from './upload-size.ts';
import { check as uploadType } from './upload-type.ts';

const ALL = [uploadType, uploadContent, uploadName, uploadSize, uploadFetches];
const places = (report: ScanReport, id: string): string[] =>
  of(report, id)
    .flatMap((finding) => finding.places.map(({ operation: key, place }) => `${finding.severity} ${key} ${place}`))
    .sort();

describe('uploads', () => {
  it('of decent APIs show nothing of weight: names are kept as titles, limits are wide, types are looked at', async () => {
    for (const habits of [{}, { most: 50_000_000, envelope: true, cookie: true }]) {
      const report = await scanShop(ALL, habits);
      assert.deepEqual(told(report), []);
      assert.ok(report.checks.every(({ requests }) => requests > 0));
    }
  });

  it('of any type are taken, in forms and as raw bytes, and the picture that was there is put back', async () => {
    const report = await scanShop([uploadType, uploadContent], { faults: ['any-file'] });
    assert.deepEqual(places(report, 'upload-type'), [
      'high POST /api/files body /file',
      'high PUT /api/users/{id}/avatar body',
    ]);
    assert.deepEqual(places(report, 'upload-content'), ['low PUT /api/users/{id}/avatar body']);
    assert.match(of(report, 'upload-type')[0]?.curl[0] ?? '', /^curl .*(?:PUT|POST)/);
    for (const user of ['alice', 'bob']) {
      const avatar = report.shop.avatars.get(user);
      assert.equal(avatar?.type, 'image/png');
      assert.equal(avatar?.content.subarray(1, 4).toString(), 'PNG');
    }
  });

  it('are stored by a name that is a path', async () => {
    assert.deepEqual(places(await scanShop([uploadName], { faults: ['path-names'] }), 'upload-name'), [
      'medium POST /api/files body /file',
    ]);
    assert.deepEqual(places(await scanShop([uploadName]), 'upload-name'), ['informational POST /api/files body /file']);
  });

  it('of any size are taken, and the command to repeat it is short', async () => {
    const report = await scanShop([uploadSize], { faults: ['huge-files'] });
    assert.deepEqual(places(report, 'upload-size'), ['low POST /api/files body /file']);
    const [curl = ''] = of(report, 'upload-size')[0]?.curl ?? [];
    assert.match(curl, /head -c 62914560 \/dev\/zero/);
    assert.ok(curl.length < 2_000);
    assert.ok((of(report, 'upload-size')[0]?.exchanges[0]?.request.body?.length ?? 0) <= 64);
  });

  it('make the server fetch what they name', async () => {
    assert.deepEqual(places(await scanShop([uploadFetches], { faults: ['fetches'] }), 'upload-fetches'), [
      'high POST /api/files body /file',
    ]);
  });

  it('as base64 in JSON are seen too', async () => {
    const scan = async (careful: boolean): Promise<string[]> => {
      const files = new Map<string, { type: string; bytes: Buffer }>();
      const report = await trial({
        contract: api({
          '/pictures': {
            post: operation([], {
              type: 'object',
              required: ['contentType', 'data'],
              properties: {
                contentType: { type: 'string', example: 'image/png' },
                data: { type: 'string', contentEncoding: 'base64', example: 'iVBORw0KGgoAAAANSUhEUgAA' },
              },
            }),
          },
        }),
        checks: [uploadType],
        answer: ({ method, path, json }) => {
          if (method === 'GET') {
            const file = files.get(path);
            return file
              ? { text: file.bytes.toString(), headers: { 'Content-Type': careful ? 'image/png' : file.type } }
              : { status: 404 };
          }
          const { contentType, data } = Object(json);
          if (typeof data !== 'string' || typeof contentType !== 'string')
            return { status: 422, json: { error: 'data is needed' } };
          if (careful && contentType !== 'image/png') return { status: 422, json: { error: 'a PNG is needed' } };
          const url = `/pictures/${files.size + 1}`;
          files.set(url, { type: contentType, bytes: Buffer.from(data, 'base64') });
          return { status: 201, json: { url } };
        },
      });
      return places(report, 'upload-type');
    };
    assert.deepEqual(await scan(false), ['high POST /pictures body /data']);
    assert.deepEqual(await scan(true), []);
  });
});
