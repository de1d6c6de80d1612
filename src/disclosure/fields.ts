import type { Documents, SchemaAt } from '../contract/model.ts';
import { compileSchema } from '../contract/schema/compile.ts';
import { type CompiledSchema, REMOVED } from '../contract/schema/compiled.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Finding } from '../shared/finding.ts';
import { nearest } from '../shared/nearest.ts';
import { FIELD_EXTENSIONS, type FieldRule, readAnnotations } from './annotations.ts';

/** A response schema, shared by every operation that answers with it. */
export interface AnswerSchema {
  readonly compiled: CompiledSchema<FieldRule>;
  /** What is wrong with annotations that this schema was the first to reach. */
  readonly findings: readonly Finding[];
  readonly judge: FieldJudge;
}

type Undeclared = 'refuse' | 'strip';

/** All response schemas of one document set that treat the undeclared alike: they share parts, rules and judge. */
interface Family {
  readonly schemas: Map<string, AnswerSchema>;
  readonly findings: Finding[];
  readonly judge: FieldJudge;
  readonly annotate: (schema: Readonly<Record<string, unknown>>, uri: string) => FieldRule | undefined;
}

const families = new WeakMap<Documents, Map<Undeclared, Family>>();

/**
 * Compiles a response schema once for each document set and way of treating the undeclared: what many operations
 * refer to is one schema.
 * @throws LoadError where the schema cannot be enforced.
 */
export function answerSchema(given: SchemaAt, undeclared: Undeclared): AnswerSchema {
  const at = referredTo(given);
  const family = familyOf(at.documents, undeclared);
  const key = `${at.dialect} ${at.uri}`;
  let schema = family.schemas.get(key);
  if (schema === undefined) {
    const before = family.findings.length;
    // One function for the whole family: by it the compiler knows what its schemas have in common.
    const compiled = compileSchema<FieldRule>(at, { direction: 'response', undeclared, annotate: family.annotate });
    schema = { compiled, findings: family.findings.slice(before), judge: family.judge };
    family.schemas.set(key, schema);
  }
  return schema;
}

function familyOf(documents: Documents, undeclared: Undeclared): Family {
  let known = families.get(documents);
  if (known === undefined) {
    known = new Map();
    families.set(documents, known);
  }
  let family = known.get(undeclared);
  if (family === undefined) {
    family = makeFamily(documents);
    known.set(undeclared, family);
  }
  return family;
}

function makeFamily(documents: Documents): Family {
  const findings: Finding[] = [];
  let rules = 0;
  return {
    schemas: new Map(),
    findings,
    judge: new FieldJudge(),
    annotate: (schema, uri) => {
      const find = (severity: 'error' | 'warning', rule: string, message: string, mend: string): void => {
        findings.push({ rule, severity, message, mend, place: documents.place(uri) });
      };
      for (const name of Object.keys(schema)) {
        if (!name.startsWith('x-portcullis-') || (FIELD_EXTENSIONS as readonly string[]).includes(name)) continue;
        const meant = nearest(
          name.slice(13),
          FIELD_EXTENSIONS.map((known) => known.slice(13)),
        );
        if (meant !== undefined)
          find(
            'warning',
            'disclosure/unknown-annotation',
            `There is no annotation ${name.slice(0, 80)}.`,
            `Did you mean x-portcullis-${meant}?`,
          );
      }
      const rule = readAnnotations(schema, uri, rules, (text, mend) =>
        find('error', 'disclosure/malformed-annotation', `${text}.`, mend),
      );
      if (rule !== undefined) rules++;
      return rule;
    },
  };
}

/** Longest chain of plain references that is followed. */
const MAX_REFERENCES = 20;

/** Where a schema that is nothing but a reference leads. */
function referredTo(at: SchemaAt): SchemaAt {
  for (let i = 0; i < MAX_REFERENCES; i++) {
    const { schema, uri, documents } = at;
    if (typeof schema !== 'object' || schema === null || Object.keys(schema).length !== 1) break;
    const reference = (schema as Record<string, unknown>)['$ref'];
    const target = typeof reference === 'string' ? documents.resolve(reference, uri) : undefined;
    if (target === undefined) break;
    at = { schema: target.value, uri: target.uri, dialect: target.dialect, documents };
  }
  return at;
}

/** Objects written down for one answer, and length of an id, at most. */
export const MAX_OBJECTS = 1000;
const MAX_ID = 200;

