/** Directories at the root that hold nothing for a caller to name. */
const ROOTS: ReadonlySet<string> = new Set(['etc', 'proc', 'root', 'boot', 'winnt', 'sys']);

/** Beginnings of paths, after the root, that are worth stealing; compared in lower case with `/`. */
const PREFIXES = [
  'var/log/',
  'var/lib/',
  'var/mail/',
  'var/run/',
  'var/spool/',
  'var/www/',
  'var/adm/',
  'var/db/',
  'var/backups/',
  'usr/local/',
  'usr/share/',
  'usr/lib/',
  'usr/etc/',
  'usr/pkg/',
  'usr/home/',
  'usr/ports/',
  'usr/spool/',
  'opt/',
  'private/etc/',
  'private/var/',
  'library/',
  'system/library/',
  'windows/',
  'winnt/',
  'inetpub/',
  'program files/',
  'program files (x86)/',
  'documents and settings/',
  'users/administrator/',
  'xampp/',
  'wamp/',
  'apache/',
  'apache2/',
  'apache group/',
  'php/',
  'php4/',
  'php5/',
  'mysql/',
  'web-inf/',
  'meta-inf/',
  'home/',
  'logs/',
  'log/',
  'run/secrets/',
  'dev/',
  'nginx/',
];

/** Names of files that are worth stealing wherever they stand. */
const NAMES: ReadonlySet<string> = new Set(
  `passwd shadow master.passwd group hosts boot.ini win.ini system.ini php.ini my.cnf my.ini httpd.conf .htaccess
   .htpasswd web.config web.xml .ssh id_rsa id_dsa id_ed25519 authorized_keys known_hosts .bash_history .bashrc .profile
   .git .svn .env .aws .npmrc .netrc .my.cnf .mysql_history .pgpass access_log error_log access.log error.log environ
   cmdline sam system32 cmd.exe ntuser.dat autoexec.bat config.sys desktop.ini global.asa machine.config applicationhost.config
   wp-config.php config.php configuration.php settings.php localsettings.php config.inc.php database.yml secrets.yml
   unattend.xml sysprep.inf issue fstab crontab sudoers web-inf meta-inf .bash_profile .history .sh_history .zsh_history
   .htgroup .htusers .passwd .rhosts .kube .docker docker-compose.yml`.split(/\s+/),
);

/** Whether a path, given as segments in lower case from the root or from wherever it climbed to, is worth stealing. */
export function isTarget(segments: readonly string[]): boolean {
  if (segments.length === 0) return false;
  if (segments.length > 1 && ROOTS.has(segments[0] as string)) return true;
  for (const segment of segments) if (NAMES.has(segment)) return true;
  const path = segments.join('/');
  return PREFIXES.some((prefix) => path.startsWith(prefix));
}

const SECRET =
  /^(?:passwd|shadow|.*\.ini|id_.*|\.(?:ht|pass|rhosts|forward|bash_h|ssh|netrc|pgpass).*|web\.config|my\.cnf|sam)$/;
const SYSTEM =
  /^(?:var\/(?:log|mail|spool|lib|run|adm|cron|lp)|windows\/(?:system|repair|temp|debug|config)|winnt|inetpub|proc|web-inf|meta-inf|run\/secrets|program files(?: \(x86\))?\/apache[^/]*|usr\/spool|private\/etc)\/./;
const RECORD = /(?:\.conf(?:\.default)?|[._]log)$/;
const PROGRAMS = /^(?:usr|var|opt|www|logs|log|apache2?|httpd|nginx|xampp|php[45]?|mysql|volumes)$/;

/** Whether a path without a root names a file of the system all the same: `etc/passwd`. */
export const isRelativeSystemFile = (segments: readonly string[]): boolean =>
  segments.length > 1 &&
  /^(?:etc|proc|web-inf|\.ssh)$/.test(segments[0] as string) &&
  NAMES.has(segments[segments.length - 1] as string);

/** Whether an absolute path alone, which climbs nowhere, names a file of the system. */
export function isSystemFile(segments: readonly string[]): boolean {
  const last = segments[segments.length - 1];
  if (last === undefined) return false;
  if (segments.length === 1) return SECRET.test(last) && last !== 'shadow';
  const first = segments[0] as string;
  if (ROOTS.has(first)) return last !== '';
  return SYSTEM.test(segments.join('/')) || SECRET.test(last) || (RECORD.test(last) && PROGRAMS.test(first));
}
