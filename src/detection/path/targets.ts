import { alternatives } from '../shared/alternatives.ts';

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

const SECRET = new RegExp(
  `^${alternatives(
    String.raw`passwd shadow master\.passwd .*\.ini id_.* web\.config my\.cnf sam`,
    String.raw`\.(?:ht|pass|rhosts|shosts|forward|bash|ssh|netrc|pgpass|cshrc|zshrc|login|logout|profile|xauthority).*`,
    String.raw`\.(?:[zk]?sh|mysql)_history`,
  )}$`,
);
/** Directories of the system, from the root; `_` stands for a blank. */
const SYSTEM = new RegExp(
  `^${alternatives(
    'var/(?:log|mail|spool|lib|run|adm|cron|lp|lock|backups|saf|cpanel|apache)',
    'proc dev/fd run/secrets private/(?:etc|var) web-inf meta-inf winnt inetpub appserv system32/inetsrv',
    'windows/(?:repair|temp|debug|config|panther|csc)',
    'windows/system32/(?:config|drivers/etc|logfiles|inetsrv|sysprep|unattend|winevt|tasks|spool)',
    String.raw`program_files(?:_\(x86\))?/(?:apache|xampp|mysql|php|filezilla)[^/]*`,
    'system_volume_information usr/(?:spool|ports|pkgsrc|pkg/etc|etc|lib/security|lib/cron)',
    String.raw`usr/local/(?:etc|apache2?|cpanel|php\d?|nginx|mysql|pureftpd|tomcat|zeus)`,
  ).replaceAll('_', ' ')}(?:/|$)`,
);
const RECORD = /(?:\.conf(?:\.default|\.php|\.bak)?|[._]\s?log|^(?:access|error)logs?|^logs?)$/;
const PROGRAMS = /^(?:usr|var|opt|www|logs|log|apache2?|httpd|nginx|xampp|php[45]?|mysql|volumes|home|program files)$/;
/** Settings of servers, under whatever directory. */
const SERVER: ReadonlySet<string> = new Set(
  `httpd.conf apache.conf apache2.conf nginx.conf php.ini my.cnf sshd_config proftpd.conf vsftpd.conf metabase.xml
   applicationhost.config pureftpd.conf pureftpd.passwd pureftpd.pdb pure-ftpd.conf wp-config.php catalina.out`.split(
    /\s+/,
  ),
);

/** Whether a path without a root names a file of the system all the same: `etc/passwd`. */
export const isRelativeSystemFile = (segments: readonly string[]): boolean =>
  segments.length > 1 &&
  /^(?:etc|proc|web-inf|\.ssh)$/.test(segments[0] as string) &&
  (NAMES.has(segments[segments.length - 1] as string) || segments[0] === 'web-inf');

/** Whether an absolute path alone, which climbs nowhere, names a file of the system. */
export function isSystemFile(segments: readonly string[]): boolean {
  const last = segments[segments.length - 1];
  if (last === undefined) return false;
  if (segments.length === 1) return SECRET.test(last) && last !== 'shadow';
  const first = segments[0] as string;
  if (ROOTS.has(first)) return last !== '';
  if (SYSTEM.test(segments.join('/')) || SECRET.test(last) || SERVER.has(last)) return true;
  return RECORD.test(last) && PROGRAMS.test(first);
}

/** On a drive: what comes with the system or with the servers that run on it. */
const ON_DRIVE = new RegExp(
  `^${alternatives(
    String.raw`windows winnt inetpub xampp wamp(?:64)? appserv minint mysql php\d? sysprep recovery`,
    String.raw`(?:apache|nginx|tomcat)[\w.-]* \$recycle\.bin system_volume_information`,
    '(?:users|documents_and_settings)/administrator',
  ).replaceAll('_', ' ')}/.`,
);
/** Files at the root of a drive. */
const AT_DRIVE = /^(?:unattend(?:ed)?|sysprep|autoexec|config|boot|pagefile|ntldr|bootmgr)(?:\.\w{1,4})?$/;
/** Trees of systems and servers, and such as have their name in common with pages of applications. */
const TREES =
  /^(?:usr|var|srv\/www|library\/webserver|system\/library|private|opt\/(?:lampp|xampp|lsws|tomcat|apache|httpd|nginx)\d*)\//;
const COMMON_TREES =
  /^(?:opt|srv|home\d?|volumes|mysql|postgresql|apache\d*|php\d?|nginx|xampp|wamp|tmp|logs?|s?bin|http|netserver|www)\//;
const OF_SERVERS =
  /\.(?:conf|cnf|cfg|ini|inc|log|err|pdb|pdn|pl|php\d?|html?|xml|myd|db|dat|out|bak|old|index|pid|sock|rules)$/;
const OF_SETTINGS = /\.(?:conf|cnf|ini|log|err|myd|pdb)$|^pg_|^config\.(?:php|inc)$|-bin\.index$/;

/** The same where nobody has a reason to name a file of the server: settings, records and programs of its trees. */
export function isServerFile(segments: readonly string[], drive: boolean): boolean {
  const last = segments[segments.length - 1];
  if (last === undefined) return false;
  const path = segments.join('/');
  if (drive) return ON_DRIVE.test(path) || AT_DRIVE.test(path);
  return (TREES.test(path) && OF_SERVERS.test(last)) || (COMMON_TREES.test(path) && OF_SETTINGS.test(last));
}
