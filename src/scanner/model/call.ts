import type { Operation, SchemaAt } from '../../contract/model.ts';

export type PlaceKind = 'path' | 'query' | 'header' | 'cookie' | 'body';

/** A request to an operation, still in its parts. Immutable: changes make new ones. */
export interface Call {
  readonly operation: Operation;
  /** Values by `in:name` (`path:id`, `query:limit`); absent: not sent. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Absent: none is sent. `value` is JSON, the fields of a form, or (for other types) text, bytes or a file. */
  readonly body: { readonly type: string; readonly value: unknown } | undefined;
}

/** Where an attack can put something: a parameter, or a value within the body. */
export interface ValuePlace {
  readonly in: PlaceKind;
  /** The parameter's name; in a body, the RFC 6901 pointer (`/address/street`, `` for the whole). */
  readonly name: string;
  /** Last word of the name: `street`. What hints are read from. */
  readonly word: string;
  readonly schema: SchemaAt | undefined;
  readonly required: boolean;
  /** What the call has there; undefined: the place is declared, but the call sends nothing there. */
  readonly value: unknown;
  /** True: the contract says that answers hold it and requests do not (`readOnly`). */
  readonly readOnly?: boolean;
}

/** Text that goes over the wire as it is, without style, quoting or percent-encoding: for parameters, and for whole bodies. */
export class Verbatim {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A file in a multipart body, or as the whole body. */
export interface FileValue {
  readonly file: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}
