import type { Finding } from '../../shared/finding.ts';
import { LoadError } from '../../shared/finding.ts';
import type { Documents, SchemaAt } from '../model.ts';
import type { CompiledSchema, CompileOptions, CompileSchema } from './compiled.ts';
import { Graph } from './graph.ts';
import type { Node } from './node.ts';
import { Program } from './program.ts';
import { TooManyUnits } from './unit.ts';

/** What is shared by all schemas of one set of documents. */
interface Shared {
  readonly graph: Graph;
  /** By options; those with a rule have one program for each function that gives the rules. */
  readonly programs: Map<string, Program<never>>;
  readonly annotated: WeakMap<object, Map<string, Program<never>>>;
  /** Schemas written at load; beyond, they are written when they are first used, so that loading stays quick. */
  eager: number;
}

const EAGER_SCHEMAS = 2_000;
const shared = new WeakMap<Documents, Shared>();

function sharedOf(documents: Documents): Shared {
  let known = shared.get(documents);
  if (!known) {
    known = { graph: new Graph(documents), programs: new Map(), annotated: new WeakMap(), eager: EAGER_SCHEMAS };
    shared.set(documents, known);
  }
  return known;
}

/**
 * Compiles a schema where it stands, with all that it refers to.
 * @throws LoadError with every defect that would leave something unenforced: broken references, malformed keywords,
 * patterns that are none, keywords of other dialects. Warnings are given by `inspectSchema`.
 */
export const compileSchema: CompileSchema = <Rule = never>(
  at: SchemaAt,
  options: CompileOptions<Rule>,
): CompiledSchema<Rule> => {
  const { graph, programs, annotated } = sharedOf(at.documents);
  const node = graph.enter(at);
  const reached = graph.reach(node);
  const errors: Finding[] = [];
  for (const one of reached) for (const finding of one.findings) if (finding.severity === 'error') errors.push(finding);
  if (errors.length > 0) throw new LoadError(errors);
  let family = programs;
  if (options.annotate) {
    family = annotated.get(options.annotate) ?? new Map();
    annotated.set(options.annotate, family);
  }
  const key = `${options.direction} ${options.undeclared} ${options.maxViolations ?? ''} ${options.formats ?? ''}`;
  let program = family.get(key) as Program<Rule> | undefined;
  if (!program) family.set(key, (program = new Program(graph, options)) as unknown as Program<never>);
  try {
    const schema = program.prepare(node);
    const known = sharedOf(at.documents);
    if (known.eager > 0) {
      known.eager--;
      schema.link();
    }
    return schema;
  } catch (error) {
    if (!(error instanceof TooManyUnits || error instanceof RangeError)) throw error;
    throw new LoadError([tooMany(node, at)]);
  }
};

/**
 * What a person should know about a schema and all that it refers to: unknown formats and keywords, words that have no
 * effect, costly patterns; and the errors for which `compileSchema` would refuse it.
 * @param seen what was looked at by earlier calls: shared by several, each schema is reported once.
 */
export function inspectSchema(at: SchemaAt, seen: Set<object> = new Set()): Finding[] {
  const { graph } = sharedOf(at.documents);
  const findings: Finding[] = [];
  const entry = graph.enter(at);
  if (seen.has(entry)) return findings;
  for (const node of graph.reach(entry)) {
    if (seen.has(node)) continue;
    seen.add(node);
    findings.push(...node.findings);
  }
  return findings;
}

const tooMany = (node: Node, at: SchemaAt): Finding => ({
  rule: 'schema/too-large',
  severity: 'error',
  message: 'chains of references, circular composition or dynamic references make too much of this schema',
  mend: 'Refer directly; let base schemas not list their subtypes; use $ref where $dynamicRef is not needed.',
  place: at.documents.place(node.spot.uri),
});
