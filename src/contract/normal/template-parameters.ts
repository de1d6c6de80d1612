import type { Parameter } from '../model.ts';
import { parseTemplate } from '../template.ts';
import type { Context, Node } from './context.ts';

/**
 * Makes a template and the path parameters of an operation agree, so that values and declarations meet by name:
 * what is declared but not in the template goes, what is in the template but not declared is any text.
 *
 * @returns undefined where the template with its prefix cannot be read, which is an error.
 */
export function fitTemplate(
  context: Context,
  given: string,
  declared: readonly Parameter[],
  node: Node,
  key: string,
): { template: string; parameters: Parameter[] } | undefined {
  const { findings } = context;
  const parsed = parseTemplate(given);
  if ('message' in parsed) {
    findings.error('bad-template', `the path '${given.slice(0, 200)}' ${parsed.message}`, parsed.mend, node.place);
    return undefined;
  }
  const byName = new Map<string, Parameter>();
  for (const parameter of declared) if (parameter.in === 'path') byName.set(parameter.name, parameter);
  let template = given;
  const used = new Set<string>();
  const added: Parameter[] = [];
  for (const name of parsed.names) {
    let plain = name;
    if (!byName.has(name)) {
      plain = withoutOperators(name);
      if (plain !== name) {
        template = template.replace(`{${name}}`, () => `{${plain}}`);
        findings.warnOnce(
          'template-operator',
          `'{${name.slice(0, 60)}}' is no OpenAPI template; it is read as '{${plain.slice(0, 60)}}', one segment`,
          'write a plain name',
          node.place,
        );
      }
    }
    if (used.has(plain)) {
      findings.error(
        'bad-template',
        `the path '${given.slice(0, 200)}' names '${plain}' twice`,
        'rename one',
        node.place,
      );
      return undefined;
    }
    used.add(plain);
    if (byName.has(plain)) continue;
    findings.warn(
      'undeclared-path-parameter',
      `the path parameter '${plain.slice(0, 100)}' is not declared; any text is taken for it`,
      `declare it: {name: ${plain.slice(0, 60)}, in: path, required: true, schema: ...}`,
      node.place,
      key,
    );
    added.push(undeclared(plain, node));
  }
  const parameters: Parameter[] = [];
  for (const parameter of declared) {
    if (parameter.in !== 'path' || used.has(parameter.name)) {
      parameters.push(parameter);
      continue;
    }
    findings.warn(
      'unused-path-parameter',
      `the path parameter '${parameter.name.slice(0, 100)}' is not in the path; it is ignored`,
      `write {${parameter.name.slice(0, 60)}} into the path, or take it out`,
      parameter.place,
      key,
    );
  }
  return { template, parameters: [...parameters, ...added] };
}

/** RFC 6570 has operators and modifiers (`{+path}`, `{id*}`, `{name:3}`), OpenAPI has none. */
const withoutOperators = (name: string): string => name.replace(/^[+#./;?&]/, '').replace(/(\*|:\d{1,4})$/, '') || name;

const undeclared = (name: string, node: Node): Parameter =>
  Object.freeze({
    name,
    in: 'path',
    required: true,
    style: 'simple',
    explode: false,
    allowReserved: false,
    allowEmptyValue: false,
    schema: undefined,
    contentType: undefined,
    place: node.place,
  });
