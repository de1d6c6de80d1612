import assert from 'node:assert/strict';

/** A strict reading of the parts of SARIF 2.1.0 that reports use: for tests. Numbers are clauses of the standard. */

type Shape = Readonly<Record<string, (value: unknown, at: string) => void>>;

const fail = (at: string, what: string): never => assert.fail(`${at}: ${what}`);
const text = (value: unknown, at: string): void => {
  if (typeof value !== 'string' || value === '') fail(at, 'a string that is not empty');
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(value as string)) fail(at, 'no control characters');
};
const flag = (value: unknown, at: string): void => assert.equal(typeof value, 'boolean', at);
const count = (least: number) => (value: unknown, at: string) => {
  if (!Number.isInteger(value) || (value as number) < least) fail(at, `an integer from ${least}`);
};
const among =
  (...values: readonly string[]) =>
  (value: unknown, at: string) => {
    if (!values.includes(value as string)) fail(at, `one of ${values.join(', ')}, not ${String(value)}`);
  };
const listOf =
  (item: (value: unknown, at: string) => void, unique = false) =>
  (value: unknown, at: string) => {
    if (!Array.isArray(value)) return fail(at, 'a list');
    for (const [index, one] of value.entries()) item(one, `${at}/${index}`);
    if (unique && new Set(value.map((one) => JSON.stringify(one))).size !== value.length) fail(at, 'unique items');
  };
const mapOf = (item: (value: unknown, at: string) => void) => (value: unknown, at: string) => {
  if (typeof value !== 'object' || value === null) return fail(at, 'an object');
  for (const [name, one] of Object.entries(value)) item(one, `${at}/${name}`);
};
const object =
  (shape: Shape, required: readonly string[] = []) =>
  (value: unknown, at: string) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(at, 'an object');
    for (const [name, one] of Object.entries(value)) {
      const check = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (check === undefined) fail(`${at}/${name}`, 'a property that SARIF does not have here');
      else check(one, `${at}/${name}`);
    }
    for (const name of required) if (!Object.hasOwn(value, name)) fail(at, `needs ${name}`);
  };
const anything = (): void => undefined;
const bag = mapOf(anything);

/** 3.10: absolute, or a relative reference that is percent-encoded. */
const uri = (value: unknown, at: string): void => {
  text(value, at);
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/.test(value as string)) fail(at, 'a URI reference');
};
const absoluteUri = (value: unknown, at: string): void => {
  uri(value, at);
  if (!URL.canParse(value as string)) fail(at, 'an absolute URI');
};
/** 3.9: UTC. */
const moment = (value: unknown, at: string): void => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value))) fail(at, 'a moment in UTC');
};
/** 3.11: no placeholders (there are no arguments), no links. */
const messageText = (value: unknown, at: string): void => {
  text(value, at);
  if (/[{}]/.test((value as string).replace(/\{\{|\}\}/g, ''))) fail(at, 'single braces are placeholders (3.11.5)');
  if (/\]\(/.test(value as string)) fail(at, 'a link (3.11.6)');
};
const message = object({ text: messageText }, ['text']);
const level = among('none', 'note', 'warning', 'error');

const artifactLocation = (value: unknown, at: string): void => {
  object({ uri, uriBaseId: text }, ['uri'])(value, at);
  const { uri: reference, uriBaseId } = value as { uri: string; uriBaseId?: string };
  // 3.4.4: a base belongs to relative references only.
  if (uriBaseId === undefined) absoluteUri(reference, `${at}/uri`);
  else {
    assert.ok(!URL.canParse(reference) && !reference.startsWith('/'), `${at}: relative where it has a base`);
    assert.ok(!reference.split('/').includes('..'), `${at}: within its base`);
  }
};
const location = {
  id: count(0),
  message,
  physicalLocation: object(
    { artifactLocation, region: object({ startLine: count(1), startColumn: count(1) }, ['startLine']) },
    ['artifactLocation'],
  ),
  logicalLocations: listOf(object({ fullyQualifiedName: text, kind: text }), true),
};
const content = object({ text: (value, at) => assert.equal(typeof value, 'string', at), binary: text });
const strings = mapOf((value, at) => assert.equal(typeof value, 'string', at));
const componentReference = object({ name: text, index: count(0) });

