import type { KeyObject } from 'node:crypto';
import type { AlgorithmName } from '../signatures/algorithms.ts';
import { SignatureError } from '../signatures/error.ts';
import { type MessageKey, messageKey, readPrivateKey, secretKey } from '../signatures/key.ts';
import { fieldsOf, requestTo } from '../signatures/message.ts';
import { fetchGateKeys, type KeySetDocument, keysOf } from './key-set.ts';
import { LABEL, type RequestSigning, signRequest } from './sign-request.ts';
import { verifyMessage } from './verify-message.ts';

export interface SigningFetchOptions {
  /** Private key: PEM or JWK as text, a node KeyObject, or the bytes of a shared secret. */
  readonly key: string | KeyObject | Uint8Array;
  /** The name under which the gate knows the key: what `portcullis keys create --public-key` printed. */
  readonly keyId: string;
  /** Where the key alone does not say it: RSA. */
  readonly algorithm?: AlgorithmName;
  /** Further components to cover: header names in lower case. */
  readonly components?: readonly string[];
  readonly tag?: string;
  /** Seconds after which a signature is void. */
  readonly expires?: number;
  /** What must be true of every answer; `off` where the gate signs none. */
  readonly answers?: AnswerVerification | 'off';
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

export interface AnswerVerification {
  /** The gate's keys; `discover` fetches them once from where it publishes them, over the same TLS. */
  readonly keys: KeySetDocument | 'discover';
  /** `optional` lets streamed answers pass whose body is not covered; default: required. */
  readonly digest?: 'required' | 'optional';
  /** Seconds; default: 300. */
  readonly maxAge?: number;
  /** Bytes of an answer, which is read whole; default: 64 MiB. */
  readonly maxBody?: number;
}

/** What the gate tags its answers with. */
export const ANSWER_TAG = 'portcullis-answer';
/** What its signature must cover for an answer to be the answer to this request, and to no other. */
export const ANSWER_COMPONENTS = ['@status', '@method;req', '@authority;req', '@path;req', '@query;req'] as const;
const MAX_AGE = 300;
const MAX_BODY = 64 * 1024 * 1024;
/** The reader of keys is asked anew at most this often, in ms: an answer by an unknown key must not make a flood. */
const REDISCOVER = 30_000;

/**
 * A `fetch` that signs what it sends and verifies what it gets. Answers are read whole before anything of them is handed
 * on, and redirects are not followed: a signature is for one URL.
 * @throws SignatureError at once where the key cannot be used; from each call where an answer cannot be verified
 */
export function createSigningFetch(options: SigningFetchOptions): typeof fetch {
  const { answers = 'off', fetch: send = fetch, now = Date.now } = options;
  const key = keyOf(options);
  const gates = answers === 'off' ? undefined : new GateKeys(answers.keys, send, now);

  return async (input, init) => {
    const request = new Request(input as string, init);
    const url = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    // A body that was decoded on the way is not the one that was signed.
    if (!request.headers.has('accept-encoding')) request.headers.set('accept-encoding', 'identity');
    const headers = [...request.headers];
    const signing: RequestSigning = { ...options, key, now: now() };
    const added = signRequest({ method: request.method, url, headers, body }, signing);
    const sent = [...headers, ...added];
    const response = await send(url, {
      method: request.method,
      headers: sent.map(([name, value]) => [name, value] as [string, string]),
      body: body.length === 0 ? null : body,
      redirect: 'manual',
      signal: request.signal,
    });
    if (gates === undefined || answers === 'off') return response;
    const whole = await readWhole(response, answers.maxBody ?? MAX_BODY);
    const message = {
      status: response.status,
      field: fieldsOf(response.headers),
      request: requestTo(url, request.method, fieldsOf(sent)),
    };
    if (response.headers.has('content-encoding'))
      throw new SignatureError('the answer is content-encoded: what was signed cannot be seen any more');
    verifyMessage(message, whole, {
      keys: await gates.for(url, response.headers.get('signature-input') ?? ''),
      tag: ANSWER_TAG,
      components: [...ANSWER_COMPONENTS, `signature;req;key="${LABEL}"`],
      digest: answers.digest ?? 'required',
      maxAge: answers.maxAge ?? MAX_AGE,
      now: now(),
    });
    const empty = [101, 204, 205, 304].includes(response.status);
    const { status, statusText, headers: received } = response;
    return new Response(empty ? null : whole, { status, statusText, headers: received });
  };
}

function keyOf({ key, algorithm }: SigningFetchOptions): MessageKey {
  if (typeof key === 'string') return readPrivateKey(key, algorithm);
  if (key instanceof Uint8Array) return secretKey(Buffer.from(key));
  if (key.type === 'public') throw new SignatureError('requests are signed with a private key');
  return messageKey(key, algorithm);
}

async function readWhole(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limit) throw new SignatureError(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Keys of gates by origin: given, or fetched once and again when an answer names one that is not known. */
class GateKeys {
  readonly #given: ReturnType<typeof keysOf> | undefined;
  readonly #send: typeof fetch;
  readonly #now: () => number;
  readonly #found = new Map<string, { readonly at: number; readonly keys: ReturnType<typeof keysOf> }>();

  constructor(keys: KeySetDocument | 'discover', send: typeof fetch, now: () => number) {
    this.#given = keys === 'discover' ? undefined : keysOf(keys);
    this.#send = send;
    this.#now = now;
  }

  async for({ origin }: URL, signatureInput: string): Promise<ReturnType<typeof keysOf>> {
    if (this.#given !== undefined) return this.#given;
    const found = this.#found.get(origin);
    const named = found !== undefined && [...found.keys.keys()].some((id) => signatureInput.includes(`"${id}"`));
    if (found !== undefined && (named || this.#now() - found.at < REDISCOVER)) return found.keys;
    const keys = keysOf(await fetchGateKeys(origin, this.#send));
    this.#found.set(origin, { at: this.#now(), keys });
    return keys;
  }
}
