/** What an argument looks like; a bit each. */
export const A_FLAG = 1 << 0;
/** `/all`, `/c`: a switch of Windows programs, or a directory at the root. */
export const A_SWITCH = 1 << 1;
/** From the root, a home directory or a drive. */
export const A_PATH = 1 << 2;
/** A file of the system that is worth stealing. */
export const A_SECRET = 1 << 3;
export const A_URL = 1 << 4;
/** An address or a name with dots. */
export const A_HOST = 1 << 5;
export const A_NUMBER = 1 << 6;
/** A path or file of wherever the program runs: `src/a.ts`, `a.txt`. */
export const A_FILE = 1 << 7;
/** Holds what the shell puts in: `$x`, `$(..)`, a glob. */
export const A_EXPANDS = 1 << 8;
export const A_WORD = 1 << 9;
/** In quotes as a whole. */
export const A_QUOTED = 1 << 10;
/** Code is given: `-c`, `-e`, `/c`. */
export const A_CODE = 1 << 11;
/** A word that the program takes for its first argument: `net user`. */
export const A_SUBCOMMAND = 1 << 12;
/** What the program was told to talk to does the harm: `-e /bin/sh`. */
export const A_WEAPON = 1 << 13;

/** How much a program's start says. */
export const NOTHING = 0;
/** Known, and a word of prose or code as well. */
export const WEAK = 1;
/** A command by its shape, harmless or not. */
export const PLAUSIBLE = 2;
/** A command that does harm. */
export const HARM = 3;
/** Spelled to get past a filter, or a weapon. */
export const DISGUISED = 4;
export type Weight = 0 | 1 | 2 | 3 | 4;

/** What kind of thing a program does with its arguments, where that matters beyond the table. */
export type Kind = 'tells' | 'lists' | 'reads' | 'filters' | 'writes' | 'talks' | 'waits' | 'runs' | 'manages' | 'says';

export interface Program {
  readonly kind: Kind;
  /** Weight of the name alone. */
  readonly bare: Weight;
  /** Arguments, any of which makes its start harm. */
  readonly harm: number;
  /** Arguments, any of which makes its start plausible. */
  readonly plausible: number;
  /** First arguments that make it harm. */
  readonly words: ReadonlySet<string> | undefined;
}

const PROGRAMS = new Map<string, Program>();
const NO_WORDS = '';
function add(kind: Kind, bare: Weight, harm: number, plausible: number, names: string, words = NO_WORDS): void {
  const set = words === NO_WORDS ? undefined : new Set(words.split(' '));
  for (const name of names.split(/\s+/)) PROGRAMS.set(name, { kind, bare, harm, plausible, words: set });
}

const ANY_SHAPE =
  A_FLAG | A_SWITCH | A_PATH | A_SECRET | A_URL | A_HOST | A_NUMBER | A_FILE | A_EXPANDS | A_QUOTED | A_CODE;
const OWN_FILES = A_FLAG | A_FILE | A_EXPANDS;

// Tell about the machine or the user. Names that are no words of prose weigh more than those that are.
add('tells', HARM, ANY_SHAPE, 0, 'whoami ifconfig ipconfig systeminfo sysinfo uname netstat printenv lsb_release');
add('tells', HARM, ANY_SHAPE, 0, 'tasklist getmac dmidecode lscpu lsblk qwinsta quser sw_vers');
add('tells', PLAUSIBLE, A_PATH | A_SECRET, ANY_SHAPE | A_WORD, 'id ps env pwd ss lsof dmesg nproc');
add(
  'tells',
  WEAK,
  A_SECRET,
  ANY_SHAPE,
  'hostname arp route df du w who uptime date history last groups tty arch logname',
);
add(
  'tells',
  WEAK,
  A_SECRET,
  A_FLAG | A_SWITCH | A_PATH | A_EXPANDS,
  'ver vol set finger free mount jobs top users true false',
);
add(
  'tells',
  WEAK,
  A_SECRET,
  A_FLAG | A_SWITCH,
  'ip locale man info help stat file export alias unset read umask ulimit',
);
add(
  'tells',
  WEAK,
  A_SUBCOMMAND,
  A_FLAG | A_WORD,
  'which',
  'curl wget nc ncat netcat perl python python3 ruby gcc php bash telnet socat',
);
add('tells', WEAK, A_SUBCOMMAND, A_FLAG, 'getent', 'passwd shadow group hosts');

add('lists', PLAUSIBLE, A_PATH | A_SECRET | A_FLAG | A_SWITCH, OWN_FILES, 'ls dir');
add('lists', WEAK, A_PATH | A_SECRET, OWN_FILES, 'tree vdir gci get-childitem');

