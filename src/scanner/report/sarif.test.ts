import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../contract/model.ts';
import { contractPlace } from './contract-place.ts';
import { emptyReport, finding, hostileReport, hugeReport, objectCheck, report } from './fixture.ts';
import { sarifReport } from './sarif.ts';
import { assertSarif } from './sarif-check.ts';

interface Result {
  readonly ruleId: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
      readonly region: { readonly startLine: number; readonly startColumn: number };
    };
  }[];
  readonly relatedLocations?: readonly unknown[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions: readonly { readonly justification: string }[];
  readonly webResponse?: { readonly statusCode?: number };
}
const resultsOf = (log: object): readonly Result[] =>
  (log as { runs: readonly { results: readonly Result[] }[] }).runs[0]?.results ?? [];

test('every made-up scan gives a log that keeps to the standard', () => {
  for (const given of [report(), emptyReport(), hostileReport(), hugeReport()])
    assertSarif(JSON.parse(JSON.stringify(sarifReport(given))));
});

test('the check of the standard is one that can fail', () => {
  const log = (): Record<string, unknown> => JSON.parse(JSON.stringify(sarifReport(report())));
  const broken: ((run: Record<string, unknown>, result: Record<string, unknown>) => void)[] = [
    (_run, result) => delete result['message'],
    (_run, result) => (result['level'] = 'high'),
    (_run, result) => (result['ruleIndex'] = 3),
    (_run, result) => delete result['suppressions'],
    (_run, result) => (result['cwe'] = 'CWE-1'),
    (_run, result) => (result['message'] = { text: 'GET /x/{id}' }),
    (run) => delete run['tool'],
  ];
  for (const breaking of broken) {
    const one = log();
    const [run] = one['runs'] as Record<string, unknown>[];
    breaking(
      run as Record<string, unknown>,
      ((run as Record<string, unknown>)['results'] as Record<string, unknown>[])[0] as Record<string, unknown>,
    );
    assert.throws(() => assertSarif(one), breaking.toString());
  }
});

test('a result stands at the line of the contract, with its fingerprint, its exchange and further places', () => {
  const [sql, object] = resultsOf(sarifReport(report()));
  assert.equal(sql?.ruleId, 'sql-injection');
  assert.equal(sql?.level, 'error');
  assert.deepEqual(sql?.locations[0]?.physicalLocation, {
    artifactLocation: { uri: 'api/openapi.yaml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 41, startColumn: 9 },
  });
  assert.deepEqual(sql?.partialFingerprints, { 'portcullisFinding/v1': 'aaaa000000000001' });
  assert.equal(sql?.webResponse?.statusCode, 500);
  assert.equal(object?.message.text, "bob (patient) reads alice's record with GET /patients/:id.");
  assert.equal(object?.relatedLocations?.length, 1);
});

test('accepted findings are suppressed with their reason, others are not', () => {
  const results = resultsOf(sarifReport(report()));
  assert.deepEqual(
    results.map(({ suppressions }) => suppressions.map(({ justification }) => justification)),
    [[], [], ['the load balancer in front limits'], []],
  );
});

test('files are told relative to the root, others by URL; a finding without a place stands at the top of the contract', () => {
  const at = (file: string, root = '/repo') =>
    resultsOf(
      sarifReport(
        report({
          findings: [
            finding({
              check: objectCheck,
              places: [{ operation: undefined, place: undefined, message: '', at: { file, line: 3, column: 1 } }],
            }),
          ],
        }),
        root,
      ),
    )[0]?.locations[0]?.physicalLocation.artifactLocation;
  assert.deepEqual(at('/repo/api/a b.yaml'), { uri: 'api/a%20b.yaml', uriBaseId: '%SRCROOT%' });
  assert.deepEqual(at('./api.yaml'), { uri: 'api.yaml', uriBaseId: '%SRCROOT%' });
  assert.deepEqual(at('/elsewhere/api.yaml'), { uri: 'file:///elsewhere/api.yaml' });
  assert.deepEqual(at('../api.yaml'), { uri: 'file:///api.yaml' });
  assert.deepEqual(at('https://api.example/openapi.json'), { uri: 'https://api.example/openapi.json' });
  const bare = report({ findings: [finding({ check: objectCheck, places: [] })] });
  assert.equal(resultsOf(sarifReport(bare))[0]?.locations[0]?.physicalLocation.region.startLine, 1);
});

test('a log of two thousand findings stays below what code hosts take', () => {
  assert.ok(JSON.stringify(sarifReport(hugeReport())).length < 10_000_000);
});

test('the place of a finding leads to the parameter, the body, or the operation', () => {
  const place = (line: number) => ({ file: 'a.yaml', line, column: 1 });
  const operation = {
    place: place(1),
    parameters: [
      { in: 'query', name: 'search', place: place(2) },
      { in: 'header', name: 'x-trace', place: place(3) },
      { in: 'path', name: 'search', place: place(4) },
    ],
    body: { place: place(5) },
    responses: [
      { status: 'default', place: place(6) },
      { status: '4XX', place: place(7) },
      { status: '404', place: place(8) },
    ],
  } as unknown as Operation;
  const lines = [
    'query parameter search',
    'path search',
    'header parameter X-Trace',
    'body /role',
    'body',
    'query parameter nix',
    'the body',
    'answer 404 /detail',
    'answer 400 type',
    'answer 500',
    'answer /items',
    undefined,
  ].map((text) => contractPlace(operation, text).line);
  assert.deepEqual(lines, [2, 4, 3, 5, 5, 1, 5, 8, 7, 6, 1, 1]);
});
