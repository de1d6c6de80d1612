import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { hasher } from '../audit/address.ts';
import { type CompiledFilter, compileFilter, type Filter } from '../audit/filter.ts';
import { readHead } from '../audit/head.ts';
import { KEY_COMMENT, type KeptCheckpoint, parseKept } from '../audit/kept.ts';
import { readSigningKey } from '../audit/keys.ts';
import { listLogs, type StoredLog } from '../audit/logs.ts';
import { formatVerifier } from '../audit/note.ts';
import { positionOf } from '../audit/position.ts';
import { formatExchange, formatJsonLine, formatLine } from '../audit/present.ts';
import { findExchange, search } from '../audit/search.ts';
import { tail } from '../audit/tail.ts';
import { printable, printableJson } from '../audit/text.ts';
import { type LogReport, verifyLog } from '../audit/verify.ts';
import { parseDuration } from '../shared/duration.ts';
import type { CliContext } from './context.ts';

/** What these verbs need of the program around them. */
export type AuditContext = Pick<CliContext, 'dataDirectory' | 'out' | 'err' | 'fail'> & {
  /** The configured audit directory, where it is not `audit` in the data directory. */
  readonly auditDirectory?: () => Promise<string>;
};

interface FilterOptions {
  since?: string;
  until?: string;
  principal?: string;
  credential?: string;
  address?: string;
  operation?: string;
  outcome?: string;
  object?: string;
  event?: string;
  json?: boolean;
}

const TIME = 'a span back from now (15m, 24h, 30d) or a time (2026-11-23T08:00:00Z)';

/** Adds `portcullis audit tail|search|show|verify|checkpoint`. */
export function auditVerb(program: Command, context: AuditContext): void {
  const audit = program
    .command('audit')
    .description('read the audit log, and verify that nobody changed it')
    .option('--directory <dir>', 'the audit directory, where it is not the configured one');
  const directoryOf = async (): Promise<string> => {
    const { directory } = audit.opts<{ directory?: string }>();
    return directory ?? (await context.auditDirectory?.()) ?? join(await context.dataDirectory(), 'audit');
  };
  const verbs = { audit, context, directoryOf };
  tailVerb(verbs);
  searchVerb(verbs);
  showVerb(verbs);
  verifyVerb(verbs);
  checkpointVerb(verbs);
}

interface Verbs {
  readonly audit: Command;
  readonly context: AuditContext;
  readonly directoryOf: () => Promise<string>;
}

const withFilters = (command: Command): Command =>
  command
    .option('--principal <id>', 'who called: id, or kind:id (user:anna)')
    .option('--credential <id>', 'public id of the credential')
    .option('--address <address>', 'client address, or a range such as 203.0.113.0/24')
    .option('--operation <operation>', 'operationId, "GET /patients/{id}" or the path template')
    .option('--outcome <outcome>', 'allowed, refused, invalid, harmful, failed, a status, or the code of a refusal')
    .option('--object <kind:id>', 'an object that was addressed or disclosed (patient:17)')
    .option('--event <name>', 'events of that name; "*" for all events')
    .option('--json', 'one record a line, as JSON');

function logsIn(context: AuditContext, directory: string): StoredLog[] {
  let logs: StoredLog[] = [];
  try {
    logs = listLogs(directory);
  } catch (error) {
    context.fail(2, `${directory} cannot be read: ${(error as Error).message}`);
  }
  if (logs.length === 0)
    context.fail(
      2,
      `there is no audit log in ${directory}; mend: name its directory with --directory, or start the gate once`,
    );
  return logs;
}

function timeOf(context: AuditContext, name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const span = parseDuration(value);
  const time =
    span === undefined ? (/^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN) : Date.now() - span;
  if (Number.isNaN(time)) context.fail(2, `${name} is ${TIME}, not "${printable(value)}"`);
  return time;
}

