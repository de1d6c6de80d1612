import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

interface Route {
  readonly path: string;
  readonly severity: Severity;
  /** What its content looks like; absent: any answer that an unknown path does not get. */
  readonly looks?: RegExp;
}

/** Routes that development and operation leave behind, and what they give away. */
const ROUTES: readonly Route[] = [
  ...['.env', '.env.local', '.env.production', 'config/.env'].map((path) => ({
    path,
    severity: 'critical' as const,
    looks: /^[A-Z][A-Z0-9_]{1,60}=/m,
  })),
  { path: '.git/HEAD', severity: 'high', looks: /^ref: refs\// },
  { path: '.git/config', severity: 'high', looks: /^\[core\]/m },
  { path: '.svn/entries', severity: 'high', looks: /^\d{1,3}\s/ },
  ...['id_rsa', '.ssh/id_rsa', 'server.key', 'private.pem'].map((path) => ({
    path,
    severity: 'critical' as const,
    looks: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/,
  })),
  ...['dump.sql', 'backup.sql', 'db.sql', 'database.sql'].map((path) => ({
    path,
    severity: 'critical' as const,
    looks: /\b(?:CREATE TABLE|INSERT INTO)\b/i,
  })),
  ...['backup.zip', 'backup.tar.gz', 'db.sqlite', 'database.sqlite'].map((path) => ({
    path,
    severity: 'high' as const,
    looks: /^(?:PK\x03\x04|\x1f|SQLite format 3)/,
  })),
  ...['actuator/env', 'actuator/heapdump', 'actuator/configprops', 'actuator/mappings'].map((path) => ({
    path,
    severity: 'high' as const,
  })),
  { path: 'actuator', severity: 'medium', looks: /"_links"/ },
  { path: 'metrics', severity: 'medium', looks: /^# (?:HELP|TYPE) |"(?:memory|heap|uptime|requests)/m },
  { path: 'debug/vars', severity: 'medium', looks: /"(?:cmdline|memstats)"/ },
  { path: 'debug/pprof/', severity: 'medium', looks: /goroutine|pprof/ },
  ...[
    'debug',
    'debug/info',
    'debug/config',
    'debug/log',
    'debug/logs',
    '_debug',
    'internal',
    'internal/config',
    'internal/users',
    '_internal',
    'console',
    'h2-console',
    'trace',
    'env',
    'config',
    'config.json',
    'settings.json',
    'server-status',
    'server-info',
    'phpinfo.php',
    'elmah.axd',
    '__debug__',
    'dev',
    'test',
    'admin/config',
    'admin/debug',
    'logs',
    'log',
    'dump',
    'heapdump',
    'threaddump',
    'sessions',
    '_sessions',
    'users.json',
    'package.json',
  ].map((path) => ({ path, severity: 'medium' as const })),
  ...['.DS_Store', 'web.config', '.htaccess', 'composer.json', 'Dockerfile', 'docker-compose.yml'].map((path) => ({
    path,
    severity: 'low' as const,
  })),
  ...[
    'openapi.json',
    'openapi.yaml',
    'openapi.yml',
    'swagger.json',
    'swagger.yaml',
    'swagger-ui.html',
    'swagger-ui/',
    'swagger',
    'api-docs',
    'v2/api-docs',
    'v3/api-docs',
    'docs',
    'redoc',
    'graphiql',
    'graphql',
    'playground',
  ].map((path) => ({ path, severity: 'informational' as const, looks: /openapi|swagger|redoc|graphql|"paths"/i })),
];
/** Prefixes of paths under which they are looked for, beside the root. */
const PREFIXES = 2;

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
    const places = ['/', ...prefixes(context)].flatMap((prefix) =>
      ROUTES.map((route) => ({ ...route, target: prefix + route.path })),
    );
    await context.each(places, async (route) => await look(context, route));
  },
};

/** The first segments of the contract's paths, such as `/api/`. */
function prefixes({ operations }: CheckContext): string[] {
  const counts = new Map<string, number>();
  for (const { template } of operations) {
    const first = template.split('/')[1];
    if (first && !first.includes('{') && template.split('/').length > 2)
      counts.set(`/${first}/`, (counts.get(`/${first}/`) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort((a, b) => b[1] - a[1])
    .slice(0, PREFIXES)
    .map(([prefix]) => prefix);
}

async function look(context: CheckContext, { target, severity, looks }: Route & { target: string }): Promise<void> {
  const { operations } = context;
  if (operations.some((operation) => operation.template === target)) return;
  const attempt = async (): Promise<Proof | undefined> => {
    const shown = await context.request({ method: 'GET', target, headers: [] });
    const { answer } = shown;
    if (answer.status !== 200 || answer.body.length === 0 || context.outcome(shown) !== 'success') return undefined;
    if (looks && !looks.test(answer.text.slice(0, 16_384))) return undefined;
    // A page that answers everything is no debug route: an unknown path beside it must answer otherwise.
    const nowhere = Math.floor(context.random(target)() * 36 ** 8).toString(36);
    const control = await context.request({
      method: 'GET',
      target: `${target.replace(/\/$/, '')}-${nowhere}`,
      headers: [],
    });
    if (control.answer.status === 200 && context.outcome(control) === 'success') return undefined;
    return { exchanges: [control, shown], marks: [answer.text.slice(0, 120)] };
  };
  const proof = await attempt();
  if (!proof) return;
  await context.report({
    message: `${target} is open to anyone and is not in the contract`,
    place: target,
    cause: target,
    severity,
    proof,
    again: attempt,
  });
}
