import type { Operation } from '../../contract/model.ts';
import { parseTemplate } from '../../contract/template.ts';

const templates = new WeakMap<Operation, ReturnType<typeof parseTemplate>>();

/**
 * Values of the path of a request to an operation, decoded, by name; undefined where the target is not one of this
 * operation (attacks bend paths).
 */
export function pathValues(operation: Operation, target: string): Map<string, string> | undefined {
  let template = templates.get(operation);
  if (!template) templates.set(operation, (template = parseTemplate(operation.template)));
  if ('message' in template) return undefined;
  const end = target.search(/[?#]/);
  const segments = (end === -1 ? target : target.slice(0, end)).slice(1).split('/');
  if (segments.length !== template.segments.length) return undefined;
  const values = new Map<string, string>();
  for (const [index, expected] of template.segments.entries()) {
    let given: string;
    try {
      given = decodeURIComponent(segments[index]!);
    } catch {
      return undefined;
    }
    if (expected.kind === 'literal') {
      if (given !== expected.text) return undefined;
    } else if (expected.kind === 'parameter') values.set(expected.name, given);
    else if (!inParts(given, expected.literals, expected.names, values)) return undefined;
  }
  return values;
}

/** `report.{format}`: each literal at its first place after the one before. */
function inParts(
  given: string,
  literals: readonly string[],
  names: readonly string[],
  values: Map<string, string>,
): boolean {
  if (!given.startsWith(literals[0] ?? '')) return false;
  let at = (literals[0] ?? '').length;
  for (const [index, name] of names.entries()) {
    const next = literals[index + 1] ?? '';
    const end = index === names.length - 1 ? given.length - next.length : given.indexOf(next, at);
    if (end < at || !given.startsWith(next, end)) return false;
    values.set(name, given.slice(at, end));
    at = end + next.length;
  }
  return at === given.length;
}
