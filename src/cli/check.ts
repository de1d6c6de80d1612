import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { IssuerReport } from '../authentication/issuers/verify-issuer.ts';
import { loadConfiguration } from '../config/load.ts';
import { explainOperation, type OperationPlan, type Plan } from '../gateway/plan.ts';
import type { Finding } from '../shared/finding.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { formatFindings } from './findings.ts';
import { askIssuers, planFor } from './inspect.ts';
import { keyFindings } from './key-findings.ts';
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
    .option('--online', 'ask the issuers of tokens, too: metadata, key set, introspection', false)
    .description('load configuration and contract, and print every problem and what is in force for each operation')
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis check\n  portcullis check openapi.yaml --json\n  portcullis check --online\n\nExit codes: 0 nothing found, 1 findings, 2 cannot be loaded.',
    )
    .action(async (contract: string | undefined, options: { json: boolean; quiet: boolean; online: boolean }) => {
      const plan = await planFor(program.opts<{ config: string }>().config, contract);
      const findings = [...plan.findings, ...(contract === undefined ? keysOf(program) : [])];
      const errors = findings.filter((finding) => finding.severity === 'error');
      const issuers = options.online ? await askIssuers(plan.configuration) : undefined;
      if (options.json) context.json({ ...asJson(plan, findings), ...(issuers === undefined ? {} : { issuers }) });
      else {
        if (findings.length > 0) context.out(`${formatFindings(findings)}\n`);
        if (!options.quiet) context.out(table(plan));
        if (issuers !== undefined) context.out(issuersText(issuers));
        context.out(summary(plan, findings));
      }
      if (errors.length > 0) throw new CliExit(2);
      if (findings.length > 0 || issuers?.some(({ problems }) => problems.length > 0)) throw new CliExit(1);
    });
}

/** Keys are no part of the plan, but of what is in force. */
function keysOf(program: Command): Finding[] {
  const { directory, data } = loadConfiguration(program.opts<{ config: string }>().config);
  return keyFindings(resolve(directory, data));
}

const asJson = (plan: Plan, findings: readonly Finding[]): object => ({
  contract: { source: plan.contract.source, version: plan.contract.version, title: plan.contract.title },
  findings,
  operations: [...plan.operations.values()].map((operation) => ({
    operation: operation.operation.key,
    operationId: operation.operation.operationId,
    inForce: Object.fromEntries(explainOperation(operation).map(({ room, lines }) => [room, lines])),
  })),
});

/** What the issuers answered just now. */
function issuersText(issuers: readonly IssuerReport[]): string {
  if (issuers.length === 0) return 'no issuers of tokens are configured\n';
  const lines = issuers.flatMap(({ issuer, metadata, keySet, keys, introspection, problems }) => [
    `issuer ${issuer}`,
    ...(metadata === undefined ? [] : [`  metadata       ${metadata}`]),
    ...(keySet === undefined ? [] : [`  key set        ${keySet}${keys === undefined ? '' : ` (${keys} keys)`}`]),
    ...(introspection === undefined ? [] : [`  introspection  ${introspection}`]),
    ...problems.map((problem) => `  PROBLEM        ${problem}`),
  ]);
  return `${lines.map(printable).join('\n')}\n`;
}

function summary(plan: Plan, findings: readonly Finding[]): string {
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
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
