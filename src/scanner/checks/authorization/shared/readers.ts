import type { Operation } from '../../../../contract/model.ts';
import type { CheckContext } from '../../../model/check.ts';
import { namingOf, singular, wordsOf } from '../../../state/names.ts';

/** Properties that say by themselves what they identify. */
const DISTINCT: ReadonlySet<string> = new Set(['iban', 'vin', 'isbn', 'barcode', 'sku']);

/** The operation that shows one thing of the kind that a place names, and nothing else in its path. */
export function readerOf(
  context: CheckContext,
  { kind, property }: { readonly kind: string; readonly property: string },
): { readonly operation: Operation; readonly place: string } | undefined {
  for (const operation of context.operations) {
    const [, noun, name] = /\/([^/{}]+)\/\{([^/{}]+)\}$/.exec(operation.template) ?? [];
    if (operation.method !== 'GET' || noun === undefined || operation.template.split('{').length !== 2) continue;
    const words = wordsOf(noun);
    const last = words.pop() ?? '';
    const thing = [...words, singular(last)].join('');
    // `fromAccountId` is an account; `sourceIban` is whatever is told by its IBAN.
    const isNamed = thing === kind || (thing.length >= 4 && kind.endsWith(thing));
    const isTold = property !== 'id' && DISTINCT.has(property) && namingOf(name!).property === property;
    if (isNamed || isTold) return { operation, place: `path:${name}` };
  }
  return undefined;
}
