import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { ROUTES, type Route } from './routes.ts';

/** Prefixes of paths under which they are looked for, beside the root. */
const PREFIXES = 3;
/** Characters of an answer that are looked at. */
const LOOKED = 64 * 1024;

/** Debug pages, dumps, configuration and documentation that anyone can open. */
export const check: Check = {
  id: 'open-routes',
  group: 'answers',
  title: 'Debug, configuration and documentation routes are open',
  practice: 'necessary-only',
  cwe: 'CWE-489',
  owasp: 'API9:2023',
  severity: 'medium',
  why: 'Routes that are not in the contract are not thought of when access is decided. They tell secrets, internals, or the whole interface.',
  mend: 'Take them off the public listener. Portcullis answers 404 to every path that the contract does not name.',

  async run(context) {
    const places = ['/', ...prefixesOf(context)].flatMap((prefix) =>
      ROUTES.map((route) => ({ ...route, target: prefix + route.path })),
    );
    await context.each(places, async (route) => await look(context, route));
  },
};

/** The beginnings that several of the contract's paths share, such as `/api/` and `/api/v1/`, and the base path. */
function prefixesOf({ operations, base }: CheckContext): string[] {
  const templates = new Set(operations.map(({ template }) => template));
  const counts = new Map<string, number>();
  for (const template of templates) {
    const segments = template.split('/').slice(1, -1);
    for (let length = 1; length <= Math.min(2, segments.length); length++) {
      const beginning = segments.slice(0, length);
      if (beginning.some((segment) => segment === '' || segment.includes('{'))) break;
      const prefix = `/${beginning.join('/')}/`;
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  const own = base.pathname.replace(/\/?$/, '/');
  const shared = [...counts]
    .filter(([prefix, count]) => count > 1 && prefix !== own)
    .sort((a, b) => b[1] - a[1] || b[0].length - a[0].length)
    .map(([prefix]) => prefix);
  return [...(own === '/' ? [] : [own]), ...shared].slice(0, PREFIXES);
}

interface Found extends Proof {
  readonly severity: Severity;
}

async function look(
  context: CheckContext,
  { target, severity, looks, named }: Route & { target: string },
): Promise<void> {
  if (isDeclared(context, target)) return;
  const attempt = async (): Promise<Found | undefined> => {
    const shown = await context.request({ method: 'GET', target, headers: [] });
    const { answer } = shown;
    if (answer.status !== 200 || answer.body.length === 0 || context.outcome(shown) !== 'success') return undefined;
    const text = answer.text.slice(0, LOOKED);
    const telling = tells(looks, text);
    // Data under a name of the inside, that says nothing of the inside: worth a word. A page is a page.
    const data = named === true && typeof answer.json === 'object' && answer.json !== null;
    if (telling === undefined && !data) return undefined;
    // What answers everything is no debug route: an unknown path beside it must be answered otherwise, and a front end's
    // page for all paths must not show the same.
    const control = await context.request({ method: 'GET', target: beside(context, target), headers: [] });
    const fine = control.answer.status === 200 && context.outcome(control) === 'success';
    if (alike(control, shown) || (fine && telling === undefined)) return undefined;
    if (fine && tells(looks, control.answer.text.slice(0, LOOKED)) !== undefined) return undefined;
    return {
      exchanges: [control, shown],
      marks: [(telling ?? text).split('\n')[0]?.slice(0, 120) ?? ''],
      severity: telling !== undefined ? severity : 'informational',
    };
  };
  const proof = await attempt();
  if (!proof) return;
  await context.report({
    message: `${target} is open to anyone and is not in the contract`,
    place: target,
    cause: target,
    severity: proof.severity,
    proof,
    again: attempt,
  });
}

/** A path of the contract, or one that a parameter of it takes in: `/users/{name}` answers `/users/test`. */
function isDeclared({ contract, operations }: CheckContext, target: string): boolean {
  if (operations.some(({ template }) => template === target)) return true;
  const match = contract.router.match('GET', target.split('/').slice(1));
  return match !== undefined && 'operation' in match;
}

/** A path in the same folder, of the same kind, that nobody has. */
function beside(context: CheckContext, target: string): string {
  const nowhere = Math.floor(context.random(target)() * 36 ** 8).toString(36);
  const [, folder = '/', name = '', slash = ''] = /^(.*\/)([^/]+)(\/?)$/.exec(target) ?? [];
  const dot = name.lastIndexOf('.');
  return dot > 0
    ? `${folder}${name.slice(0, dot)}-${nowhere}${name.slice(dot)}${slash}`
    : `${folder}${name}-${nowhere}${slash}`;
}

const tells = (looks: Route['looks'], text: string): string | undefined =>
  typeof looks === 'function' ? looks(text) : looks.exec(text)?.[0];

const alike = (a: Exchange, b: Exchange): boolean => a.answer.text === b.answer.text;
