import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { leavesOf } from '../authentication/shared/answers.ts';
import { hasList } from './shared/evidence.ts';
import { isStaff, mayCall, ownerRule, type Pair, peers } from './shared/people.ts';

/** Lists that are compared for one pair. */
const LISTS = 6;
/** Texts of a list that are looked for, and how many of them must stand in the export. */
const TEXTS = 200;
const ENOUGH = 2;
/** Shorter ones stand anywhere. */
const SHORTEST = 8;

/** Exports that are no JSON (CSV, text, pages) and hold what the API's own lists keep from the caller. */
export const check: Check = {
  id: 'export-of-others',
  group: 'authorization',
  title: 'Exports what belongs to others',
  practice: 'authorize',
  cwe: 'CWE-862',
  owasp: 'API1:2023',
  severity: 'high',
  why: 'The list is narrowed to the caller and the export of the same things is not: one request carries everybody off in a file.',
  mend: 'Make exports from the same query as the list, narrowed to the caller in the statement itself.',

  async run(context) {
    const pairs = peers(context);
    if (pairs.length === 0) return context.skip('no two identities have the same rights: give a second one of a role');
    const exports = context.operations.filter(
      (operation) =>
        operation.method === 'GET' &&
        !operation.template.includes('{') &&
        context.samples(operation).some(({ exchange }) => isText(exchange)),
    );
    for (const operation of exports) {
      for (const pair of pairs) {
        if (mayCall(context, operation, pair.bob) === false || ownerRule(operation, pair.bob) === 'free') continue;
        if (isStaff(pair.bob, context)) continue;
        const attempt = async () => await carriedOff(context, operation, pair);
        const found = await attempt();
        if (found === undefined) continue;
        const confirmed = await context.report({
          message: `${operation.key} hands ${pair.bob.name} what ${found.list} lists for ${pair.alice.name} alone`,
          operation,
          proof: found.proof,
          again: async () => (await attempt())?.proof,
        });
        if (confirmed) break;
      }
    }
  },
};

const isText = ({ answer }: Exchange): boolean => answer.json === undefined && answer.text.trim() !== '';

interface Found {
  readonly list: string;
  readonly proof: Proof;
}

async function carriedOff(
  context: CheckContext,
  operation: CheckContext['operations'][number],
  { alice, bob }: Pair,
): Promise<Found | undefined> {
  const sample = await context.sample(operation, bob);
  if (sample === undefined) return undefined;
  const his = await context.send(sample.call, bob);
  if (context.outcome(his) !== 'success' || !isText(his)) return undefined;
  let tried = 0;
  for (const list of context.operations) {
    if (list.method !== 'GET' || list.template.includes('{') || tried >= LISTS) continue;
    const known = context.samples(list).find(({ as }) => as?.name === alice.name);
    if (known === undefined || !hasList(known.exchange.answer.json)) continue;
    tried++;
    const forHer = await context.send(known.call, alice);
    const forHim = await context.send(known.call, bob);
    if (context.outcome(forHer) !== 'success' || context.outcome(forHim) !== 'success') continue;
    if (!hasList(forHim.answer.json)) continue;
    const texts = textsOf(forHer).filter((text) => !forHim.answer.text.includes(text));
    const held = texts.filter((text) => his.answer.text.includes(text));
    if (held.length < ENOUGH) continue;
    // What anyone gets is no secret of hers.
    const open = await context.send(sample.call, null);
    if (context.outcome(open) === 'success' && held.some((text) => open.answer.text.includes(text))) continue;
    return { list: list.key, proof: { exchanges: [forHer, forHim, his], marks: held.slice(0, ENOUGH) } };
  }
  return undefined;
}

/** Texts of the items of a list, each once, that do not stand anywhere by chance. */
function textsOf({ answer }: Exchange): string[] {
  const texts = new Set<string>();
  for (const { path, value } of leavesOf(answer.json)) {
    if (!path.includes('/*/') || typeof value !== 'string' || value.length < SHORTEST || /^\d{4}-\d\d-\d\d/.test(value))
      continue;
    texts.add(value);
    if (texts.size >= TEXTS) break;
  }
  return [...texts];
}
