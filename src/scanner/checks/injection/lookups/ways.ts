import type { ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import { Suffixed } from '../../authentication/bypass/attempts.ts';
import { schemaField, typesOf, word } from '../common/words.ts';
import type { Asker } from './askers.ts';

/** Places of one call that are attacked at once, and paths attacked one by one, at most. */
const TOGETHER = 8;

/** A way to make a part of the question of what is looked up. */
export interface Way {
  /** For people: `a condition that is always true`. */
  readonly what: string;
  /** Where it is put, all at once. */
  readonly places: readonly ValuePlace[];
  /** All places that say what is looked up, those among them: the others get nonsense. */
  readonly scope: readonly ValuePlace[];
  readonly marks: readonly string[];
  /**
   * @param plain nonsense for the place
   * @param yes false: the twin that must be refused, the same but for what makes the difference
   */
  write(plain: string | number, yes: boolean, random: () => number): unknown;
}

/** The ways that fit the places of a call, those that are likelier first. */
export function waysInto({ call }: Asker, context: CheckContext): Way[] {
  const places = context
    .places(call)
    .filter(({ value, readOnly }) => (typeof value === 'string' || typeof value === 'number') && !readOnly)
    .filter((place) => !typesOf(place).includes('boolean') && schemaField(place, 'enum') === undefined);
  const body = places.filter((place) => place.in === 'body').slice(0, TOGETHER);
  const query = places.filter((place) => place.in === 'query').slice(0, TOGETHER);
  const type = call.body?.type ?? '';
  const write = /json/.test(type) ? (operator: string, value: unknown) => ({ [operator]: value }) : suffixed;
  const ways: Way[] = [];
  if (body.length > 0 && /json|urlencoded/.test(type)) ways.push(...everywhere(body, operators(write)));
  if (query.length > 0) ways.push(...everywhere(query, operators(suffixed)));
  for (const set of [body, query]) if (set.length > 0) ways.push(...everywhere(set, conditions(set)));
  for (const place of places.filter(({ in: where }) => where === 'path' || where === 'header').slice(0, TOGETHER)) {
    ways.push(...everywhere([place], conditions([place])));
  }
  return ways;
}

/** In all places at once; the likeliest form also in all but one, and in each alone: some must be what they are. */
function everywhere(scope: readonly ValuePlace[], forms: readonly Form[]): Way[] {
  const ways: Way[] = forms.map((form) => ({ ...form, scope, places: scope }));
  const [first] = forms;
  if (scope.length < 2 || first === undefined) return ways;
  const one = (place: ValuePlace): Way => ({ ...first, scope, places: [place] });
  const but = (place: ValuePlace): Way => ({ ...first, scope, places: scope.filter((other) => other !== place) });
  return [...ways, ...(scope.length > 2 ? scope.map(but) : []), ...scope.map(one)];
}

type Form = Omit<Way, 'places' | 'scope'>;

const suffixed = (operator: string, value: unknown): unknown => new Suffixed(`[${operator}]`, String(value));

/** Operators of a document store; the twin is the same under a name that is no operator. */
function operators(write: (operator: string, value: unknown) => unknown): Form[] {
  const way = (operator: string, value: (plain: string | number) => unknown): Form => ({
    what: `the operator ${operator}`,
    marks: [operator],
    write: (plain, yes) => write(yes ? operator : operator.slice(1), value(plain)),
  });
  return [way('$ne', (plain) => plain), way('$gt', () => ''), way('$regex', () => '^.')];
}

/** Conditions in a statement (SQL, XPath, a script): true, and as long and false. */
function conditions(places: readonly ValuePlace[]): Form[] {
  const what = 'a condition that is always true';
  const ways: Form[] = [];
  const add = (write: (plain: string, left: string, right: string) => string): void => {
    ways.push({
      what,
      marks: [],
      write: (plain, yes, random) => {
        const [same, other] = [word(random, 5), word(random, 5)];
        return write(String(plain), same, yes ? same : other);
      },
    });
  };
  for (const quote of ["'", '"']) {
    add((plain, left, right) => `${plain}${quote} or ${quote}${left}${quote}=${quote}${right}`);
    add((plain, left, right) => `${plain}${quote} or ${quote}${left}${quote}=${quote}${right}${quote} -- -`);
    add((plain, left, right) => `${plain}${quote}) or (${quote}${left}${quote}=${quote}${right}`);
    add((plain, left, right) => `${plain}${quote} || ${quote}${left}${quote}==${quote}${right}`);
  }
  if (places.every(({ value }) => typeof value === 'number' || /^\d+$/.test(String(value)))) {
    add((plain, left, right) => `${plain} or '${left}'='${right}'`);
  }
  return ways;
}
