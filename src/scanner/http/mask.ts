import type { Exchange, RawMessage, ScanAnswer, ScanRequest } from '../model/exchange.ts';
import { Answer } from './answer.ts';
import { partsOf } from './raw.ts';
import { binary, fromBinary, SecretFinder } from './secret-forms.ts';

/** Masked exchanges to what they were: commands that repeat a request need it as it was. */
const originals = new WeakMap<Exchange, Exchange>();

/** The exchange that was masked, or the exchange itself. Never for output. */
export const unmasked = (exchange: Exchange): Exchange => originals.get(exchange) ?? exchange;

/**
 * Replaces secrets in texts, bytes and exchanges by `$NAME`: as they are, percent-encoded, in JSON and HTML, in Base64
 * (also within it, as in Basic credentials).
 */
export class Masker {
  readonly #finder: SecretFinder;
  readonly #empty: boolean;

  /** @param secrets to the name of the variable that stands for each (without `$`) */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#finder = new SecretFinder(secrets);
    this.#empty = secrets.size === 0;
  }

  text(text: string): string {
    if (this.#empty) return text;
    const masked = this.#masked(binary(text));
    return masked === undefined ? text : fromBinary(masked).toString();
  }

  /** @returns the same bytes where there is no secret in them */
  bytes(bytes: Uint8Array): Uint8Array {
    if (this.#empty || bytes.length === 0) return bytes;
    const masked = this.#masked(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    return masked === undefined ? bytes : fromBinary(masked);
  }

  /** Request and answer; `curlOf` still knows what the request was. */
  exchange(exchange: Exchange): Exchange {
    if (this.#empty) return exchange;
    const masked = {
      ...exchange,
      request: this.request(exchange.request),
      answer: this.answer(exchange.answer),
    };
    originals.set(masked, unmasked(exchange));
    return masked;
  }

  request(request: ScanRequest): ScanRequest {
    const { body, raw, bodyCommand } = request;
    return {
      ...request,
      method: this.text(request.method),
      target: this.text(request.target),
      headers: request.headers.map(([name, value]) => [this.text(name), this.text(value)] as const),
      ...(body === undefined ? {} : { body: this.#either(body) }),
      ...(bodyCommand === undefined ? {} : { bodyCommand: this.text(bodyCommand) }),
      ...(raw === undefined ? {} : { raw: this.#raw(raw) }),
    };
  }

  answer(answer: ScanAnswer): ScanAnswer {
    return new Answer({
      status: answer.status,
      failure: answer.failure,
      headers: new Map([...answer.headers].map(([name, value]) => [this.text(name), this.text(value)])),
      body: this.bytes(answer.body),
      cut: answer.cut === true,
      milliseconds: answer.milliseconds,
    });
  }

  #raw(message: RawMessage): RawMessage {
    return partsOf(message).map((part) =>
      typeof part === 'string' || part instanceof Uint8Array ? this.#either(part) : part,
    );
  }

  #either(value: string | Uint8Array): string | Uint8Array {
    return typeof value === 'string' ? this.text(value) : this.bytes(value);
  }

  /** @returns undefined where there is nothing to mask */
  #masked(text: string): string | undefined {
    const parts = this.#finder.split(text);
    if (parts.every((part) => 'literal' in part)) return undefined;
    return parts.map((part) => ('literal' in part ? part.literal : `$${part.name}`)).join('');
  }
}
