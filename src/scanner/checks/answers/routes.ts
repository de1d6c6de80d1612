import type { Severity } from '../../model/finding.ts';

/** A path that development or operation leaves behind. */
export interface Route {
  readonly path: string;
  readonly severity: Severity;
  /** What its content looks like, and the part that shows it: what does not is another thing under the same name. */
  readonly looks: RegExp | ((text: string) => string | undefined);
  /** Whether only its content counts, or the name speaks for it too: then data of any kind is told as informational. */
  readonly named?: boolean;
}

/** Members that the inside of a process has. */
const INSIDE =
  /"(env|environ|environment|process|pid|ppid|cwd|argv|execPath|memory\w{0,20}|heap\w{0,20}|rss|uptime|hostname|stack\w{0,20}|traces?|threads?|queries|sql|database|db\w{0,20}|dsn|sessions?|tokens?|routes|handlers|middleware|modules|dependencies|loadavg|platform|arch|versions?|node|config\w{0,20}|settings|secrets?|debug)"\s{0,4}:/gi;
/** A setting whose value nobody outside should know. */
const SECRET =
  /["']?\b\w{0,40}(?:password|passwd|secret|private_?key|api_?key|access_?key|(?:access|auth|session)_?token|connection_?string|database_?url)\w{0,20}["']?\s{0,4}[:=]\s{0,4}["']?(?!\*|x{3}|<|\$|null|true|false|undefined|""|''|\[|\{|redacted|hidden)[^\s"'<>{}[\]]{4,200}/i;
const LOG_LINE =
  /^.{0,80}?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b(?:DEBUG|INFO|WARN|ERROR|TRACE)\b|\b(?:GET|POST|PUT|DELETE) \/)/;
const LINES = 200;

/** The part of a text that shows the inside of a process: a secret, two members that only it has, or a log. */
function inside(text: string): string | undefined {
  const secret = SECRET.exec(text)?.[0] ?? /<title>phpinfo|PHP Version|Environment Variables/.exec(text)?.[0];
  if (secret !== undefined) return secret;
  const names = new Map<string, string>();
  for (const [part, name = ''] of text.matchAll(INSIDE)) {
    names.set(name.toLowerCase(), part);
    if (names.size >= 2) return part;
  }
  const lines = text.split('\n', LINES).filter((line) => LOG_LINE.test(line));
  return lines.length >= 3 ? lines[0] : undefined;
}

const each = (paths: string, rest: Omit<Route, 'path'>): Route[] => paths.split(' ').map((path) => ({ path, ...rest }));

/** What is looked for, under the root and under the prefixes of the contract's paths. */
export const ROUTES: readonly Route[] = [
  ...each('.env .env.local .env.production .env.bak config/.env', {
    severity: 'critical',
    looks: /^(?:export )?[A-Z][A-Z0-9_]{1,60}=/m,
  }),
  { path: '.git/HEAD', severity: 'high', looks: /^ref: refs\/|^[\da-f]{40}\s*$/ },
  { path: '.git/config', severity: 'high', looks: /^\[core\]/m },
  { path: '.svn/entries', severity: 'high', looks: /^\d{1,3}\n\n?dir\n/ },
  ...each('id_rsa .ssh/id_rsa server.key private.pem', {
    severity: 'critical',
    looks: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY-----/,
  }),
  ...each('dump.sql backup.sql db.sql database.sql', {
    severity: 'critical',
    looks: /\b(?:CREATE TABLE|INSERT INTO)\b/i,
  }),
  ...each('backup.zip backup.tar.gz db.sqlite database.sqlite', {
    severity: 'high',
    looks: /^(?:PK\x03\x04|\x1f|SQLite format 3)/,
  }),
  { path: 'actuator/env', severity: 'high', looks: /"propertySources"/ },
  { path: 'actuator/heapdump', severity: 'high', looks: /^(?:JAVA PROFILE|\x1f)/ },
  ...each('actuator/configprops actuator/beans', { severity: 'high', looks: /"(?:contexts|beans)"/ }),
  ...each('actuator/mappings', { severity: 'medium', looks: /"(?:dispatcherServlets|mappings)"/ }),
  ...each('actuator/httptrace actuator/httpexchanges actuator/threaddump actuator/loggers actuator/logfile', {
    severity: 'medium',
    looks: /"(?:traces|exchanges|threads|loggers)"|(?:^|\n)\d{4}-\d\d-\d\d/,
  }),
  // The index of what is open; health and info alone are there by default.
  {
    path: 'actuator',
    severity: 'medium',
    looks: /"_links"[\s\S]{0,8000}"(?:env|beans|heapdump|configprops|mappings|loggers|threaddump)"/,
  },
  { path: 'metrics', severity: 'low', looks: /^# (?:HELP|TYPE) |"(?:memory|heap|uptime|requests|rss)/m },
  { path: 'debug/vars', severity: 'medium', looks: /"(?:cmdline|memstats)"/ },
  { path: 'debug/pprof/', severity: 'medium', looks: /goroutine|pprof/ },
  { path: 'phpinfo.php', severity: 'medium', looks: /phpinfo\(\)|PHP Version/ },
  { path: 'server-status', severity: 'medium', looks: /Apache (?:Server )?Status|Total [Aa]ccesses|BusyWorkers/ },
  { path: 'server-info', severity: 'medium', looks: /Apache Server Information|Server Settings/ },
  { path: 'elmah.axd', severity: 'medium', looks: /Error Log for/ },
  { path: 'h2-console', severity: 'medium', looks: /H2 Console/ },
  ...each('console __debug__', {
    severity: 'high',
    looks: /Werkzeug Debugger|Interactive Console|Rails console|Django Debug Toolbar|djDebug/i,
  }),
  ...each(
    'debug debug/info debug/config debug/log debug/logs debug/env _debug internal internal/config internal/users internal/debug _internal ' +
      'admin/config admin/debug trace env logs log dump heapdump threaddump sessions _sessions status/full info/debug',
    { severity: 'medium', looks: inside, named: true },
  ),
  // Names that a public front end may have too: only what nobody would publish counts.
  ...each('config config.json settings.json appsettings.json test dev users.json', {
    severity: 'medium',
    looks: SECRET,
  }),
  { path: 'package.json', severity: 'low', looks: /"(?:dependencies|devDependencies)"\s{0,4}:/ },
  { path: 'composer.json', severity: 'low', looks: /"require"\s{0,4}:/ },
  { path: '.DS_Store', severity: 'low', looks: /^\0\0\0\x01Bud1/ },
  { path: 'web.config', severity: 'low', looks: /<configuration[\s>]/ },
  { path: '.htaccess', severity: 'low', looks: /^(?:Rewrite|Auth|Order|Require|<If|Options|Deny|Allow)/m },
  { path: 'Dockerfile', severity: 'low', looks: /^FROM \S/m },
  { path: 'docker-compose.yml', severity: 'low', looks: /^services:/m },
  ...each(
    'openapi.json openapi.yaml openapi.yml swagger.json swagger.yaml swagger-ui.html swagger-ui/ swagger api-docs v2/api-docs ' +
      'v3/api-docs docs redoc graphiql graphql playground',
    { severity: 'informational', looks: /openapi|swagger|redoc|graphql|"paths"/i },
  ),
];
