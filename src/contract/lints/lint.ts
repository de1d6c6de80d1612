import type { Place, Severity } from '../../shared/finding.ts';
import type { Dialect, Operation, SecurityScheme } from '../model.ts';
import type { Node } from '../normal/context.ts';

/** What a lint says; the rule id is `contract/` and the lint's name. */
export interface LintResult {
  readonly message: string;
  readonly mend: string;
  /** Where it is not the place of what was looked at. */
  readonly place?: Place;
}

/** What is known to hold around a schema: from itself, its `allOf`, and what it stands in place of. */
export interface Bounds {
  readonly string: boolean;
  readonly array: boolean;
  readonly number: boolean;
  readonly object: boolean;
}

/** A schema as a lint sees it. `$ref`s of the older dialects are already followed. */
export interface SchemaView {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly node: Node;
  readonly dialect: Dialect;
  /** Whether the value comes in (`request`) or leaves. */
  readonly direction: 'request' | 'response';
  /** Names in `type`; empty where it is absent. */
  readonly types: readonly string[];
  readonly bounds: Bounds;
  /** It judges the same value as the schema it stands in (`allOf` and the like): it need not say everything again. */
  readonly inPlace: boolean;
}

/**
 * One lint: a weakness (or oddity) of a contract that leaves the gate blind. It looks at schemas, at operations or at
 * the contract as a whole; each place is reported once.
 */
export interface Lint {
  /** The finding's rule is `contract/NAME`. */
  readonly name: string;
  readonly severity: Severity;
  schema?(view: SchemaView): LintResult | undefined;
  operation?(operation: Operation): LintResult | undefined;
  contract?(root: Node, schemes: readonly SecurityScheme[]): readonly LintResult[];
}
