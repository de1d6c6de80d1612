import type { SchemaAt } from '../contract/model.ts';
import type { CompiledSchema } from '../contract/schema/compiled.ts';
import type { Services } from '../gateway/services.ts';
import type { ValidationSettings } from './settings.ts';

/** What the parts of this room are compiled with: the operation's settings, and the one way to compile a schema. */
export interface ValidationOptions {
  readonly settings: ValidationSettings;
  /** A schema for requests; `undeclared` says what becomes of properties it does not name. */
  readonly compile: (at: SchemaAt, undeclared: 'refuse' | 'strip' | 'allow') => CompiledSchema;
  /** There is no contract: read strictly, judge nothing by it. */
  readonly free: boolean;
  /** Counts what was found in files. */
  readonly count?: Services['count'];
}
