import type { Command } from 'commander';
import { explainOperation, type OperationPlan, type Plan } from '../gateway/plan.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { formatFindings } from './findings.ts';
import { planFor } from './inspect.ts';
import { printable } from './printable.ts';

const PRACTICES = [
  'authentication',
  'authorization',
  'validation',
  'detection',
  'encryption',
  'disclosure',
  'throttling',
  'audit',
] as const;

/** `portcullis check [contract]`: every problem with place and mend, then what is in force for each operation. */
export function checkVerb(program: Command, context: CliContext): void {
  program
    .command('check')
    .argument('[contract]', 'check this contract alone, under all defaults, instead of the configuration')
    .option('--json', 'for machines', false)
    .option('--quiet', 'findings only, no table', false)
    .description('load configuration and contract, and print every problem and what is in force for each operation')
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis check\n  portcullis check openapi.yaml --json\n\nExit codes: 0 nothing found, 1 findings, 2 cannot be loaded.',
    )
    .action(async (contract: string | undefined, options: { json: boolean; quiet: boolean }) => {
      const plan = await planFor(program.opts<{ config: string }>().config, contract);
      const errors = plan.findings.filter((finding) => finding.severity === 'error');
      if (options.json) context.json(asJson(plan));
      else {
        if (plan.findings.length > 0) context.out(`${formatFindings(plan.findings)}\n`);
        if (!options.quiet) context.out(table(plan));
        context.out(summary(plan));
      }
      if (errors.length > 0) throw new CliExit(2);
      if (plan.findings.length > 0) throw new CliExit(1);
    });
}

const asJson = (plan: Plan): unknown => ({
  contract: { source: plan.contract.source, version: plan.contract.version, title: plan.contract.title },
  findings: plan.findings,
  operations: [...plan.operations.values()].map((operation) => ({
    operation: operation.operation.key,
    operationId: operation.operation.operationId,
    inForce: Object.fromEntries(explainOperation(operation).map(({ room, lines }) => [room, lines])),
  })),
});

function summary(plan: Plan): string {
  const count = (severity: string): number => plan.findings.filter((finding) => finding.severity === severity).length;
  return `${plan.operations.size} operations; ${count('error')} errors, ${count('warning')} warnings, ${count('weakness')} weaknesses of the contract`;
}

/** One row an operation: per practice the first thing in force, and a letter for its origin. */
function table(plan: Plan): string {
  const rows = [...plan.operations.values()].map((operation) => [operation.operation.key, ...cells(operation)]);
  const alike = PRACTICES.flatMap((practice, index) => {
    const values = new Set(rows.map((row) => row[index + 1]));
    return rows.length > 1 && values.size === 1 ? [{ practice, value: [...values][0] as string }] : [];
  });
  const shown = PRACTICES.filter((practice) => !alike.some((each) => each.practice === practice));
  const header = ['operation', ...shown];
  const columns = rows.map((row) => [
    row[0] as string,
    ...shown.map((practice) => row[PRACTICES.indexOf(practice) + 1] as string),
  ]);
  const widths = header.map((title, column) =>
    Math.min(column === 0 ? 44 : 26, Math.max(title.length, ...columns.map((row) => (row[column] as string).length))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => fit(cell, widths[column] as number))
      .join('  ')
      .trimEnd();
  return [
    ...alike.map(({ practice, value }) => `all operations  ${practice.padEnd(14)}  ${value}`),
    '',
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...columns.map(line),
    '(d) default  (c) contract  (f) configuration file; `portcullis explain "GET /path"` shows all of it',
    '',
  ].join('\n');
}

const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

function cells(operation: OperationPlan): string[] {
  const lines = new Map(explainOperation(operation).map(({ room, lines }) => [room, lines]));
  return PRACTICES.map((practice) => {
    const first = lines.get(practice)?.[0];
    if (first === undefined) return '-';
    return printable(`${first.value} (${letter(first.origin)})`);
  });
}

const letter = (origin: string): string =>
  origin === 'default' ? 'd' : /portcullis[^/\\]*\.ya?ml/.test(origin) && !origin.includes('x-portcullis') ? 'f' : 'c';
