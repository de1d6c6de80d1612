/**
 * Measures the scanner on the examples: what it finds, misses, and falsely reports.
 *
 * npm run scanner -- [--example clinic|market] [--only WEAKNESS,WEAKNESS] [--seed N] [--verbose] [--quick]
 *
 * Each weakness is switched on alone and the whole scan is run; before that, the careful example, which must have no
 * finding above informational. With --quick only the checks run that can tell the weakness: what is found and missed is
 * the same, false findings are not looked for.
 */
import { parseArgs } from 'node:util';
import { clinic, type Example, market } from './scanner/examples.ts';
import { scanExample } from './scanner/run.ts';
import { TRUTH } from './scanner/truth.ts';

const { values: options } = parseArgs({
  options: {
    example: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const seed = Number(options.seed);
const examples = [clinic, market].filter(({ name }) => options.example === undefined || options.example === name);

async function measure(example: Example): Promise<void> {
  const truth = TRUTH[example.name] ?? {};
  const careful = await scanExample(example, ['--careful'], { seed });
  const speed = Math.round((careful.requests / careful.milliseconds) * 1000);
  console.log(
    `${example.name} --careful: ${careful.requests} requests in ${(careful.milliseconds / 1000).toFixed(1)} s (${speed}/s), ` +
      `${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
  for (const { check, severity, message } of careful.findings) {
    if (severity !== 'informational') console.log(`  FALSE [${severity}] ${check.id}: ${message}`);
  }
  for (const { check, state, reason } of careful.checks)
    if (state === 'crashed') console.log(`  CRASHED ${check.id}: ${reason}`);
  const known = new Set(careful.findings.map(({ fingerprint }) => fingerprint));
  const names = options.only?.split(',') ?? example.weaknesses;
  let found = 0;
  let wrong = 0;
  for (const name of names) {
    const expected = truth[name] ?? [];
    const report = await scanExample(example, ['--weak', name], { seed, only: options.quick ? expected : [] });
    const fresh = report.findings.filter(({ fingerprint }) => !known.has(fingerprint));
    const told = fresh.filter(({ check }) => expected.includes(check.id));
    const others = fresh.filter(({ check, severity }) => !expected.includes(check.id) && severity !== 'informational');
    if (told.length > 0) found++;
    wrong += others.length;
    const ids = [...new Set(told.map(({ check, severity }) => `${check.id} (${severity})`))].join(', ');
    console.log(
      `${told.length > 0 ? 'found ' : 'MISSED'} ${name.padEnd(24)} ${ids} ${(report.milliseconds / 1000).toFixed(1)} s`,
    );
    for (const { check, severity, message } of others) console.log(`  OTHER [${severity}] ${check.id}: ${message}`);
    for (const { check, state, reason } of report.checks)
      if (state === 'crashed') console.log(`  CRASHED ${check.id}: ${reason}`);
    if (options.verbose) for (const { check, message } of told) console.log(`    ${check.id}: ${message}`);
  }
  console.log(`${example.name}: ${found} of ${names.length} found, ${wrong} findings that are of something else`);
}

for (const example of examples) await measure(example);
process.exit(0);
