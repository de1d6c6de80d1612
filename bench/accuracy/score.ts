import type { Judge } from '../../src/detection/judge.ts';
import { undecidable } from '../../src/detection/testing/undecidable.ts';
import { CARRIERS, type Value } from './carriers.ts';
import type { List } from './lists.ts';

/** What became of one list. */
export interface Score {
  readonly title: string;
  readonly harmful: boolean;
  readonly class: string | undefined;
  readonly count: number;
  /** Values found in every carrier (harmful), or in any (friendly). */
  readonly found: number;
  /** Values that were not found, or falsely; for each carrier. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Harmful values that were not found and are listed as no attacks as they stand. */
  readonly undecidable: number;
  /** By which class, how often. */
  readonly by: Readonly<Record<string, number>>;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly text: string;
  readonly kind: string | undefined;
  /** Of a false alarm: the class, the span and what it is said to do. */
  readonly said: string | undefined;
}

/** Judges every value of a list in every carrier; a value with a place of its own stands there only. */
export function score(list: List, judge: Judge): Score {
  const { title, harmful, values } = list;
  const by: Record<string, number> = {};
  const wrong: Record<string, number> = Object.fromEntries(CARRIERS.map(({ name }) => [name, 0]));
  const examples: Example[] = [];
  let found = 0;
  let open = 0;
  for (const value of values) {
    let all = true;
    let any: string | undefined;
    for (const [name, said] of judged(value, judge)) {
      if (said !== undefined) {
        if (any === undefined) by[said.class] = (by[said.class] ?? 0) + 1;
        any ??= `${said.class}: ${said.why} (${said.form}: ${said.span})`;
      } else all = false;
      if ((said === undefined) === harmful) wrong[name] = (wrong[name] ?? 0) + 1;
    }
    if (harmful ? all : any !== undefined) found++;
    if (harmful !== (harmful ? all : any !== undefined)) {
      examples.push({ text: value.text, kind: value.kind, said: any });
      if (harmful && undecidable(value.text) !== undefined) open++;
    }
  }
  return {
    title,
    harmful,
    class: list.classes[0],
    count: values.length,
    found,
    wrong,
    undecidable: open,
    by,
    examples,
  };
}

const REFUSED = { class: '(refused by the reader)', why: 'cannot be read', form: 'as sent', span: '' };

function* judged({ text, place }: Value, judge: Judge): Generator<[string, ReturnType<Judge['find']>]> {
  if (place !== undefined) {
    yield ['query', judge.find(text, { source: 'query', name: '', key: false, ...place })];
    return;
  }
  for (const { name, place: at, carry } of CARRIERS) {
    const carried = carry(text);
    yield [name, carried === undefined ? REFUSED : judge.find(carried, at)];
  }
}

/** The mean of how much of the harmful and how much of the friendly values was judged rightly, in percent. */
export function balanced(scores: readonly Score[]): number | undefined {
  const share = (harmful: boolean): number | undefined => {
    const of = scores.filter((each) => each.harmful === harmful && each.count > 0);
    const count = of.reduce((sum, each) => sum + each.count, 0);
    return count === 0 ? undefined : of.reduce((sum, each) => sum + each.found, 0) / count;
  };
  const found = share(true);
  const wrong = share(false);
  return found === undefined || wrong === undefined ? undefined : 50 * (found + 1 - wrong);
}