add('reads', NOTHING, A_PATH | A_SECRET, OWN_FILES, 'cat tac');
add(
  'reads',
  NOTHING,
  A_PATH | A_SECRET,
  A_FILE | A_EXPANDS,
  'type more less nl od xxd hexdump strings rev vi vim nano emacs',
);
add(
  'reads',
  NOTHING,
  A_PATH | A_SECRET,
  A_FILE | A_EXPANDS,
  'zcat bzcat xzcat zless bzmore pg ed ex view get-content gc',
);
add('reads', NOTHING, A_PATH | A_SECRET, 0, 'source .');
add('reads', NOTHING, A_SECRET | A_CODE, OWN_FILES | A_PATH, 'find locate where base64 base32 dd diff cmp');

// Pass on what they are given: only what they are given counts.
add(
  'filters',
  NOTHING,
  A_SECRET,
  A_PATH,
  'head tail sort uniq paste cut wc tr grep egrep fgrep zgrep rg awk gawk mawk',
);
add('filters', NOTHING, A_SECRET, A_PATH, 'sed tee column fold fmt expand look comm join split findstr select-string');

add(
  'writes',
  NOTHING,
  A_PATH | A_SECRET,
  A_FLAG | A_FILE | A_EXPANDS,
  'rm rmdir mkdir touch ln chmod chown chgrp shred truncate',
);
add(
  'writes',
  NOTHING,
  A_SECRET,
  A_PATH | A_FILE | A_EXPANDS,
  'cp mv tar zip unzip gzip gunzip 7z install rename scp rsync',
);
add(
  'writes',
  NOTHING,
  A_PATH | A_SECRET,
  A_SWITCH | A_FILE | A_EXPANDS,
  'del erase rd md copy xcopy robocopy move ren attrib icacls cacls format',
);
add('writes', WEAK, A_FLAG | A_WORD | A_PATH, A_FILE, 'mkfifo mknod chattr');

add('talks', WEAK, A_URL | A_HOST | A_SECRET, A_FLAG | A_EXPANDS | A_PATH, 'curl wget');
add(
  'talks',
  WEAK,
  A_HOST | A_URL | A_SECRET | A_EXPANDS,
  A_FLAG | A_WORD,
  'nslookup dig nc ncat netcat socat telnet tftp',
);
add('talks', WEAK, A_FLAG | A_SECRET | A_EXPANDS, A_HOST | A_URL | A_WORD, 'ping ping6 tracert traceroute');
add(
  'talks',
  NOTHING,
  A_SECRET,
  A_HOST | A_URL | A_EXPANDS,
  'host fetch lynx links ftp sftp ssh whois mail sendmail nmap',
);
add(
  'talks',
  WEAK,
  A_URL | A_FLAG,
  A_HOST,
  'certutil bitsadmin invoke-webrequest invoke-restmethod iwr start-bitstransfer',
);

add('waits', NOTHING, A_NUMBER, A_EXPANDS, 'sleep usleep start-sleep');
add('waits', NOTHING, A_SECRET, A_NUMBER | A_SWITCH, 'timeout choice');

add('runs', WEAK, A_CODE | A_PATH | A_SECRET, A_FLAG | A_FILE, 'sh bash zsh ksh csh tcsh dash ash rbash');
add(
  'runs',
  NOTHING,
  A_CODE | A_SECRET,
  A_FLAG | A_FILE | A_PATH,
  'python python2 python3 perl ruby php php5 php7 php8 node nodejs lua tclsh java',
);
add(
  'runs',
  WEAK,
  A_CODE | A_FLAG | A_URL | A_PATH,
  A_WORD | A_QUOTED | A_FILE,
  'powershell pwsh mshta wscript cscript regsvr32 rundll32 msiexec',
);
add('runs', WEAK, A_CODE | A_SWITCH, A_PATH, 'cmd');
// Known for starting other programs, or for fetching, in a way nobody expects of them.
add(
  'runs',
  NOTHING,
  A_CODE | A_SECRET,
  ANY_SHAPE,
  'gdb flock cpulimit c89 c99 vim rvim expect strace ltrace irb jjs rlwrap script taskset ionice',
);
add('runs', WEAK, A_PATH, ANY_SHAPE, 'calc notepad regedit mspaint winget xterm');
add('talks', NOTHING, A_SECRET, A_URL | A_FLAG, 'lwp-download lwp-request aria2c axel openssl');
add('runs', HARM, ANY_SHAPE, A_WORD, 'invoke-expression iex invoke-command start-process');

