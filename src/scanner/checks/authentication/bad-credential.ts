import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike } from './shared/answers.ts';
import { demandOf, openByNature } from './shared/demand.ts';
import { readJwt } from './shared/jwt.ts';
import { randomText, tryChanged, withHeader, withSecret } from './shared/requests.ts';

/** Operations on which every variant is tried; on all others the first two. */
const DEEP = 2;
const EVERYWHERE = 2;

interface Variant {
  readonly name: string;
  change(request: ScanRequest): ScanRequest | undefined;
}

/** A credential that is none, taken for one. */
export const check: Check = {
  id: 'bad-credential',
  group: 'authentication',
  title: 'Accepts a credential that is none',
  practice: 'authenticate',
  cwe: 'CWE-287',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The API looks whether a credential is there, and not whether it is right. Anybody gets in with an empty, made-up or cut-off one.',
  mend: 'Look the credential up (or verify its signature) on every request, compare it whole and in constant time, and refuse with 401 whatever does not match. Portcullis verifies credentials before the API sees the request.',

  async run(context) {
    const kinds = new Map<string, number>();
    await context.each(context.operations, async (operation) => {
      if (demandOf(operation) === 'no' || openByNature(operation, context)) return;
      const as = context.identities.find(({ name }) =>
        context.samples(operation).some((sample) => sample.as?.name === name),
      );
      if (as === undefined) return;
      const depth = kinds.get(as.kind) ?? 0;
      kinds.set(as.kind, depth + 1);
      const variants = variantsOf(context, as, operation);
      for (const variant of depth < DEEP ? variants : variants.slice(0, EVERYWHERE)) {
        if (await tryVariant(context, operation, as, variant)) return;
      }
    });
  },
};

async function tryVariant(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  variant: Variant,
): Promise<boolean> {
  const attempt = async (): Promise<Proof | undefined> => {
    const model = await context.sample(operation, as);
    if (model === undefined) return undefined;
    const tried = await tryChanged(context, operation, as, (call) => variant.change(context.render(call, as)));
    if (tried === undefined || context.outcome(tried.exchange) !== 'success') return undefined;
    if (!alike(model.exchange.answer, tried.exchange.answer)) return undefined;
    // Open to everybody is another weakness, and has a check of its own.
    const open = await tryChanged(context, operation, as, (call) => context.render(call, null));
    if (open === undefined || context.outcome(open.exchange) === 'success') return undefined;
    return { exchanges: [open.exchange, tried.exchange], marks: [] };
  };
  const proof = await attempt();
  if (proof === undefined) return false;
  return await context.report({
    message: `${operation.key} accepts ${variant.name} as a credential`,
    operation,
    cause: `accepts ${variant.name}`,
    proof,
    again: attempt,
  });
}

/** Wrong credentials of the same kind as the identity's, the telling ones first. */
function variantsOf(context: CheckContext, as: Identity, operation: Operation): Variant[] {
  const random = context.random(`${operation.key}/${as.kind}`);
  if (as.secret === undefined) return as.kind === 'basic' ? basicVariants(as, random) : [];
  const { secret } = as;
  const swap = (name: string, value: string): Variant => ({
    name,
    change: (request) => withSecret(request, as, value),
  });
  const jwt = readJwt(secret) !== undefined;
  const variants = [
    swap('a made-up value', randomText(random, Math.min(Math.max(secret.length, 8), 200))),
    swap('an empty value', ''),
    swap('"null"', 'null'),
    swap('"undefined"', 'undefined'),
    swap('one character', 'a'),
    swap('"*"', '*'),
    swap('"true"', 'true'),
    swap('"0"', '0'),
  ];
  if (!jwt && secret.length >= 8) {
    variants.push(
      swap('the first half of a right one', secret.slice(0, Math.ceil(secret.length / 2))),
      swap('a right one with more behind it', `${secret}${randomText(random, 4)}`),
      swap('a right one with another character in the middle', otherMiddle(secret)),
    );
  }
  const carriesScheme = as.credentials(operation).headers.some(([name]) => name.toLowerCase() === 'authorization');
  if (carriesScheme) {
    const other = (name: string, value: string): Variant => ({
      name,
      change: (request) => withHeader(request, 'Authorization', value),
    });
    const made = randomText(random, 16);
    variants.push(
      other('"Bearer" with nothing behind it', 'Bearer'),
      other('a scheme that does not exist', `Foo ${made}`),
      other('made-up Basic credentials', `Basic ${Buffer.from(`${made}:${made}`).toString('base64')}`),
    );
  }
  return variants;
}

function otherMiddle(secret: string): string {
  const at = Math.floor(secret.length / 2);
  return `${secret.slice(0, at)}${secret[at] === 'q' ? 'w' : 'q'}${secret.slice(at + 1)}`;
}

function basicVariants(as: Identity, random: () => number): Variant[] {
  const username = as.login?.username ?? randomText(random, 8);
  const variant = (name: string, pair: string): Variant => ({
    name,
    change: (request) => withHeader(request, 'Authorization', `Basic ${Buffer.from(pair).toString('base64')}`),
  });
  return [
    variant('a wrong password', `${username}:${randomText(random, 12)}`),
    variant('an empty password', `${username}:`),
    variant('an empty user name and password', ':'),
    variant('a user name without a password', username),
    variant('a made-up user', `${randomText(random, 9)}:${randomText(random, 12)}`),
  ];
}
