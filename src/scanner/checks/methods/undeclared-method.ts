import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { type DeclaredPath, elsewhere, pathsOf, withMethod } from './paths.ts';

/** Methods that only read, or that nobody has: sent to a real object. */
const HARMLESS = ['QUERY', 'PROPFIND', 'SEARCH', 'FOO'];
/** Methods that would change something: only where the options allow it. `PURGE` is one of caches. */
const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'];

/** A path answers a method that the contract does not name. */
export const check: Check = {
  id: 'undeclared-method',
  group: 'methods',
  title: 'Methods that the contract does not name are answered',
  practice: 'validate',
  cwe: 'CWE-650',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Filters, caches and role checks are written for the methods that everybody knows. A method that is served without being declared goes past them, and may do what nobody meant to offer.',
  mend: 'Answer every other method with 405 and an Allow header. Portcullis does so from the contract.',

  async run(context) {
    await context.each(pathsOf(context), async (path) => {
      if (!path.read) return context.skip('no GET of the path ever worked', path.operations[0]);
      const { call, as } = path.read;
      const read = context.render(call, as ?? null);
      const origin = { operation: call.operation, as: as?.name };
      for (const method of HARMLESS) {
        if (path.declared.has(method)) continue;
        if (await tell(context, path, method, withMethod(read, method), origin)) break;
      }
      for (const method of CHANGING) {
        if (path.declared.has(method)) continue;
        // A change of an object that the scan did not make is tried only where that is allowed.
        const own = context
          .objects(call.operation)
          .find(({ madeBy, value }) => madeBy !== undefined && isIn(read, value));
        if (!context.options.destructive && !own) continue;
        await tell(context, path, method, withMethod(read, method, method === 'DELETE' ? undefined : '{}'), origin);
      }
    });
  },
};

async function tell(
  context: CheckContext,
  path: DeclaredPath,
  method: string,
  request: ScanRequest,
  origin: { operation: Exchange['operation']; as: string | undefined },
): Promise<boolean> {
  const random = context.random(`${path.template} ${method}`);
  const attempt = async (): Promise<(Proof & { readonly severity: Severity }) | undefined> => {
    const shown = await context.request(request, origin);
    if (context.outcome(shown) !== 'success' || shown.answer.status > 299) return undefined;
    const nowhere = elsewhere(request, random);
    const control = await context.request(nowhere, { as: origin.as });
    if (context.outcome(control) !== 'success')
      return { exchanges: [control, shown], marks: [`${method} `], severity: 'medium' };
    // Who answers every path alike (a catch-all page) has not served it here; who does so for this method only says
    // yes to what it does not know.
    const page = await context.request(withMethod(nowhere, 'GET'), { as: origin.as });
    if (context.outcome(page) === 'success' || CHANGING.includes(method)) return undefined;
    return { exchanges: [page, shown], marks: [`${method} `], severity: 'low' };
  };
  const proof = await attempt();
  if (!proof) return false;
  return await context.report({
    message: `${method} ${path.template} is answered with success, though the contract names only ${[...path.declared].join(', ')}`,
    operation: origin.operation,
    place: `method ${method}`,
    cause: HARMLESS.includes(method) || method === 'PURGE' ? 'methods nobody declared' : `${method} ${path.template}`,
    severity: proof.severity,
    proof,
    again: attempt,
  });
}

const isIn = (request: ScanRequest, value: string | number): boolean =>
  request.target.split(/[/?&=]/).includes(encodeURIComponent(String(value)));
