import { refusalTable } from '../gateway/refusal.ts';
import { canonicalAddress, inRange, parseRange } from '../shared/address.ts';
import { nearest } from '../shared/nearest.ts';
import type { AddressForm } from './address.ts';
import { freeText } from './evidence.ts';
import { type AuditRecord, objectNeedle, type Result } from './record.ts';
import { printable, quote } from './text.ts';

/** What `search` and `tail` look for; all that is set must hold. Times in epoch milliseconds. */
export interface Filter {
  readonly since?: number;
  readonly until?: number;
  readonly id?: string;
  /** Id, or `kind:id`. */
  readonly principal?: string;
  readonly credential?: string;
  /** An address or a range (CIDR). */
  readonly address?: string;
  /** Key (`GET /patients/{id}`), operationId or path template. */
  readonly operation?: string;
  /** `allowed`, `refused` (for whatever reason), `invalid`, `harmful`, `failed`, a status or the code of a refusal. */
  readonly outcome?: string;
  /** `kind:id` of an object that was addressed or disclosed. */
  readonly object?: string;
  /** Name of an event; `*` for any. */
  readonly event?: string;
}

/** `perhaps`: the record left something out that might have matched. */
export type Verdict = 'yes' | 'perhaps' | 'no';

export interface CompiledFilter {
  /** Byte strings of which a matching line holds at least one; undefined where any line may match. */
  readonly needles: readonly Buffer[] | undefined;
  judge(record: AuditRecord): Verdict;
  readonly since: number;
  readonly until: number;
}

/** How a text reads in a record after masking and capping. */
const asRecorded = (text: string, cap: number): string => JSON.parse(freeText(text, cap)) as string;

/** What the record keeps of a list that was too long for it. */
const OBJECTS_OMITTED = Buffer.from('"omitted":{');

const RESULTS = ['allowed', 'refused', 'invalid', 'harmful', 'failed'] satisfies Result[];
const OUTCOMES: readonly string[] = [...RESULTS, ...Object.keys(refusalTable)];

/** An outcome that no record can have would look like an empty answer: nothing harmful happened. */
function checkOutcome(outcome: string): void {
  if (OUTCOMES.includes(outcome) || /^[1-5]\d\d$/.test(outcome)) return;
  const meant = nearest(outcome, OUTCOMES);
  const mend = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new RangeError(
    `"${printable(outcome.slice(0, 80))}" is no outcome: ${RESULTS.join(', ')}, a status (100 to 599), or the code of a refusal${mend}`,
  );
}

/**
 * @param hashed how an address is recorded where `clientAddress` is `hashed`; undefined where the key is not at hand
 * @throws RangeError where the address is none, or the outcome one that no record has
 */
export function compileFilter(filter: Filter, hashed: AddressForm | undefined): CompiledFilter {
  const tests: ((record: AuditRecord) => Verdict)[] = [];
  const test = (holds: (record: AuditRecord) => boolean) => tests.push((record) => (holds(record) ? 'yes' : 'no'));
  const since = filter.since ?? Number.NEGATIVE_INFINITY;
  const until = filter.until ?? Number.POSITIVE_INFINITY;
  if (filter.since !== undefined || filter.until !== undefined)
    test((record) => {
      const time = Date.parse(record.time);
      return time >= since && time <= until;
    });
  const { id, principal, credential, operation, outcome, object, event } = filter;
  if (id !== undefined) test((record) => record.id === id);
  if (principal !== undefined) {
    const colon = principal.indexOf(':');
    const whole = asRecorded(principal, 256);
    const kind = principal.slice(0, colon);
    const rest = asRecorded(principal.slice(colon + 1), 256);
    test(({ principal: p }) => p !== undefined && (p.id === whole || (colon > 0 && p.kind === kind && p.id === rest)));
  }
  if (credential !== undefined) {
    const whole = asRecorded(credential, 256);
    test((record) => record.principal?.credential.id === whole);
  }
  if (filter.address !== undefined) test(addressTest(filter.address, hashed));
  if (operation !== undefined)
    test(({ operation: o }) => {
      if (o === undefined) return false;
      return o.key === operation || o.id === operation || o.key.slice(o.key.indexOf(' ') + 1) === operation;
    });
  if (outcome !== undefined) {
    checkOutcome(outcome);
    test(({ outcome: o }) => {
      if (o === undefined) return false;
      if (outcome === 'refused') return o.result !== 'allowed';
      return o.result === outcome || o.code === outcome || String(o.status) === outcome;
    });
  }
  if (object !== undefined) {
    const whole = asRecorded(object, 256);
    tests.push(({ disclosed, omitted, evidence }) => {
      if (disclosed?.objects?.includes(whole)) return 'yes';
      // An event beside an exchange may name objects too: an answer that began to stream.
      const named = evidence?.['objects'];
      if (Array.isArray(named) && named.includes(whole)) return 'yes';
      return (omitted?.['objects'] ?? 0) > 0 ? 'perhaps' : 'no';
    });
  }
  if (event !== undefined) test((record) => record.kind === 'event' && (event === '*' || record.event === event));
  return { needles: needlesOf(filter), since, until, judge: (record) => all(tests, record) };
}

function all(tests: readonly ((record: AuditRecord) => Verdict)[], record: AuditRecord): Verdict {
  let verdict: Verdict = 'yes';
  for (const test of tests) {
    const one = test(record);
    if (one === 'no') return 'no';
    if (one === 'perhaps') verdict = 'perhaps';
  }
  return verdict;
}

function needlesOf({ id, object, credential, event }: Filter): Buffer[] | undefined {
  if (id !== undefined) return [Buffer.from(`"id":${quote(id, 64)}`)];
  if (object !== undefined) return [Buffer.from(objectNeedle(object)), OBJECTS_OMITTED];
  if (credential !== undefined) return [Buffer.from(`"id":${freeText(credential, 256)}`)];
  if (event !== undefined) return [Buffer.from('"kind":"event"')];
  return undefined;
}

function addressTest(text: string, hashed: AddressForm | undefined): (record: AuditRecord) => boolean {
  const exact = canonicalAddress(text);
  if (exact !== undefined) {
    const hash = hashed?.(exact);
    return ({ peer }) =>
      peer !== undefined &&
      (peer.address === exact ||
        peer.socket === exact ||
        (hash !== undefined && (peer.address === hash || peer.socket === hash)));
  }
  const range = parseRange(text);
  if (range === undefined) throw new RangeError(`"${text}" is neither an address nor a range such as 203.0.113.0/24`);
  return ({ peer }) =>
    peer !== undefined && (inRange(peer.address, range) || (peer.socket !== undefined && inRange(peer.socket, range)));
}
