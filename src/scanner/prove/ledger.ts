import type { Exchange } from '../model/exchange.ts';
import { pathKeepsContract } from './friendly.ts';

/** Header by which the gate names an exchange, in answers and in its log. */
export const ID_HEADER = 'x-exchange-id';
/** ULID: what the gate's ids look like. */
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** Exchanges that are noted one by one; more are counted. */
const MOST = 1_000_000;
/** Friendly exchanges that were refused, kept whole: one of each operation and code. */
const KEPT = 300;
const PROBLEM = 'application/problem+json';

/** What the scanner saw of one exchange that the gate answered. */
export interface Entry {
  readonly status: number;
  /** As it was written. */
  readonly method: string;
  /** Id of the check that sent it; '' for friendly traffic: exploring, preparing, cleaning up. */
  readonly check: string;
  /** Key of the operation that was meant. */
  readonly operation: string | undefined;
  /** Identity whose own credential was sent. */
  readonly as: string | undefined;
  /** Code of the gate's refusal, as the answer said it. */
  readonly code: string | undefined;
  /** Whether its body came whole. */
  readonly whole: boolean;
  /** Sent by no check, for an operation of the contract, in a form that the contract permits. */
  readonly friendly: boolean;
  /** Records with this id. */
  records: number;
}

/** What the scanner sent and was answered, to be compared with what the gate recorded. */
export class Ledger {
  /** By the gate's id. */
  readonly entries = new Map<string, Entry>();
  /** Answered, but with no id that the gate could have given. */
  readonly unnamed: {
    readonly status: number;
    readonly method: string;
    readonly target: string;
    readonly check: string;
  }[] = [];
  unnamedCount = 0;
  /** Got no answer: the connection ended, or the deadline passed. */
  unanswered = 0;
  /** Sent as raw bytes: one message may hold several requests, or none. */
  raw = 0;
  /** Beyond what is noted one by one. */
  beyond = 0;
  /** Ids that came twice: the gate must never give the same again. */
  readonly repeated: string[] = [];
  /** Friendly exchanges that the gate refused, by its id: to show them. The first of each operation and code. */
  readonly kept = new Map<string, Exchange>();
  readonly #kinds = new Set<string>();
  readonly #codes = new Map<string, string>();
  #seen = 0;

  /** Exchanges of which the scanner knows how they ended. */
  get seen(): number {
    return this.#seen;
  }

  /** One text for all that say the same. */
  #shared(code: string | undefined): string | undefined {
    if (code === undefined || code.length > 64) return undefined;
    const known = this.#codes.get(code);
    if (known === undefined && this.#codes.size < 1_000) this.#codes.set(code, code);
    return known ?? code;
  }

  note(exchange: Exchange): void {
    const { request, answer, operation, as, check } = exchange;
    this.#seen++;
    if (request.raw !== undefined) this.raw++;
    if (answer.status === 0) {
      this.unanswered++;
      return;
    }
    const id = answer.headers.get(ID_HEADER);
    if (id === undefined || !ID.test(id)) {
      this.unnamedCount++;
      if (this.unnamed.length < 50)
        this.unnamed.push({
          status: answer.status,
          method: request.method,
          target: request.target.slice(0, 200),
          check,
        });
      return;
    }
    if (this.entries.has(id)) {
      if (this.repeated.length < 50) this.repeated.push(id);
      return;
    }
    if (this.entries.size >= MOST) {
      this.beyond++;
      return;
    }
    const code = answer.mediaType === PROBLEM ? this.#shared(codeOf(answer.json, id)) : undefined;
    const kind = `${operation?.key}\n${code}`;
    // What was let through needs no second look.
    const friendly =
      check === '' &&
      operation !== undefined &&
      (code === undefined || (pathKeepsContract(operation, request.target) && !namesItself(exchange)));
    if (friendly && code !== undefined && !this.#kinds.has(kind) && this.#kinds.size < KEPT) {
      this.#kinds.add(kind);
      this.kept.set(id, exchange);
    }
    // A copy of its own: a slice would keep the whole head of the answer alive.
    this.entries.set(Buffer.from(id, 'latin1').toString('latin1'), {
      status: answer.status,
      method: request.method,
      check,
      operation: operation?.key,
      as,
      code,
      whole: answer.failure === undefined,
      friendly,
      records: 0,
    });
  }
}

/** The code of a refusal of the gate: it names the exchange itself. The API's own problems do not. */
function codeOf(json: unknown, id: string): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { code, exchange } = json as { code?: unknown; exchange?: unknown };
  return typeof code === 'string' && exchange === id ? code : undefined;
}

/**
 * Whether a request hands the API an address on loopback. Exploring names the API's own where nothing else gets an
 * answer, and a gate is right to refuse that.
 */
const namesItself = ({ request: { body } }: Exchange): boolean =>
  typeof body === 'string' && /(?:\/\/|%2F%2F)(?:127\.|localhost\b|\[::1\])/i.test(body);
