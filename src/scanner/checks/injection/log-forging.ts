import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from './common/ground.ts';
import { again, groundsOf, overPlaces, type Target } from './common/targets.ts';
import { named, word, wordsOf } from './common/words.ts';

const LOGS: ReadonlySet<string> = new Set([
  'log',
  'logs',
  'audit',
  'audits',
  'journal',
  'trace',
  'traces',
  'events',
  'activity',
  'history',
]);

export const check: Check = {
  id: 'log-forging',
  group: 'injection',
  title: 'Forged lines of the log',
  practice: 'log',
  cwe: 'CWE-117',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A line end in a value becomes a line end in the log. Callers write lines that look like the own ones of the API, and hide or blame with them.',
  mend: 'Write log entries as JSON, one a line, or escape control characters in every value that is logged.',
  async run(context) {
    const logs = await groundsOf(context, ({ method, template, tags, operationId }) => {
      const words = [
        ...wordsOf(template.replace(/\{[^}]*\}/g, ' ')),
        ...tags.flatMap(wordsOf),
        ...wordsOf(operationId ?? ''),
      ];
      return method === 'GET' && words.some((part) => LOGS.has(part));
    });
    if (logs.length === 0) {
      context.skip('no operation shows a log: what is written there cannot be seen');
      return;
    }
    const sent: { readonly target: Target; readonly marker: string }[] = [];
    await overPlaces(
      context,
      ({ ground, place }) => ground.effect !== 'remove' && place.in !== 'header' && place.in !== 'cookie',
      async (target) => {
        if (!target.ground.login && !isText(target)) return;
        const marker = word(target.random, 11);
        await target.send(forged(target.text, marker));
        sent.push({ target, marker });
      },
    );
    const read = await Promise.all(logs.map(async (log) => await readLog(context, log)));
    for (const { target, marker } of sent) {
      const log = logs[read.findIndex((exchange) => ownLine(exchange, marker) !== undefined)];
      if (log) await report(context, target, log);
    }
  },
};

const isText = ({ place, text }: Target): boolean => !/^-?\d+$/.test(text) || named(place, LOGS);

const forged = (text: string, marker: string): string => `${text}\n${marker} INFO forged\n`;

const readLog = async (context: CheckContext, log: Ground): Promise<Exchange> =>
  await context.send(log.sample.call, log.as);

async function report(context: CheckContext, target: Target, log: Ground): Promise<void> {
  const { operation, label, random } = target;
  const show = again(context, target, async (): Promise<Proof | undefined> => {
    const marker = word(random, 11);
    const attack = await target.send(forged(target.text, marker));
    const exchange = await readLog(context, log);
    const line = ownLine(exchange, marker);
    return line === undefined ? undefined : { exchanges: [attack, exchange], marks: [line] };
  });
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} writes ${label} into the log with its line ends: ${log.operation.key} shows a line that was sent`;
  // One writer of lines serves all operations.
  await context.report({ message, operation, place: label, cause: log.operation.key, proof, again: show });
}

/** A line of a log, or an entry of a list of lines, that begins with the marker. */
function ownLine({ answer }: Exchange, marker: string): string | undefined {
  const begins = (line: string): boolean => line.trimStart().startsWith(`${marker} INFO forged`);
  const line = `${marker} INFO forged`;
  if (answer.json === undefined) return answer.text.split(/\r?\n/).some(begins) ? line : undefined;
  const seek = (value: unknown, depth: number): boolean => {
    if (depth > 6) return false;
    // A text among others of a list is a line; a text of an entry may hold what it likes.
    if (Array.isArray(value))
      return value.some((item) => (typeof item === 'string' ? begins(item) : seek(item, depth + 1)));
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, inner]) =>
      typeof inner === 'string'
        ? wordsOf(name).some((part) => LOGS.has(part) || part === 'lines') && inner.split(/\r?\n/).some(begins)
        : seek(inner, depth + 1),
    );
  };
  return seek(answer.json, 0) ? line : undefined;
}
