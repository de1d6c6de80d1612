import type { Finding, Place } from '../shared/finding.ts';

/** Which rules a schema is read by. OpenAPI 3.1 and 3.2 use JSON Schema 2020-12; 3.0 and 2.0 are their own dialects. */
export type Dialect = '2020-12' | 'draft-07' | 'draft-04' | 'openapi-3.0' | 'swagger-2.0';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'PATCH' | 'TRACE' | 'QUERY';

/**
 * The documents of a contract: every file that a `$ref` reaches is read (and bounded) at load, so resolving is a look-up.
 */
export interface Documents {
  /**
   * Resolves a URI reference (RFC 3986) with fragment (RFC 6901 pointer, or `$anchor`) against a base URI.
   * @returns the value, the absolute URI it stands at, and its dialect; undefined where there is none.
   */
  resolve(reference: string, base: string): { value: unknown; uri: string; dialect: Dialect } | undefined;
  /** The place in the source of the value at an absolute URI with pointer fragment. */
  place(uri: string): Place;
}

/** A schema where it stands: raw value, absolute URI (with `#/pointer`), dialect, and the documents its `$ref`s reach. */
export interface SchemaAt {
  readonly schema: unknown;
  readonly uri: string;
  readonly dialect: Dialect;
  readonly documents: Documents;
}

export type ParameterLocation = 'path' | 'query' | 'header' | 'cookie' | 'querystring';

export type Style =
  | 'matrix'
  | 'label'
  | 'simple'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'tabDelimited'
  | 'deepObject'
  | 'cookie';

/** A parameter, normal form of all versions (`collectionFormat: csv` is `form` or `simple` without explode, ...). */
export interface Parameter {
  /** Header names lower case. */
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  readonly style: Style;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  readonly allowEmptyValue: boolean;
  readonly schema: SchemaAt | undefined;
  /** Media type where the parameter is declared by `content` instead of `schema`. */
  readonly contentType: string | undefined;
  readonly place: Place;
}

/** How one property of a form or multipart body is encoded (OpenAPI Encoding Object). */
export interface Encoding {
  readonly contentType: string | undefined;
  readonly style: Style | undefined;
  readonly explode: boolean | undefined;
  readonly allowReserved: boolean;
  readonly headers: readonly Parameter[];
}

export interface MediaType {
  /** Lower case, no parameters; may be a range (`image/*`, `*\/*`). */
  readonly type: string;
  readonly schema: SchemaAt | undefined;
  readonly encoding: ReadonlyMap<string, Encoding>;
  readonly place: Place;
}

export interface RequestBody {
  readonly required: boolean;
  readonly content: readonly MediaType[];
  readonly place: Place;
}

export interface ResponseHeader {
  /** Lower case. */
  readonly name: string;
  readonly required: boolean;
  readonly schema: SchemaAt | undefined;
}

export interface Response {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly content: readonly MediaType[];
  readonly headers: readonly ResponseHeader[];
  readonly place: Place;
}

/** One security scheme of the contract, normal form of all versions. */
export interface SecurityScheme {
  readonly name: string;
  readonly type: 'apiKey' | 'http' | 'oauth2' | 'openIdConnect' | 'mutualTLS';
  /** For `apiKey`: where it stands, and under which name (header names lower case). */
  readonly in?: 'header' | 'query' | 'cookie';
  readonly parameter?: string;
  /** For `http`: `basic`, `bearer`, ... lower case. */
  readonly scheme?: string;
  readonly bearerFormat?: string;
  readonly openIdConnectUrl?: string;
  readonly place: Place;
}

/** One alternative: every scheme named must be satisfied (AND), with its scopes. */
export interface SecurityRequirement {
  readonly schemes: readonly { readonly scheme: SecurityScheme; readonly scopes: readonly string[] }[];
}

/** One method + path template of the contract, complete and frozen. */
export interface Operation {
  /** `GET /patients/{id}`: method, space, template including the base path. */
  readonly key: string;
  readonly operationId: string | undefined;
  readonly method: Method;
  /** Path template including the server's base path, e.g. `/v1/patients/{id}`. */
  readonly template: string;
  readonly tags: readonly string[];
  readonly summary: string | undefined;
  /** As written, CommonMark and all. */
  readonly description?: string | undefined;
  readonly deprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  readonly responses: readonly Response[];
  /**
   * Alternatives (OR). `undefined`: the contract says nothing about security for this operation (neither here nor at
   * the top). Empty, or an alternative without schemes: the contract says that no credential is needed.
   */
  readonly security: readonly SecurityRequirement[] | undefined;
  /** `x-portcullis-*` of the operation (its path item's and the document's beneath), by full name. */
  readonly extensions: ReadonlyMap<string, { readonly value: unknown; readonly place: Place }>;
  readonly place: Place;
}

export interface Match {
  readonly operation: Operation;
  /** Decoded values in the order of the template's parameters. */
  readonly values: readonly string[];
}

/** Finds the operation for a canonical path. Cost depends on the number of segments, not of operations. */
export interface Router {
  /** The match; or the methods the path would allow (405); or undefined (404). */
  match(method: string, segments: readonly string[]): Match | { readonly allow: readonly Method[] } | undefined;
}

/** The compiled contract. */
export interface Contract {
  /** File or URL as the user gave it. */
  readonly source: string;
  readonly version: '2.0' | '3.0' | '3.1' | '3.2' | 'none';
  readonly title: string;
  readonly apiVersion: string;
  readonly operations: readonly Operation[];
  readonly router: Router;
  readonly securitySchemes: readonly SecurityScheme[];
  readonly documents: Documents;
  /** Local files that were read, absolute: what a reload watches. */
  readonly files: readonly string[];
  /** Warnings and weaknesses; errors are thrown as a LoadError. */
  readonly findings: readonly Finding[];
}
