import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike, contentOf, sharedContent } from '../authentication/shared/answers.ts';
import { demandOf, openByNature } from '../authentication/shared/demand.ts';
import { randomText, splitTarget } from '../authentication/shared/requests.ts';

/** Operations whose siblings are looked for. */
const OPERATIONS = 8;
const PREFIXES = [
  'v0',
  'v1',
  'v2',
  'v3',
  'old',
  'beta',
  'internal',
  'admin',
  'dev',
  'test',
  'legacy',
  'private',
  'api',
  'api/v1',
  'mobile',
] as const;

/** Paths that the contract does not name, beside those it does. */
export const check: Check = {
  id: 'undeclared-version',
  group: 'authorization',
  title: 'An undocumented version answers without a credential',
  practice: 'authorize',
  cwe: 'CWE-1059',
  owasp: 'API9:2023',
  severity: 'high',
  why: 'An old, test or internal version of the API is still there, with the same data and without the guards that were added since. Nobody watches it, as nobody knows of it.',
  mend: 'Take old versions down, list what is deployed, and close the internal ones to the outside. Portcullis answers 404 to every path that the contract does not name.',

  async run(context) {
    const reads = context.operations
      .filter(
        (operation) => operation.method === 'GET' && demandOf(operation) !== 'no' && !openByNature(operation, context),
      )
      .filter((operation) => context.samples(operation).some(({ as }) => as !== undefined))
      .sort((one, other) => one.template.split('{').length - other.template.split('{').length)
      .slice(0, OPERATIONS);
    const declared = new Set(context.operations.map(({ template }) => shapeOf(template)));
    await context.each(reads, async (operation) => {
      const as = context.samples(operation).find((sample) => sample.as !== undefined)?.as;
      const sample = as && (await context.sample(operation, as));
      if (as === undefined || sample === undefined) return;
      const plain = context.render(sample.call, null);
      const refused = await context.request(plain, { operation });
      if (context.outcome(refused) === 'success') return;
      for (const sibling of siblings(operation, declared)) {
        if (await tried(context, operation, as, plain, sample.exchange, sibling)) return;
      }
    });
  },
};

interface Sibling {
  readonly name: string;
  change(path: string): string;
}

const shapeOf = (template: string): string => template.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '');

/** Other versions of a path, as far as they are not declared themselves. */
function* siblings(operation: Operation, declared: ReadonlySet<string>): Generator<Sibling> {
  const { template } = operation;
  const changes: Sibling[] = [];
  const version = /\/v(\d{1,2})(?=\/|$)/.exec(template);
  if (version !== null) {
    const now = Number(version[1]);
    for (const other of new Set(
      [now - 1, now - 2, now + 1, 0, 1, 2, 3].filter((number) => number >= 0 && number !== now),
    )) {
      changes.push({ name: `v${other}`, change: (path) => path.replace(`/v${now}`, `/v${other}`) });
    }
    for (const word of ['beta', 'internal', 'dev', 'test', 'old', 'legacy']) {
      changes.push({ name: word, change: (path) => path.replace(`/v${now}`, `/${word}`) });
    }
    changes.push({ name: 'no version', change: (path) => path.replace(`/v${now}`, '') });
  } else {
    const base = /^\/(api|rest)(?=\/)/i.exec(template)?.[0] ?? '';
    for (const prefix of PREFIXES) {
      if (base !== '' && prefix.startsWith('api')) continue;
      changes.push({ name: prefix, change: (path) => `${base}/${prefix}${path.slice(base.length)}` });
      if (base !== '') changes.push({ name: `${prefix} before ${base}`, change: (path) => `/${prefix}${path}` });
    }
  }
  for (const one of changes) if (!declared.has(shapeOf(one.change(template)))) yield one;
}

async function tried(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  plain: ScanRequest,
  model: Exchange,
  { name, change }: Sibling,
): Promise<boolean> {
  const moved = (request: ScanRequest, to: (path: string) => string): ScanRequest => {
    const { path, query } = splitTarget(request.target);
    return { ...request, target: to(path) + query };
  };
  const attempt = async (): Promise<Proof | undefined> => {
    const shown = await context.request(moved(plain, change), {});
    if (context.outcome(shown) !== 'success' || !same(model, shown)) return undefined;
    const refused = await context.request(plain, { operation });
    if (context.outcome(refused) === 'success') return undefined;
    // A server that answers every path alike has no versions.
    const word = randomText(context.random(`${operation.key}/${name}`), 7);
    const elsewhere = await context.request(
      moved(plain, (path) => change(path).replace(/[^/?]+$/, word)),
      {},
    );
    if (context.outcome(elsewhere) === 'success' && same(shown, elsewhere)) return undefined;
    return { exchanges: [refused, shown], marks: [shown.request.target] };
  };
  const proof = await attempt();
  if (proof !== undefined) {
    return await context.report({
      message: `${proof.exchanges.at(-1)!.request.target.split('?')[0]} is not in the contract, and answers without a credential what ${operation.key} refuses`,
      operation,
      cause: `undeclared ${name}`,
      proof,
      again: attempt,
    });
  }
  const known = moved(
    context.render(
      (await context.sample(operation, as))?.call ?? { operation, values: new Map(), body: undefined },
      as,
    ),
    change,
  );
  const behind = async (): Promise<Proof | undefined> => {
    const shown = await context.request(known, { as: as.name });
    if (context.outcome(shown) !== 'success' || !same(model, shown)) return undefined;
    const word = randomText(context.random(`${operation.key}/${name}`), 7);
    const elsewhere = await context.request(
      moved(known, (path) => path.replace(/[^/?]+$/, word)),
      { as: as.name },
    );
    return context.outcome(elsewhere) === 'success' && same(shown, elsewhere)
      ? undefined
      : { exchanges: [shown], marks: [known.target] };
  };
  const second = await behind();
  if (second === undefined) return false;
  await context.report({
    message: `${known.target.split('?')[0]} is not in the contract, and answers like ${operation.key}`,
    operation,
    cause: `undeclared ${name}, with a credential`,
    severity: 'informational',
    proof: second,
    again: behind,
  });
  return false;
}

/** The same kind of answer, with something in it. */
const same = (model: Exchange, shown: Exchange): boolean =>
  alike(model.answer, shown.answer) &&
  (contentOf(shown.answer).length > 0 || (sharedContent(model.answer, shown.answer) ?? 0) > 0.5);
