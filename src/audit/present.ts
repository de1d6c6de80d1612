import { WAY } from '../gateway/way.ts';
import type { Position } from './position.ts';
import type { AuditRecord } from './record.ts';
import type { Found } from './search.ts';
import { printable, printableJson } from './text.ts';

/**
 * Records for people. Everything in them came from outside and may have been edited since: all of it passes
 * `printable` on its way to a terminal.
 */

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** Milliseconds from microseconds, three significant digits or so. */
const milliseconds = (us: unknown): string =>
  typeof us === 'number' ? `${(us / 1000).toFixed(us < 100_000 ? 3 : 0)} ms` : '-';

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One line a record. */
export function formatLine({ record, verdict, log }: Pick<Found, 'record' | 'verdict' | 'log'>): string {
  const { time, kind, id, request, operation, outcome, principal, peer } = record;
  if (kind === 'event')
    return printable(
      `${time}  event ${text(record.event)}  ${text(record.note)}${record.evidence === undefined ? '' : `  ${JSON.stringify(record.evidence)}`}  (log ${log.slot})`,
    );
  const what = operation?.key ?? `${text(request?.method)} ${text(request?.path)}`;
  const path = operation !== undefined && request?.path !== undefined ? `  ${text(request.path)}` : '';
  const who = principal === undefined ? '-' : `${text(principal.kind)}:${text(principal.id)}`;
  const code = outcome?.code === undefined ? '' : ` ${text(outcome.code)}`;
  const perhaps = verdict === 'perhaps' ? '  (its list of objects was cut: perhaps)' : '';
  return printable(
    `${time}  ${text(outcome?.result)} ${text(outcome?.status)}${code}  ${text(what)}${path}  ${who}  ${text(peer?.address)}  ${milliseconds(record.us?.total)}  ${text(id)}${perhaps}`,
  );
}

/** The record as one line of JSON, safe to print. */
export const formatJsonLine = ({ record, log, verdict }: Found): string =>
  printableJson({ log: log.slot, ...(verdict === 'perhaps' ? { perhaps: true } : {}), ...record });

/** One exchange, stage by stage. */
export function formatExchange(found: Found, position: Position): string {
  const { record, log, segment } = found;
  const lines: string[] = [];
  const row = (name: string, value: string) => lines.push(`  ${name.padEnd(11)}${value}`);
  lines.push(`exchange ${text(record.id)}  ${record.time}  ${milliseconds(record.us?.total)}`);
  rows(record, row);
  lines.push('  stages');
  for (const line of stageLines(record)) lines.push(`    ${line}`);
  for (const [name, label] of [
    ['fields', 'sensitive fields that left'],
    ['objects', 'objects'],
    ['removed', 'removed from the answer'],
  ] as const) {
    const items = asList(record.disclosed?.[name]);
    const more = record.omitted?.[name] ?? 0;
    if (items.length > 0)
      lines.push(
        `  ${label}: ${items.map(text).join(', ')}${more > 0 ? ` … and ${more} more that were not recorded` : ''}`,
      );
  }
  lines.push(`  record ${position.index} of log ${log.slot}, ${segment.name}: ${proofText(position)}`);
  return lines.map(printable).join('\n');
}

function rows(record: AuditRecord, row: (name: string, value: string) => void): void {
  const { peer, request, operation, principal, outcome } = record;
  if (peer !== undefined)
    row(
      'from',
      `${text(peer.address)}${peer.socket === undefined ? '' : ` through ${text(peer.socket)}`} (${text(peer.tls) || 'plain HTTP'})`,
    );
  if (request !== undefined) {
    const query = asList(request.query).map(text).join(', ');
    row(
      'request',
      `${text(request.method)} ${text(request.path) || '(path not recorded)'}  HTTP/${text(request.version)}  host ${text(request.host)}`,
    );
    if (query !== '')
      row('', `query parameters: ${query}${request.values === undefined ? '' : `  ${JSON.stringify(request.values)}`}`);
    if (request.agent !== undefined) row('', `user agent: ${text(request.agent)}`);
  }
  row(
    'operation',
    operation === undefined
      ? 'none of the contract'
      : `${text(operation.key)}${operation.id === undefined ? '' : ` (${text(operation.id)})`}`,
  );
  if (principal === undefined) row('principal', 'none');
  else {
    const { credential } = principal;
    row(
      'principal',
      `${text(principal.kind)} ${text(principal.id)}, roles: ${asList(principal.roles).map(text).join(', ') || 'none'}`,
    );
    row('', `credential: ${text(credential?.scheme)} ${text(credential?.id)}, bound to: ${text(credential?.binding)}`);
  }
  row(
    'outcome',
    `${text(outcome?.result)} ${text(outcome?.status)}${outcome?.code === undefined ? '' : ` ${text(outcome.code)}`}${outcome?.detail === undefined ? '' : `: ${text(outcome.detail)}`}`,
  );
  for (const violation of asList(outcome?.violations) as { in: unknown; pointer: unknown; detail: unknown }[])
    row('', `${text(violation?.in)} ${text(violation?.pointer)}: ${text(violation?.detail)}`);
  if (outcome?.evidence !== undefined) row('', `evidence: ${JSON.stringify(outcome.evidence)}`);
  if (record.upstream !== undefined) row('upstream', `answered ${text(record.upstream)}`);
  if (record.bytes !== undefined) row('bytes', `${text(record.bytes[0])} in, ${text(record.bytes[1])} out`);
}

/** Each step that ran with its time and what it decided; then what was decided elsewhere. */
function stageLines(record: AuditRecord): string[] {
  const lines: string[] = [];
  const decisions = asList(record.decisions) as { stage: unknown; note: unknown; evidence?: unknown }[];
  const steps = asList(record.us?.steps);
  const said = (d: { note: unknown; evidence?: unknown }) =>
    `${text(d.note)}${d.evidence === undefined ? '' : `  ${JSON.stringify(d.evidence)}`}`;
  const known = new Set<string>(WAY.map(({ stage }) => stage));
  let last = -1;
  for (const [i, { stage }] of WAY.entries())
    if (typeof steps[i] === 'number') last = WAY.findIndex((s) => s.stage === stage);
  for (const [i, { stage }] of WAY.entries()) {
    const own = decisions.filter((d) => d?.stage === stage);
    if (typeof steps[i] !== 'number' && own.length === 0) continue;
    const ended = i === last && record.outcome?.code !== undefined ? '  <- the last that ran' : '';
    lines.push(`${stage.padEnd(20)} ${milliseconds(steps[i]).padStart(10)}${ended}`);
    for (const decision of own) lines.push(`  ${said(decision)}`);
  }
  if (lines.length === 0) lines.push('none ran');
  for (const decision of decisions)
    if (!known.has(text(decision?.stage))) lines.push(`${text(decision?.stage)}: ${said(decision)}`);
  return lines;
}

function proofText({ state, signed, reason }: Position): string {
  if (state === 'proven') return `proven to be in the signed log of ${signed} records`;
  if (state === 'unsigned') return `not signed yet (the checkpoint covers ${signed} records)`;
  return `NOT PROVEN: ${reason ?? 'unknown'}; run \`portcullis audit verify\``;
}