/** An id as it is recorded; undefined where the value is none. */
export const recordedId = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value === ''
      ? undefined
      : value.slice(0, MAX_ID)
    : typeof value === 'number'
      ? String(value)
      : undefined;

/**
 * Applies rules to the values of one answer, for one caller. One instance serves all answers of its schemas: the cut is
 * synchronous, so `begin`, the cut and `end` are never interleaved.
 */
export class FieldJudge {
  /** By a rule's index: the answer (positive: sees, negative: does not) for which it was last worked out. */
  readonly #sees: number[] = [];
  #answer = 0;
  #roles: readonly string[] = [];
  #everythingLeaves = false;
  #fields = new Set<string>();
  #objects = new Set<string>();
  #moreObjects = 0;
  /** Whether a value was removed or masked since `begin`. */
  changed = false;
  /** Whether there was a sensitive, reserved or masked value since `begin`. */
  marked = false;
  /** Whether an object or array was removed: what stood in it was judged first, and is written down although it stays. */
  recount = false;

  /** @param everythingLeaves nothing is really removed or masked (report mode): what is recorded is the plain value. */
  begin(exchange: Exchange, everythingLeaves: boolean): void {
    this.#roles = exchange.principal?.roles ?? [];
    this.#everythingLeaves = everythingLeaves;
    this.#answer++;
    this.forget();
    this.changed = false;
    this.marked = false;
    this.recount = false;
  }

  /** What stands in the place of a value: handed to `cut`. */
  readonly judge = (rule: FieldRule, value: unknown): unknown => {
    const sees = this.#seesPlain(rule);
    if (!sees || rule.roles !== undefined || rule.sensitive !== undefined) this.marked = true;
    let leaves = value;
    if (!sees) {
      const hidden = rule.mask === undefined ? undefined : rule.mask(value);
      leaves = hidden === undefined ? REMOVED : hidden;
      this.changed = true;
      if (leaves === REMOVED && typeof value === 'object' && value !== null) this.recount = true;
    }
    this.#record(rule, value, sees, leaves !== REMOVED || this.#everythingLeaves);
    return leaves;
  };

  /** Writes down the values of what is left of an answer; handed to `cut` where `recount` asks for it. */
  readonly count = (rule: FieldRule, value: unknown): unknown => {
    this.#record(rule, value, this.#seesPlain(rule), true);
    return value;
  };

  #record(rule: FieldRule, value: unknown, sees: boolean, leaves: boolean): void {
    // Null is removed like any value (that nothing is there is news too), but it is nothing sensitive that left.
    if (!leaves || value === null || value === undefined) return;
    if (rule.sensitive !== undefined) this.#fields.add(rule.sensitive);
    if (rule.object !== undefined && (sees || this.#everythingLeaves)) this.#object(rule.object, value);
  }

  /** Writes down what left. Called only once the answer is certain to leave. */
  end(exchange: Exchange): void {
    const { fields, objects } = exchange.disclosed;
    for (const name of this.#fields) if (!fields.includes(name)) fields.push(name);
    const known = objects.length === 0 ? undefined : new Set(objects);
    for (const id of this.#objects) if (known === undefined || !known.has(id)) objects.push(id);
    if (this.#moreObjects > 0)
      exchange.note('disclose', 'more objects left than are listed', { listed: MAX_OBJECTS, more: this.#moreObjects });
    this.forget();
  }

  /** Forgets the answer. */
  forget(): void {
    if (this.#fields.size > 0) this.#fields = new Set();
    if (this.#objects.size > 0) this.#objects = new Set();
    this.#moreObjects = 0;
  }

  #seesPlain(rule: FieldRule): boolean {
    if (rule.roles === undefined) return rule.mask === undefined;
    const known = this.#sees[rule.index];
    if (known === this.#answer) return true;
    if (known === -this.#answer) return false;
    let sees = false;
    for (const role of this.#roles) if (rule.roles.has(role)) sees = true;
    while (this.#sees.length <= rule.index) this.#sees.push(0);
    this.#sees[rule.index] = sees ? this.#answer : -this.#answer;
    return sees;
  }

  #object(kind: string, value: unknown): void {
    const id = recordedId(value);
    if (id === undefined) return;
    if (this.#objects.size < MAX_OBJECTS) this.#objects.add(`${kind}:${id}`);
    else if (!this.#objects.has(`${kind}:${id}`)) this.#moreObjects++;
  }
}
