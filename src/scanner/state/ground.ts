import type { Contract, Operation } from '../../contract/model.ts';
import type { ScanOptions } from '../model/check.ts';
import type { Client } from '../model/exchange.ts';
import type { KnownOperations } from './known.ts';
import type { Outcomes } from './outcome.ts';

/** What all parts of the state stand on. */
export interface Ground {
  readonly client: Client;
  readonly contract: Contract;
  /** Those in scope, in the contract's order. */
  readonly operations: readonly Operation[];
  readonly base: URL;
  readonly known: KnownOperations;
  readonly outcomes: Outcomes;
  readonly options: ScanOptions;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Differs from scan to scan: what must be unique at the API is made from it. */
  readonly nonce: string;
  note(text: string): void;
}
