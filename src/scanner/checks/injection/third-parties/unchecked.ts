import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Proof } from '../../../model/finding.ts';
import { again, type Target } from '../common/targets.ts';
import { type Breach, breachesOf, brokenThing, type Model, modelOf, thingsIn } from './model.ts';

/** Values of one answer that are tried by hand. */
const TRIED = 4;

/**
 * What the address in a place says becomes a thing of the API's though the contract refuses it from callers. First with
 * the address that works anyway; then, where the API calls the scanner, with what the scanner answers.
 * @param called the API calls an address of the scanner's own
 * @returns whether a finding came of it
 */
export async function takesUnchecked(context: CheckContext, target: Target, called: boolean): Promise<boolean> {
  const model = modelOf(context, target.operation);
  if (!model) return false;
  const attempts = called ? [fromBait] : [fromWorking];
  for (const attempt of attempts) {
    const show = again(context, target, async () => await attempt(context, target, model));
    const proof = await show();
    if (!proof) continue;
    const { operation, label } = target;
    const message = `${operation.key} takes what the address in ${label} says as it is: a value that ${model.operation.key} refuses came in that way`;
    if (
      await context.report({
        message,
        operation,
        place: label,
        cause: `${operation.key} unchecked`,
        proof,
        again: show,
      })
    )
      return true;
  }
  return false;
}

/** The address that works anyway names something that breaks the contract. */
async function fromWorking(context: CheckContext, target: Target, model: Model): Promise<Proof | undefined> {
  const exchange = await target.control();
  if (context.outcome(exchange) !== 'success') return undefined;
  const breaches = thingsIn(exchange.answer.json, model).flatMap((thing) => breachesOf(thing, model));
  return await refusedByHand(context, target, model, breaches, exchange);
}

/** The scanner's own answer has a value that breaks the contract, and it comes back. */
async function fromBait(context: CheckContext, target: Target, model: Model): Promise<Proof | undefined> {
  const sample = context.samples(model.operation)[0];
  if (!sample) return undefined;
  const thing = JSON.stringify(brokenThing(model, sample.call));
  for (const body of [`[${thing}]`, `{"items":[${thing}]}`, thing]) {
    const bait = await context.bait({ type: 'application/json', body });
    const exchange = await target.send(bait.url);
    if (context.outcome(exchange) !== 'success') continue;
    const told = thingsIn(JSON.parse(body.replaceAll('MARKER', bait.marker)), model);
    const own = new Set(told.flatMap((one) => breachesOf(one, model)).map(({ value }) => value));
    const breaches = thingsIn(exchange.answer.json, model)
      .flatMap((one) => breachesOf(one, model))
      .filter(({ value }) => own.has(value));
    const proof = await refusedByHand(context, target, model, breaches, exchange);
    if (proof) return proof;
  }
  return undefined;
}

/** The same value is refused where a caller sends it, and nothing else is wrong with that call. */
async function refusedByHand(
  context: CheckContext,
  { as }: Target,
  { operation }: Model,
  breaches: readonly Breach[],
  exchange: Exchange,
): Promise<Proof | undefined> {
  if (!as) return undefined;
  for (const { place, value } of breaches.slice(0, TRIED)) {
    const call = await context.prepare(operation, as);
    if (!call) return undefined;
    const refused = await context.send(context.put(call, place, value), as);
    if (context.outcome(refused) !== 'invalid') continue;
    const plain = await context.prepare(operation, as);
    const fine = plain && (await context.send(plain, as));
    if (!fine || context.outcome(fine) !== 'success') continue;
    const mark = JSON.stringify(value);
    return { exchanges: [fine, refused, exchange], marks: exchange.answer.text.includes(mark) ? [mark] : [] };
  }
  return undefined;
}
