/**
 * Writes what is generated from the settings: `docs/configuration.md` and `docs/portcullis.schema.json`.
 * With `--check` it writes nothing and fails where they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationJsonSchema } from '../src/config/load.ts';
import { refusalTable } from '../src/gateway/refusal.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const root = join(import.meta.dirname, '..');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function kind(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(kind))].join(' or ');
  if (node.type === 'array') return `list of ${node.items === undefined ? 'anything' : kind(node.items)}`;
  return node.type ?? 'anything';
}

function rows(node: Node, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const standard =
      child.default === undefined || typeof child.default === 'object' ? '' : `\`${JSON.stringify(child.default)}\``;
    const own = `| \`${key}\` | ${cell(kind(child))} | ${cell(standard)} | ${cell(child.description ?? '')} |`;
    return child.properties === undefined ? [own] : [own, ...rows(child, key)];
  });
}

export function configurationPage(): string {
  const schema = configurationJsonSchema() as Node;
  const sections = Object.entries(schema.properties ?? {})
    .filter(([, node]) => node.properties !== undefined)
    .map(
      ([name, node]) =>
        `## ${name}\n\n${node.description ?? ''}\n\n| key | what | default | meaning |\n|---|---|---|---|\n${rows(node, name).join('\n')}\n`,
    );
  const plain = Object.entries(schema.properties ?? {}).filter(([, node]) => node.properties === undefined);
  const top = plain.map(([name, node]) => `| \`${name}\` | ${cell(kind(node))} | ${cell(node.description ?? '')} |`);
  const codes = Object.entries(refusalTable).map(
    ([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.title} | ${entry.judgement ?? ''} |`,
  );
  return `# Configuration

Generated from the settings by \`node scripts/run.js scripts/reference.ts\`. Unknown keys are errors. \`\${NAME}\` in a value is taken from the
environment. Durations are written \`500ms\`, \`30s\`, \`15m\`, \`24h\`, \`90d\`. \`authentication: none\`, \`disclosure: report\` and the like are short for
the key \`access\` or \`mode\` of that room.

| key | what | meaning |
|---|---|---|
${top.join('\n')}

${sections.join('\n')}
## Refusals

Every refusal is a problem document (RFC 9457) with \`code\`, and \`exchange\`, the id under which it stands in the audit log.

| code | status | title | judgement |
|---|---:|---|---|
${codes.join('\n')}
`;
}

export const schemaFile = (): string => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;

if (import.meta.main) {
  const files = { 'docs/configuration.md': configurationPage(), 'docs/portcullis.schema.json': schemaFile() };
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    if (process.argv.includes('--check')) {
      if (readFileSync(file, 'utf8') !== text) {
        process.stderr.write(`${name} is out of date: run node scripts/run.js scripts/reference.ts\n`);
        process.exitCode = 1;
      }
    } else writeFileSync(file, text);
  }
}