add(
  'manages',
  WEAK,
  A_SUBCOMMAND,
  A_SWITCH,
  'net',
  'user users localgroup view share use start stop group accounts session config time',
);
add('manages', WEAK, A_SUBCOMMAND, A_WORD, 'netsh', 'firewall advfirewall wlan interface int show trace winhttp');
add('manages', NOTHING, A_SUBCOMMAND, A_SWITCH, 'reg', 'add query delete save export import copy load');
add('manages', NOTHING, A_SUBCOMMAND, A_SWITCH, 'sc sc.exe', 'query create start stop config delete qc');
add(
  'manages',
  WEAK,
  A_SUBCOMMAND | A_SWITCH,
  A_WORD,
  'wmic schtasks',
  'process os useraccount qfe service startup computersystem',
);
add('manages', WEAK, A_SWITCH | A_FLAG, A_WORD, 'taskkill vssadmin bcdedit wevtutil cmdkey nltest dsquery gpresult');
add('manages', WEAK, A_FLAG | A_WORD, 0, 'useradd adduser usermod userdel visudo insmod modprobe chpasswd');
add(
  'manages',
  WEAK,
  A_SECRET,
  A_FLAG | A_NUMBER | A_WORD,
  'sudo doas crontab iptables systemctl killall pkill kill launchctl su passwd service',
);
add('manages', WEAK, A_FLAG | A_SWITCH | A_SUBCOMMAND, A_NUMBER, 'shutdown reboot poweroff halt logoff init', 'now');

add('says', NOTHING, 0, A_NUMBER | A_EXPANDS, 'expr print');
add('says', WEAK, 0, ANY_SHAPE | A_WORD, 'echo printf write-output write-host');

/** Start what stands behind them. */
const WRAPPERS: ReadonlySet<string> = new Set(
  'sudo doas exec nohup env time command builtin xargs busybox nice setsid eval then do else if while until ! { ( @ call start stdbuf watch unbuffer'.split(
    ' ',
  ),
);

/** Tools of those who build software: a line that begins with one is a line from a manual or a report. */
const BUILD_TOOLS: ReadonlySet<string> = new Set(
  `npm npx yarn pnpm bun deno git docker docker-compose kubectl helm terraform make cmake cargo rustc go mvn gradle ./gradlew
   dotnet pip pip3 poetry pipenv conda brew apt apt-get yum dnf apk gem bundle rails rake composer artisan symfony cd
   export source mkdir ssh scp rsync cp mv tsc eslint jest vitest pytest node python python3 php ruby java javac gcc psql
   mysql redis-cli mongo aws gcloud az heroku vercel netlify tar unzip ps ls grep find head tail wc sort systemctl service
   journalctl sudo chmod kubectx minikube ansible vagrant ffmpeg convert rm echo sleep curl cat`.split(/\s+/),
);

/** A bit for each value that the hash of a known name has: most words are ruled out without a string made. */
const KNOWN = new Uint8Array(8192);
export const HASH_START = 7;
/** One step of the hash of a name, by its characters in lower case. */
export const hashStep = (hash: number, c: number): number => (Math.imul(hash, 31) + c) & 0xffffff;
/** Whether a word with this hash could be a program, a word that starts one, or the beginning of a path to one. */
export const couldBeKnown = (hash: number): boolean => KNOWN[(hash ^ (hash >>> 11)) & 8191] === 1;
for (const name of [...PROGRAMS.keys(), ...WRAPPERS, 'bin', 'usr', 'sbin']) {
  let hash = HASH_START;
  for (let i = 0; i < name.length; i++) hash = hashStep(hash, name.charCodeAt(i) | 0x20);
  KNOWN[(hash ^ (hash >>> 11)) & 8191] = 1;
}

export const isWrapper = (name: string): boolean => WRAPPERS.has(name);
export const isBuildTool = (name: string): boolean => BUILD_TOOLS.has(name);
export const programOf = (name: string): Program | undefined => PROGRAMS.get(name);

/** Programs that a name with globs could stand for, where it is a path: `/bin/c?t`. */
const GLOBBED =
  'cat ls id sh bash nc ncat whoami wget curl ping uname ps head tail more less tac nl rm cp mv python python3 perl php ruby sleep base64 netstat ifconfig env echo dash'.split(
    ' ',
  );

/** Whether a pattern of a shell (`c?t`, `c*`, `[c]at`) matches one of the programs that are worth disguising. */
export function globsToProgram(pattern: string): string | undefined {
  for (const name of GLOBBED) if (matches(pattern, name)) return name;
  return undefined;
}

/** Characters of a pattern that are looked at; programs have short names. */
const MAX_PATTERN = 24;

function matches(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN) return false;
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    const c = pattern[p];
    if (c === '*') {
      star = p++;
      resume = n;
      continue;
    }
    const taken = oneOf(pattern, p, name.charCodeAt(n));
    if (taken > 0) {
      p += taken;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Characters of the pattern that stand for one character; 0 where they stand for another. */
function oneOf(pattern: string, at: number, c: number): number {
  const p = pattern.charCodeAt(at);
  if (p === 0x3f) return 1;
  if (p !== 0x5b) return p === c ? 1 : 0;
  const close = pattern.indexOf(']', at + 1);
  if (close < 0) return 0;
  const not = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  let found = false;
  for (let i = at + (not ? 2 : 1); i < close; i++) {
    if (pattern[i + 1] === '-' && i + 2 < close) {
      if (c >= pattern.charCodeAt(i) && c <= pattern.charCodeAt(i + 2)) found = true;
      i += 2;
    } else if (pattern.charCodeAt(i) === c) found = true;
  }
  return found !== not ? close - at + 1 : 0;
}
