import type { Operation } from '../contract/model.ts';
import type { Policy } from '../gateway/room.ts';
import type { Finding, Place } from '../shared/finding.ts';
import { compileSelector, inspectSelector } from '../shared/selector.ts';
import { CLASS_NAMES } from './classes/index.ts';
import type { DetectionSettings, Exception } from './settings.ts';

/** What leaves the gate blind for this operation: a search that is off, classes that are, exceptions that are too wide. */
export function inspectDetection({ settings }: Policy<DetectionSettings>, operation: Operation): Finding[] {
  const findings: Finding[] = [];
  const add = (rule: string, severity: Finding['severity'], message: string, mend: string): void => {
    findings.push({ rule: `detection/${rule}`, severity, message, mend, operation: operation.key });
  };
  if (settings.mode === 'off')
    add('off', 'weakness', 'nothing is searched for attacks', 'set detection.mode to report or enforce');
  else {
    const off = CLASS_NAMES.filter((name) => !settings.classes.includes(name));
    if (off.length > 0)
      add(
        'classes-off',
        'weakness',
        `not searched: ${off.join(', ')}`,
        'leave detection.classes at its default, and except single places instead',
      );
  }
  for (const exception of settings.exceptions) {
    if (exception.operation !== undefined && !compileSelector(exception.operation)(operation)) continue;
    const wide = tooWide(exception);
    if (wide !== undefined)
      add('wide-exception', 'weakness', `an exception ${wide}: "${exception.reason.slice(0, 80)}"`, NARROW);
    else if (exception.operation !== undefined && namesNothing(exception, operation))
      add(
        'unused-exception',
        'warning',
        `an exception names the ${exception.in} parameter '${exception.name}', which this operation does not have`,
        'name a parameter of the operation, or remove the exception',
      );
  }
  return findings;
}

/**
 * Exceptions whose selector selects no operation: asked once for the whole plan, since no operation would tell.
 *
 * @param placeOf the place of a key of the configuration
 */
export function inspectExceptions(
  exceptions: readonly Exception[],
  operations: readonly Operation[],
  placeOf: (path: readonly string[]) => Place | undefined,
): Finding[] {
  return exceptions.flatMap(({ operation }, index) => {
    const problem = operation === undefined ? undefined : inspectSelector(operation, operations);
    if (problem === undefined) return [];
    const path = ['detection', 'exceptions', String(index)];
    const place = placeOf([...path, 'operation']) ?? placeOf(path);
    const message = `Exception ${index + 1} of detection.exceptions: ${problem.message}`;
    return [{ rule: 'detection/unused-exception', severity: 'warning', ...problem, message, ...(place && { place }) }];
  });
}

const NARROW = 'write operation, in, name and one class, so that everything else stays searched';

function tooWide(exception: Exception): string | undefined {
  if (exception.class === '*') return 'covers every class';
  if (exception.in === undefined) return 'covers every part of the request';
  if (exception.name === undefined) return `covers everything in ${exception.in}`;
  return exception.name === '/**' ? 'covers the whole body' : undefined;
}

/** Only path and query are known in full: any header or cookie may be sent. */
function namesNothing({ in: source, name }: Exception, operation: Operation): boolean {
  if ((source !== 'path' && source !== 'query') || name === undefined || name.startsWith('/')) return false;
  const { parameters, template } = operation;
  if (parameters.some((each) => each.in === 'querystring') || template.includes('*')) return false;
  return source === 'path'
    ? !template.includes(`{${name}}`)
    : !parameters.some((each) => each.in === source && each.name === name);
}
