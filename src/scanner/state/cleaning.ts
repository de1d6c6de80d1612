import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import type { Book } from './book.ts';
import type { Ground } from './ground.ts';
import type { ScanIdentity } from './identity.ts';
import type { Made } from './pool.ts';
import type { Samples } from './samples.ts';
import type { Sender } from './sender.ts';

/** Refusals of one kind and identity after which it is not asked again. */
const MOST_REFUSALS = 3;

/**
 * Takes away what the scan made, the last first: by who made it, then by whoever may delete most.
 * Notes what could not be taken away.
 */
export async function cleanUp(
  ground: Ground,
  book: Book,
  samples: Samples,
  sender: Sender,
  identities: readonly ScanIdentity[],
): Promise<void> {
  const deletes = new Map<string, Operation>();
  for (const operation of ground.operations) {
    const last = book.resources.path(operation).at(-1);
    if (operation.method !== 'DELETE' || !last || !operation.template.endsWith('}')) continue;
    const known = deletes.get(last.kind);
    // the shortest way to a thing
    if (!known || book.resources.path(known).length > book.resources.path(operation).length)
      deletes.set(last.kind, operation);
  }
  const power = new Map<string, number>();
  for (const { sample } of samples.all()) power.set(sample.as?.name ?? '', (power.get(sample.as?.name ?? '') ?? 0) + 1);
  const strongest = [...identities].sort((a, b) => (power.get(b.name) ?? 0) - (power.get(a.name) ?? 0));
  const refusals = new Map<string, number>();
  const left = new Map<string, number>();
  const things = book.made.filter(({ gone }) => !gone).reverse();
  // things of one kind at once; kinds by turns, the last made first
  for (const run of runs(things)) {
    const queue = run.values();
    const work = async (): Promise<void> => {
      for (const thing of queue) {
        if (thing.gone) continue;
        const operation = deletes.get(thing.kind);
        if (!operation || !(await takeAway(thing, operation))) left.set(thing.kind, (left.get(thing.kind) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, ground.options.concurrency) }, work));
  }
  for (const [kind, count] of left) {
    const why = deletes.has(kind)
      ? 'the API refused to delete them'
      : 'the contract has no operation that deletes them';
    ground.note(`left at the API: ${count} of kind '${kind}' that the scan made; ${why}`);
  }

  async function takeAway(thing: Made, operation: Operation): Promise<boolean> {
    const empty = buildCall(operation, () => undefined);
    const call = book.on(empty, thing);
    if (!call) return false;
    const able = new Set(samples.of(operation).map(({ sample }) => sample.as?.name));
    const order = [
      ...identities.filter(({ name }) => name === thing.by),
      ...strongest.filter(({ name }) => able.has(name)),
      ...strongest,
    ];
    for (const as of new Set<ScanIdentity | undefined>(thing.by === '' ? [undefined, ...order] : order)) {
      if (as?.alive === false) continue;
      const key = `${operation.key}\n${as?.name ?? ''}`;
      if ((refusals.get(key) ?? 0) >= MOST_REFUSALS) continue;
      const outcome = ground.outcomes.of(await sender.send(call, as));
      if (outcome === 'success' || outcome === 'missing' || outcome === 'redirect') {
        thing.gone = true;
        return true;
      }
      if (outcome === 'none' || outcome === 'limited') return false;
      refusals.set(key, (refusals.get(key) ?? 0) + 1);
    }
    return false;
  }
}

/** Neighbours of one kind together. */
function runs(things: readonly Made[]): Made[][] {
  const found: Made[][] = [];
  for (const thing of things) {
    const last = found.at(-1);
    if (last?.[0]?.kind === thing.kind) last.push(thing);
    else found.push([thing]);
  }
  return found;
}