function filterOf(context: AuditContext, directory: string, options: FilterOptions & { id?: string }): CompiledFilter {
  const since = timeOf(context, '--since', options.since);
  const until = timeOf(context, '--until', options.until);
  const { id, principal, credential, address, operation, outcome, object, event } = options;
  const filter: Filter = { since, until, id, principal, credential, address, operation, outcome, object, event };
  try {
    // Only the one who may read the key can look for a hashed address.
    const key = address === undefined ? undefined : keyOf(directory);
    return compileFilter(filter, key);
  } catch (error) {
    return context.fail(2, (error as Error).message);
  }
}

function keyOf(directory: string): ReturnType<typeof hasher> | undefined {
  try {
    const key = readSigningKey(directory);
    return key === undefined ? undefined : hasher(key.seed);
  } catch {
    return undefined;
  }
}

const complainTo = (context: AuditContext) => (message: string) => context.err(printable(message));

function countOf(context: AuditContext, name: string, value: string): number {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isNaN(count) ? context.fail(2, `${name} is a number, not "${printable(value)}"`) : count;
}

function tailVerb({ audit, context, directoryOf }: Verbs): void {
  withFilters(audit.command('tail'))
    .description('show the last records, and those that come')
    .option('-f, --follow', 'go on until interrupted')
    .option('-n, --lines <n>', 'records shown of what is there', '10')
    .addHelpText('after', '\nExample:\n  portcullis audit tail -f --outcome harmful')
    .action(async (options: FilterOptions & { follow?: boolean; lines: string }) => {
      const directory = await directoryOf();
      const last = Math.min(countOf(context, '--lines', options.lines), 100_000);
      if (options.follow !== true) logsIn(context, directory);
      const filter = filterOf(context, directory, options);
      const stop = new AbortController();
      const interrupt = () => stop.abort();
      process.once('SIGINT', interrupt);
      try {
        const found = tail(() => listLogs(directory), filter, {
          last,
          follow: options.follow === true,
          signal: stop.signal,
          complain: complainTo(context),
        });
        for await (const one of found) context.out(options.json === true ? formatJsonLine(one) : formatLine(one));
      } finally {
        process.removeListener('SIGINT', interrupt);
      }
    });
}

function searchVerb({ audit, context, directoryOf }: Verbs): void {
  withFilters(audit.command('search'))
    .description('find records, oldest first; all conditions must hold')
    .option('--since <time>', TIME)
    .option('--until <time>', TIME)
    .option('--limit <n>', 'records shown; 0 for all', '1000')
    .addHelpText(
      'after',
      '\nExample (who saw patient 17?):\n  portcullis audit search --object patient:17 --since 30d\n\nExit code 0 whether something was found or not.',
    )
    .action(async (options: FilterOptions & { limit: string }) => {
      const directory = await directoryOf();
      const limit = countOf(context, '--limit', options.limit);
      const filter = filterOf(context, directory, options);
      const logs = logsIn(context, directory);
      let shown = 0;
      for await (const one of search(logs, filter, { complain: complainTo(context) })) {
        if (limit > 0 && shown === limit) {
          context.err(`stopped after ${limit} records; --limit 0 shows all`);
          break;
        }
        context.out(options.json === true ? formatJsonLine(one) : formatLine(one));
        shown++;
      }
      if (shown === 0) context.err('nothing found');
    });
}

function showVerb({ audit, context, directoryOf }: Verbs): void {
  audit
    .command('show')
    .argument('<id>', 'id of the exchange, as it stands in the answer')
    .description('why one exchange ended as it did, stage by stage, and whether its record is the one that was signed')
    .option('--json', 'record and inclusion proof as JSON')
    .addHelpText('after', '\nExample:\n  portcullis audit show 01M84WYSFYHQVB5PVCSS97Q1CG')
    .action(async (id: string, options: { json?: boolean }) => {
      const directory = await directoryOf();
      const filter = filterOf(context, directory, { id });
      const logs = logsIn(context, directory);
      const found = await findExchange(logs, filter, { complain: complainTo(context) });
      if (found === undefined) return context.fail(2, `there is no exchange ${printable(id)} in ${directory}`);
      const position = await positionOf(found);
      if (options.json === true)
        context.out(
          printableJson({ log: found.log.slot, segment: found.segment.name, position, record: found.record }),
        );
      else context.out(formatExchange(found, position));
      if (position.state === 'disproven') context.fail(1, 'the record is not the one that was signed');
    });
}

