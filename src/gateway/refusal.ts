/**
 * Why an exchange was refused. All codes stand in this one table: the code is public and stable, the status and title
 * follow from it. `evidence` never leaves the gate; it goes into the record.
 */

/** `invalid`: friendly but wrong. `harmful`: an attack. They differ in status, in the record and in what they cost. */
export type Judgement = 'invalid' | 'harmful';

interface Entry {
  readonly status: number;
  readonly title: string;
  readonly judgement?: Judgement;
}

const TABLE = {
  // The message itself
  'malformed-request': { status: 400, title: 'The request is not well-formed HTTP', judgement: 'invalid' },
  'ambiguous-request': { status: 400, title: 'The request can be read in more than one way', judgement: 'invalid' },
  'path-not-canonical': { status: 400, title: 'The path is not in canonical form', judgement: 'invalid' },
  'host-unknown': { status: 421, title: 'This gate does not answer for that host', judgement: 'invalid' },
  'uri-too-long': { status: 414, title: 'The request target is too long', judgement: 'invalid' },
  'headers-too-large': { status: 431, title: 'The request headers are too large', judgement: 'invalid' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive', judgement: 'invalid' },
  'expectation-failed': { status: 417, title: 'The expectation cannot be met', judgement: 'invalid' },
  // The operation
  'unknown-path': { status: 404, title: 'Not found', judgement: 'invalid' },
  'unknown-method': { status: 405, title: 'Method not allowed', judgement: 'invalid' },
  'method-refused': { status: 501, title: 'Method not implemented', judgement: 'invalid' },
  // The caller
  'credentials-missing': { status: 401, title: 'Credentials are required' },
  'credentials-invalid': { status: 401, title: 'The credentials are not valid' },
  'credentials-ambiguous': { status: 400, title: 'More than one credential was sent', judgement: 'invalid' },
  'credential-unbound': { status: 401, title: 'The credential must be bound to its holder' },
  'step-up-required': { status: 401, title: 'A stronger or fresher login is required' },
  'credentials-in-clear': { status: 403, title: 'A credential was sent over plain HTTP' },
  'credentials-in-url': { status: 400, title: 'A credential was sent in the URL', judgement: 'invalid' },
  'signature-missing': { status: 401, title: 'The request must be signed' },
  'signature-invalid': { status: 401, title: 'The signature of the request is not valid' },
  'too-many-failures': { status: 429, title: 'Too many failed attempts' },
  'tls-required': { status: 403, title: 'Use https' },
  // What they may do
  'operation-closed': { status: 403, title: 'This operation is not open to anyone' },
  'not-permitted': { status: 403, title: 'Not permitted' },
  'scope-missing': { status: 403, title: 'The credential lacks a scope' },
  'object-hidden': { status: 404, title: 'Not found' },
  // How much
  'rate-limited': { status: 429, title: 'Too many requests' },
  'quota-exceeded': { status: 429, title: 'The quota is used up' },
  banned: { status: 429, title: 'Not served for now' },
  overloaded: { status: 503, title: 'Temporarily reduced capacity' },
  // What they sent
  'invalid-request': { status: 400, title: 'The request does not match the contract', judgement: 'invalid' },
  'content-altered': { status: 400, title: 'The content does not fit its digest', judgement: 'invalid' },
  'body-too-large': { status: 413, title: 'The body is too large', judgement: 'invalid' },
  'length-required': { status: 411, title: 'The body needs a length', judgement: 'invalid' },
  'unsupported-media-type': { status: 415, title: 'The media type is not supported', judgement: 'invalid' },
  'unsupported-content-coding': { status: 415, title: 'The content coding is not supported', judgement: 'invalid' },
  'not-acceptable': { status: 406, title: 'No acceptable representation', judgement: 'invalid' },
  harmful: { status: 403, title: 'Refused', judgement: 'harmful' },
  // What came back
  'upstream-unreachable': { status: 502, title: 'The API cannot be reached' },
  'upstream-timeout': { status: 504, title: 'The API did not answer in time' },
  'upstream-malformed': { status: 502, title: 'The API answered with something unreadable' },
  'upstream-refused': { status: 400, title: 'The API refused the request' },
  'upstream-failed': { status: 502, title: 'The API failed' },
  'answer-undeclared': { status: 502, title: 'The API answered outside its contract' },
  'answer-too-large': { status: 502, title: 'The answer of the API is too large' },
  // The gate itself
  'record-failed': { status: 503, title: 'The exchange cannot be recorded' },
  internal: { status: 503, title: 'The gate could not judge this request' },
  'client-gone': { status: 499, title: 'The client went away' },
} as const satisfies Record<string, Entry>;

export type RefusalCode = keyof typeof TABLE;

/** One violation of the contract: where (`in` and JSON pointer) and what rule, never the offending value. */
export interface Violation {
  /** `path`, `query`, `header`, `cookie` or `body`. */
  readonly in: string;
  /** RFC 6901 pointer into that part, e.g. `/items/0/name`; for a parameter `/name`. */
  readonly pointer: string;
  readonly detail: string;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly status: number;
  readonly title: string;
  readonly judgement: Judgement | undefined;
  /** Public explanation; must hold nothing the caller did not already know. */
  readonly detail?: string;
  /** `type` of the problem where a registered URI exists; else `about:blank`-like `urn:portcullis:CODE`. */
  readonly type?: string;
  readonly violations?: readonly Violation[];
  /** Extra response headers, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Extra public members of the problem document (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the record only. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

export type RefusalParts = Partial<Omit<Refusal, 'code' | 'title' | 'judgement'>>;

/** Makes a refusal from its code; `parts` adds detail, headers and evidence, or a contract's own status. */
export function refuse(code: RefusalCode, parts?: RefusalParts): Refusal {
  const entry: Entry = TABLE[code];
  return { status: entry.status, ...parts, code, title: entry.title, judgement: entry.judgement };
}

/** Every code with its status and title, for documentation and tests. */
export const refusalTable: Readonly<Record<RefusalCode, Entry>> = TABLE;
