import type { Operation } from '../../contract/model.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { OperationCoverage } from '../model/report.ts';

interface Count {
  requests: number;
  readonly statuses: Map<string, number>;
  readonly places: Set<string>;
}

/** Counts what was reached: operations, statuses, parameters and the top properties of bodies. */
export class Coverage {
  readonly #counts = new Map<Operation, Count>();

  #of(operation: Operation): Count {
    let count = this.#counts.get(operation);
    if (!count) this.#counts.set(operation, (count = { requests: 0, statuses: new Map(), places: new Set() }));
    return count;
  }

  answered({ operation, answer }: Exchange): void {
    if (!operation) return;
    const count = this.#of(operation);
    const status = answer.status === 0 ? 'none' : String(answer.status);
    count.requests++;
    count.statuses.set(status, (count.statuses.get(status) ?? 0) + 1);
  }

  sent(call: Call): void {
    const { places } = this.#of(call.operation);
    for (const key of call.values.keys()) places.add(key);
    const value = call.body?.value;
    if (value === undefined) return;
    places.add('body:');
    // Bytes have no properties worth a name, but as many keys as bytes.
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    const item: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof item !== 'object' || item === null) return;
    const within = Array.isArray(value) ? '/0' : '';
    for (const name of Object.keys(item)) places.add(`body:${within}/${name}`);
  }

  /**
   * @param declared the places of an operation, as `placesOf` gives them for its fullest call
   * @param worked names of the identities for which the operation worked
   * @param why why it never worked
   */
  report(
    operations: readonly Operation[],
    declared: (operation: Operation) => readonly ValuePlace[],
    worked: (operation: Operation) => readonly string[],
    why: (operation: Operation) => string | undefined,
  ): OperationCoverage[] {
    return operations.map((operation) => {
      const count = this.#of(operation);
      const reached: string[] = [];
      const missed: string[] = [];
      for (const place of declared(operation)) {
        const key = `${place.in}:${place.name}`;
        // Deeper places of a body are reached with the property they stand in.
        if (place.in === 'body' && place.name.split('/').length > (place.name.startsWith('/0') ? 3 : 2)) continue;
        (count.places.has(key) ? reached : missed).push(key);
      }
      const workedFor = worked(operation);
      return {
        operation: operation.key,
        requests: count.requests,
        statuses: Object.fromEntries([...count.statuses].sort(([a], [b]) => (a < b ? -1 : 1))),
        unseen: operation.responses.map(({ status }) => status).filter((status) => !seen(status, count.statuses)),
        places: { reached, missed },
        workedFor,
        why: workedFor.length > 0 ? undefined : (why(operation) ?? 'it was never answered with success'),
      };
    });
  }
}

/** Whether a declared status (`200`, `4XX`, `default`) was answered at least once. */
function seen(declared: string, statuses: ReadonlyMap<string, number>): boolean {
  if (declared === 'default') return true;
  if (!/^[1-5]XX$/i.test(declared)) return statuses.has(declared);
  for (const status of statuses.keys()) if (status[0] === declared[0]) return true;
  return false;
}