const descriptor = object(
  {
    id: text,
    name: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: absoluteUri,
    defaultConfiguration: object({ level }),
    relationships: listOf(
      object({ target: object({ id: text, toolComponent: componentReference }, ['id']), kinds: listOf(text, true) }, [
        'target',
      ]),
      true,
    ),
    properties: bag,
  },
  ['id'],
);

const result = object(
  {
    ruleId: text,
    ruleIndex: count(0),
    kind: among('fail'),
    level,
    message,
    locations: listOf(object(location)),
    relatedLocations: listOf(object(location, ['id']), true),
    partialFingerprints: strings,
    suppressions: listOf(
      object(
        {
          kind: among('inSource', 'external'),
          status: among('accepted', 'underReview', 'rejected'),
          justification: text,
        },
        ['kind'],
      ),
      true,
    ),
    webRequest: object({ protocol: text, version: text, target: text, method: text, headers: strings, body: content }),
    webResponse: object({
      protocol: text,
      version: text,
      statusCode: count(100),
      headers: strings,
      body: content,
      noResponseReceived: flag,
    }),
    properties: bag,
  },
  ['message'],
);

const component = {
  name: text,
  organization: text,
  version: text,
  semanticVersion: text,
  informationUri: absoluteUri,
  shortDescription: message,
  rules: listOf(descriptor, true),
  taxa: listOf(descriptor, true),
  supportedTaxonomies: listOf(componentReference, true),
};

const notification = object({ level, message, associatedRule: object({ id: text }) }, ['message']);

const run = object(
  {
    tool: object({ driver: object(component, ['name']) }, ['driver']),
    automationDetails: object({ id: text }),
    invocations: listOf(
      object(
        {
          executionSuccessful: flag,
          startTimeUtc: moment,
          endTimeUtc: moment,
          toolExecutionNotifications: listOf(notification),
        },
        ['executionSuccessful'],
      ),
    ),
    columnKind: among('utf16CodeUnits', 'unicodeCodePoints'),
    taxonomies: listOf(object(component, ['name']), true),
    results: listOf(result),
    properties: bag,
  },
  ['tool', 'results'],
);

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly Rule[] } };
  readonly taxonomies: readonly { readonly name: string; readonly taxa: readonly { readonly id: string }[] }[];
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly suppressions?: readonly unknown[];
  }[];
}
interface Rule {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly relationships: readonly {
    readonly target: { readonly id: string; readonly toolComponent: { readonly name: string; readonly index: number } };
  }[];
}

/** Fails with the place where a log breaks a rule: structure, and what must agree across it. */
export function assertSarif(log: unknown): void {
  object({ $schema: absoluteUri, version: among('2.1.0'), runs: listOf(run) }, ['version', 'runs'])(log, '');
  for (const { tool, taxonomies, results } of (log as { runs: readonly Run[] }).runs) {
    const { rules } = tool.driver;
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length, 'rules have ids of their own');
    for (const { ruleId, ruleIndex } of results)
      assert.equal(rules[ruleIndex]?.id, ruleId, 'ruleIndex leads to ruleId');
    for (const { relationships, properties } of rules) {
      for (const { target } of relationships) {
        const taxonomy = taxonomies[target.toolComponent.index];
        assert.equal(taxonomy?.name, target.toolComponent.name);
        assert.ok(
          taxonomy?.taxa.some(({ id }) => id === target.id),
          `${target.id} stands in its taxonomy`,
        );
      }
      const severity = Number(properties['security-severity']);
      assert.ok(severity >= 0 && severity <= 10 && typeof properties['security-severity'] === 'string');
    }
    // 3.27.23: all results say whether they are suppressed, or none does.
    const said = results.filter(({ suppressions }) => suppressions !== undefined).length;
    assert.ok(said === 0 || said === results.length);
  }
}
