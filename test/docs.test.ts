import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { configurationPage, schemaFile } from '../scripts/reference.ts';
import { configurationJsonSchema } from '../src/config/load.ts';
import { knownExtensions } from '../src/gateway/plan.ts';
import { refusalTable } from '../src/gateway/refusal.ts';

const root = join(import.meta.dirname, '..');
const main = join(root, 'src', 'cli', 'main.ts');

interface Page {
  readonly name: string;
  readonly text: string;
  /** Without fenced blocks, where nothing is a link. */
  readonly prose: string;
}

const read = (file: string): Page => {
  const text = readFileSync(file, 'utf8');
  return { name: relative(root, file), text, prose: text.replace(/^```[^\n]*\n.*?^```$/gms, '') };
};

const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].map((name) => join(root, name)),
  ...docs.map((name) => join(root, 'docs', name)),
].map(read);

/** Heading anchors as code hosts make them: lower case, spaces to hyphens, punctuation dropped. */
const anchorsOf = (page: Page): Set<string> =>
  new Set(
    [...page.prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) =>
      (title as string)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

/** Problems of one kind on all pages, each with its page. */
const problems = (find: (page: Page) => Iterable<string>): string[] =>
  pages.flatMap((page) => [...find(page)].map((problem) => `${page.name}: ${problem}`));

test('every relative link leads to a file, and to a heading where it names one', () => {
  let links = 0;
  const broken = problems(function* (page) {
    for (const [, target] of page.prose.matchAll(/\]\(([^()\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target as string)) continue;
      links++;
      const [path, anchor] = (target as string).split('#') as [string, string?];
      const file = path === '' ? join(root, page.name) : resolve(root, dirname(page.name), path);
      if (!existsSync(file)) yield `${target} leads nowhere`;
      else if (anchor !== undefined && !(statSync(file).isFile() && anchorsOf(read(file)).has(anchor)))
        yield `${target} names no heading`;
    }
  });
  assert.deepEqual(broken, []);
  assert.ok(links > 40, `only ${links} links were found: has their form changed?`);
});

test('every page is reached from the README, over other pages or not', () => {
  const seen = new Set(['README.md']);
  for (const name of seen) {
    const page = pages.find((one) => one.name === name);
    for (const [, target] of page?.prose.matchAll(/\]\(([^()\s#]+\.md)/g) ?? [])
      seen.add(relative(root, resolve(root, dirname(name), target as string)));
  }
  assert.deepEqual(
    pages.map(({ name }) => name).filter((name) => !seen.has(name)),
    [],
  );
});

/** The verbs below a command, from its help. */
function verbsOf(...command: string[]): Set<string> {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...command, '--help'],
    { encoding: 'utf8' },
  );
  const list = stdout.split(/^Commands:$/m)[1];
  assert.ok(list !== undefined, `no commands in the help of portcullis ${command.join(' ')}: ${stderr}`);
  return new Set([...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, verb]) => verb as string));
}

test('every verb that is named exists', () => {
  const verbs = verbsOf();
  const below = new Map(['keys', 'users', 'audit', 'bans', 'clients', 'grants'].map((verb) => [verb, verbsOf(verb)]));
  let named = 0;
  const unknown = problems(function* ({ text }) {
    // As it is written where it is meant as a command: after `npx`, or at the beginning of code.
    for (const [, rest] of text.matchAll(/(?:npx |`)portcullis ([^`\n|>#]*)/g)) {
      const words = (rest as string).replace(/(?:--(?:config|directory)|-c) \S+/g, '').split(/\s+/);
      const [verb, next] = words.filter((word) => word !== '');
      if (verb === undefined || !/^[a-z]/.test(verb)) continue;
      named++;
      if (!verbs.has(verb)) yield `portcullis ${verb}`;
      else if (next !== undefined && /^[a-z]+$/.test(next) && below.get(verb)?.has(next) === false)
        yield `portcullis ${verb} ${next}`;
    }
  });
  assert.deepEqual(unknown, []);
  assert.ok(named > 40, `only ${named} verbs were found: has their form changed?`);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Whether the steps lead to a key, through any branch, list or map on the way. */
function leads(schema: Schema | boolean | undefined, [step, ...rest]: readonly string[]): boolean {
  if (typeof schema !== 'object') return false;
  if (step === undefined) return true;
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (schema.items !== undefined) inner.push(schema.items);
  return (
    leads(schema.properties?.[step], rest) ||
    (schema.properties === undefined && leads(schema.additionalProperties, rest)) ||
    inner.some((one) => leads(one, [step, ...rest]))
  );
}

test('every configuration key in backticks exists in the schema', () => {
  const schema = configurationJsonSchema() as Schema;
  const rooms = Object.keys(schema.properties ?? {}).join('|');
  const key = new RegExp(`\`((?:${rooms})(?:\\.[A-Za-z]+)+)(?=[\`:])`, 'g');
  let named = 0;
  const unknown = problems(function* ({ name, prose }) {
    if (name === join('docs', 'configuration.md')) return;
    for (const [, path] of prose.matchAll(key)) {
      // `admin.token`, `openapi.yaml`: files that look like keys.
      if (path === 'admin.token') continue;
      named++;
      if (!leads(schema, (path as string).split('.'))) yield path as string;
    }
  });
  assert.deepEqual(unknown, []);
  assert.ok(named > 50, `only ${named} keys were found: has their form changed?`);
});

test('every contract extension is explained, and none that does not exist', () => {
  const inSchemas = ['sensitive', 'roles', 'mask', 'object'].map((name) => `x-portcullis-${name}`);
  const known = new Set([...knownExtensions, ...inSchemas]);
  const contract = pages.find(({ name }) => name === join('docs', 'contract.md'))?.text ?? '';
  assert.deepEqual(
    [...known].filter((name) => !contract.includes(`\`${name}\``)),
    [],
  );
  const unknown = problems(({ text }) =>
    // Not the identity headers, which are written in capitals.
    [...text.matchAll(/x-portcullis-[a-z-]*[a-z]/g)].map(([name]) => name).filter((name) => !known.has(name)),
  );
  assert.deepEqual(unknown, []);
});

test('every code of a refusal that is shown exists', () => {
  const unknown = problems(({ text }) =>
    [...text.matchAll(/(?:urn:portcullis:(?!acr:|api\b)|\b[45]\d\d `)([a-z]+(?:-[a-z]+)*)/g)]
      .map(([, code]) => code as string)
      .filter((code) => !Object.hasOwn(refusalTable, code)),
  );
  assert.deepEqual(unknown, []);
});

test('what is generated is up to date', () => {
  const mend = 'run node scripts/run.js scripts/reference.ts';
  assert.equal(readFileSync(join(root, 'docs', 'configuration.md'), 'utf8'), configurationPage(), mend);
  assert.equal(readFileSync(join(root, 'docs', 'portcullis.schema.json'), 'utf8'), schemaFile(), mend);
});