async function keptIn(context: AuditContext, files: readonly string[]): Promise<KeptCheckpoint[]> {
  const kept: KeptCheckpoint[] = [];
  for (const file of files) {
    try {
      kept.push(...parseKept(await readFile(file, 'utf8')));
    } catch (error) {
      context.fail(2, `${file} cannot be used as kept checkpoint: ${(error as Error).message}`);
    }
  }
  return kept;
}

function verifyVerb({ audit, context, directoryOf }: Verbs): void {
  audit
    .command('verify')
    .description('find every record that was changed, removed, reordered, inserted or cut')
    .option('--checkpoint <file...>', 'checkpoints kept elsewhere (see `audit checkpoint`)')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
The log is measured by its own checkpoint. Whoever can write the disk and read signing.key can sign a history of their
own: only a checkpoint kept elsewhere finds that out.

Example:
  portcullis audit checkpoint > /mnt/elsewhere/checkpoint
  portcullis audit verify --checkpoint /mnt/elsewhere/checkpoint

Exit codes: 0 nothing found, 1 tampering found, 2 cannot be verified.`,
    )
    .action(async (options: { checkpoint?: string[]; json?: boolean }) => {
      const directory = await directoryOf();
      const kept = await keptIn(context, options.checkpoint ?? []);
      const logs = logsIn(context, directory);
      const reports: LogReport[] = [];
      const known = new Set<string>();
      for (const log of logs) {
        const { verifier } = await readHead(log.directory);
        const own = kept.filter(({ checkpoint }) => checkpoint.origin === verifier?.name);
        for (const { checkpoint } of own) known.add(checkpoint.origin);
        const report = await verifyLog(log.directory, log.slot, own).catch((error: unknown) =>
          context.fail(2, `log ${log.slot} cannot be read: ${(error as Error).message}`),
        );
        reports.push(report);
        if (options.json !== true) for (const line of reportLines(report, own.length)) context.out(printable(line));
      }
      const missing = kept.map(({ checkpoint }) => checkpoint.origin).filter((origin) => !known.has(origin));
      if (options.json === true) context.out(printableJson({ logs: reports, missing }));
      else {
        for (const origin of missing)
          context.out(printable(`missing: there is no log ${origin}, of which a checkpoint was kept`));
        if (kept.length === 0)
          context.err(
            'measured by the checkpoints beside the log alone: keep one elsewhere (`audit checkpoint`) to find out someone who can sign',
          );
      }
      const findings = reports.reduce((sum, report) => sum + report.findings.length, missing.length);
      if (findings > 0)
        context.fail(1, `${findings} ${findings === 1 ? 'finding' : 'findings'}: the log is not as it was signed`);
    });
}

function reportLines(report: LogReport, kept: number): string[] {
  const { log, origin, signed, records, pruned, findings, notes } = report;
  const against = kept > 0 ? `, and against ${kept} kept ${kept === 1 ? 'checkpoint' : 'checkpoints'}` : '';
  return [
    `log ${log} (${origin || 'no key'}): ${records} records, ${signed} signed${pruned > 0 ? `, ${pruned} pruned` : ''}${against}: ${findings.length === 0 ? 'intact' : 'NOT INTACT'}`,
    ...findings.map(({ kind, message }) => `  ${kind}: ${message}`),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

function checkpointVerb({ audit, context, directoryOf }: Verbs): void {
  audit
    .command('checkpoint')
    .description('print the newest checkpoints with their keys, to be kept where the gate cannot write')
    .addHelpText('after', '\nExample:\n  portcullis audit checkpoint | ssh vault "cat >> portcullis.checkpoints"')
    .action(async () => {
      const logs = logsIn(context, await directoryOf());
      for (const log of logs) {
        const { checkpoint, source, verifier, problem } = await readHead(log.directory);
        if (checkpoint === undefined || verifier === undefined)
          context.fail(1, `log ${log.slot} has no checkpoint that could be kept: ${problem ?? 'unknown'}`);
        else context.out(`${KEY_COMMENT}${formatVerifier(verifier)}\n${source}`);
      }
    });
}
