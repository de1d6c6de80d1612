import type { CheckContext } from '../../../model/check.ts';
import type { Proof } from '../../../model/finding.ts';
import { type Heard, Likeness } from './alike.ts';
import { marksOf } from './marks.ts';
import type { Target } from './targets.ts';

/** Two values of one length and alphabet: an interpreter finds `yes` true (or the plain value), and `no` not. */
export interface Pair {
  readonly yes: unknown;
  readonly no: unknown;
}

/** Pairs that are written differently, for one place of an interpreter's language. */
export interface Form {
  /** `a quoted text`, `a number`: for people. */
  readonly name: string;
  /** Against the control: `yes` is answered as the plain value is. Else only the two are compared. */
  readonly plain: boolean;
  /** Tried where little hope is left, too. */
  readonly first?: boolean;
  /** Three or more. */
  readonly pairs: readonly Pair[];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

async function heard(target: Target, value: unknown): Promise<Heard> {
  return { exchange: await target.send(value), sent: textOf(value) };
}

const broken = ({ exchange }: Heard): boolean =>
  exchange.answer.status === 0 || exchange.answer.failure !== undefined || exchange.answer.status === 429;

/**
 * Whether the answers follow the truth of a form's conditions: each `yes` like the control (or like the other `yes`),
 * each `no` unlike. One or two requests where they do not; all pairs and the control once more where they do.
 * @returns the control, a `no` and a `yes`: what shows it; undefined where it does not show
 */
export async function follows(
  context: CheckContext,
  target: Target,
  form: Form,
  likeness: Likeness,
  control: Heard,
): Promise<Proof | undefined> {
  const [first, ...more] = form.pairs;
  if (!first) return undefined;
  const yes = await heard(target, first.yes);
  if (broken(yes) || (form.plain && !likeness.same(yes, control))) return undefined;
  const no = await heard(target, first.no);
  if (broken(no) || likeness.same(no, yes) || (form.plain && likeness.same(no, control))) return undefined;
  // A yes that fails where its no is fine is the wrong way round: a filter of words, not a condition.
  if (context.outcome(yes.exchange) !== 'success' && context.outcome(no.exchange) !== 'success') return undefined;
  for (const pair of more) {
    const other = await heard(target, pair.yes);
    if (broken(other) || !likeness.same(other, yes)) return undefined;
    const wrong = await heard(target, pair.no);
    if (broken(wrong) || likeness.same(wrong, yes)) return undefined;
  }
  const plain: Heard = { exchange: await target.control(), sent: target.text };
  if (!likeness.same(plain, control)) return undefined;
  return { exchanges: [plain.exchange, no.exchange, yes.exchange], marks: marksOf(yes.exchange, first.yes) };
}

/** Sends the control twice. @returns how answers of this place are compared; undefined where it does not work now */
export async function settle(
  context: CheckContext,
  target: Target,
): Promise<{ readonly likeness: Likeness; readonly control: Heard } | undefined> {
  const control: Heard = { exchange: await target.control(), sent: target.text };
  if (broken(control)) return undefined;
  const second: Heard = { exchange: await target.control(), sent: target.text };
  if (broken(second)) return undefined;
  return { likeness: new Likeness(context, control, second), control };
}
