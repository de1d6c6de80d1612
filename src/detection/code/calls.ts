import { programOf } from '../shell/programs.ts';

/** What the argument of a call must look like for the call to reach out of the process. */
export const ANY_ARGUMENT = 0;
/** Text, a variable of the request, or another call: not a name, which code in reports has. */
export const GIVEN = 1;
/** Text, and nothing that stands for it. */
export const TEXT = 2;
/** Text that itself holds a call, or the call of another function of this table. */
export const CODE = 3;
/** A function of this table, by its name in quotes. */
export const FUNCTION_NAME = 4;
/** A command of the system, with or without quotes. */
export const COMMAND = 5;
/** A file outside of where the code runs, or one of the code itself. */
export const FILE = 6;
/** Text with a call in it. */
export const CALLS = 8;
/** A file worth stealing, or a program behind a bar. */
export const SECRET = 9;
/** A text or a number. */
export const VALUE = 7;

/** How much a call says. */
export const DELAY = 1;
export const PROBE = 2;
export const RUN = 3;

export interface Call {
  readonly weight: number;
  readonly needs: number;
  readonly why: string;
}

const FREE = new Map<string, Call>();
const OWNED = new Map<string, Call>();
const fill = (into: Map<string, Call>, weight: number, needs: number, why: string, names: string): void => {
  for (const name of names.split(/\s+/)) into.set(name, { weight, needs, why });
};

const STARTS = 'would start a program';
const EVALUATES = 'would have text evaluated as code';
const OPENS = 'would read or write files';
const TELLS = 'would tell about the server';
const ENDS = 'would end the server, or reach under it';
const WAITS = 'would keep the server waiting';

// Functions that stand alone: PHP, Perl, Python, Ruby, JavaScript. In lower case.
fill(
  FREE,
  RUN,
  GIVEN,
  STARTS,
  'system exec shell_exec passthru popen proc_open pcntl_exec expect_popen execsync spawnsync',
);
fill(FREE, RUN, COMMAND, STARTS, 'spawn qx');
fill(
  FREE,
  RUN,
  GIVEN,
  EVALUATES,
  'eval execute executeglobal evalscript instance_eval class_eval load_string loadstring',
);
fill(FREE, RUN, ANY_ARGUMENT, EVALUATES, 'create_function');
fill(FREE, RUN, CALLS, EVALUATES, 'function settimeout setinterval setimmediate');
fill(FREE, RUN, CODE, EVALUATES, 'assert preg_replace preg_filter mb_ereg_replace unserialize');
fill(
  FREE,
  RUN,
  FUNCTION_NAME,
  STARTS,
  'call_user_func call_user_func_array array_map array_filter array_walk usort uasort uksort register_shutdown_function register_tick_function send public_send __send__ getattr',
);
fill(
  FREE,
  PROBE,
  ANY_ARGUMENT,
  TELLS,
  'phpinfo phpversion php_uname php_sapi_name get_current_user getcwd get_defined_vars get_loaded_extensions posix_getpwuid posix_getuid sys_getloadavg getmypid getmyuid get_cfg_var zend_version disk_free_space phpcredits',
);
fill(
  FREE,
  PROBE,
  FILE,
  OPENS,
  'file_get_contents file_put_contents readfile show_source highlight_file scandir opendir move_uploaded_file unlink fopen parse_ini_file php_strip_whitespace file include include_once require_once',
);
fill(FREE, PROBE, SECRET, OPENS, 'open');
fill(FREE, PROBE, GIVEN, EVALUATES, 'base64_decode gzinflate gzuncompress str_rot13 convert_uudecode');
fill(FREE, PROBE, TEXT, TELLS, 'ini_set putenv dl');
fill(FREE, PROBE, ANY_ARGUMENT, TELLS, 'breakpoint');
fill(FREE, DELAY, ANY_ARGUMENT, WAITS, 'sleep usleep');
fill(FREE, DELAY, GIVEN, TELLS, 'var_dump print_r');
fill(FREE, DELAY, VALUE, TELLS, 'md5 sha1 crc32 hexdec dechex chr strrev');

// Functions of something: owner and name, in lower case.
fill(
  OWNED,
  RUN,
  ANY_ARGUMENT,
  STARTS,
  'os.system os.execute os.popen os.popen2 os.execl os.execv os.execve os.execvp os.execlp os.spawnl os.spawnv os.startfile os.fork os.kill',
);
fill(
  OWNED,
  RUN,
  GIVEN,
  STARTS,
  'subprocess.popen subprocess.call subprocess.run subprocess.check_output subprocess.check_call subprocess.getoutput subprocess.getstatusoutput commands.getoutput commands.getstatusoutput pty.spawn',
);
fill(
  OWNED,
  RUN,
  GIVEN,
  STARTS,
  'kernel.exec kernel.system kernel.spawn kernel.open kernel.fork io.popen io.sysopen open3.capture2 open3.capture2e open3.capture3 open3.popen3 process.spawn process.start pty.open',
);
fill(
  OWNED,
  RUN,
  GIVEN,
  STARTS,
  'child_process.exec child_process.execsync child_process.spawn child_process.spawnsync child_process.execfile child_process.fork cp.exec cp.execsync wscript.createobject server.createobject shell.run oshell.run',
);
fill(OWNED, RUN, ANY_ARGUMENT, STARTS, 'runtime.exec');
fill(OWNED, PROBE, ANY_ARGUMENT, ENDS, 'process.exit process.kill process.binding process.dlopen process.abort');
fill(
  OWNED,
  PROBE,
  FILE,
  OPENS,
  'fs.readfilesync fs.readfile fs.readdirsync fs.readdir fs.writefilesync fs.writefile fs.unlinksync fs.createreadstream io.read io.readlines io.binread io.write file.read file.open file.readlines file.write dir.entries dir.glob dir.pwd os.listdir os.remove os.unlink os.getenv os.walk shutil.rmtree shutil.copy',
);
fill(
  OWNED,
  RUN,
  TEXT,
  EVALUATES,
  'vm.runinnewcontext vm.runinthiscontext vm.runincontext kernel.eval builtins.eval builtins.exec __builtins__.eval __builtins__.exec',
);
fill(OWNED, DELAY, ANY_ARGUMENT, WAITS, 'time.sleep thread.sleep kernel.sleep');

/** The call of a function that stands alone, by its name in lower case. */
export const freeCall = (name: string): Call | undefined => FREE.get(name);
export const ownedCall = (owner: string, name: string): Call | undefined => OWNED.get(`${owner}.${name}`);

/** Starts programs or evaluates text. */
export const isRunner = (name: string): boolean =>
  (FREE.get(name)?.weight ?? 0) >= PROBE || FREE.get(name)?.weight === RUN;

/** What comes from a request, or stands for text without being it. */
const REQUEST =
  /^(?:\.{3})?(?:__file__|__dir__|@?\$_?(?:get|post|request|cookie|server|files|env|session)\b|@?\$\{|@?\$[a-z_]\w{0,16}\s{0,2}[([]|request[.([ ]|req\.(?:query|body|params|headers)|params\[|argv|input\()/i;
/** What PHP has of a request. */
const SUPERGLOBAL = /^(?:\.{3})?@?\$_?(?:get|post|request|cookie|server|files)\b/i;
const NESTED =
  /^@?(?:base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|pack|chr|atob|unescape|decodeuricomponent|string\.fromcharcode|buffer\.from|compile|open|__import__|file_get_contents|urldecode|strrev|implode|join|array|stripslashes|getenv|eval|system|exec|passthru|shell_exec|phpinfo|bytes|codecs\.decode|base64\.b64decode|require|import)\s{0,2}\(/i;

/** Whether the argument that begins at a place is one for which the call does harm. */
export function fits(needs: number, text: string, from: number): boolean {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20 && at - from < 8) at++;
  const rest = text.slice(at, at + 96);
  const c = rest.charCodeAt(0);
  const quoted = (c === 0x27 || c === 0x22 || c === 0x60) && !(rest.charCodeAt(1) === c) && rest.length > 1;
  switch (needs) {
    case ANY_ARGUMENT:
      return true;
    case TEXT:
      return quoted || REQUEST.test(rest);
    case GIVEN:
      return (
        quoted ||
        /^(?:[bru]{1,2}["']|\\["']|&quot;|%22|%27|\[\s?["'])/i.test(rest) ||
        REQUEST.test(rest) ||
        NESTED.test(rest) ||
        /^(?:\/[a-z]|[a-z]{2,12}[ /-]{1,2}[-/a-z])/.test(rest)
      );
    case VALUE:
      return quoted || /^\d/.test(rest) || NESTED.test(rest);
    case CALLS:
      return quoted && /^.[^'"]{0,80}(?:\w\(|\breturn\b|=)/.test(rest);
    case SECRET:
      return /^["'](?:\||\/(?:etc|proc|root)\/|file:|[^"']{0,80}(?:passwd|shadow|\.ssh|id_rsa|\.env))/i.test(rest);
    case COMMAND:
      return isCommand(rest);
    case FILE:
      return (
        REQUEST.test(rest) ||
        NESTED.test(rest) ||
        /^["'](?:\/|\.\.\/|\.{1,2}["']|~|\||[a-z]:[\\/]|[a-z0-9.]{2,12}:\/\/)|^["'][^"']{0,80}(?:passwd|\.(?:php|env|ini|jsp|htaccess|pem|key)["'])/i.test(
          rest,
        )
      );
    case CODE:
      return (
        NESTED.test(rest) ||
        SUPERGLOBAL.test(rest) ||
        (quoted && /^.[^'"]{0,40}(?:\w\(|\/[a-z]{0,4}e[a-z]{0,4}['"]|^.[oa]:\d)/i.test(rest))
      );
    default: {
      const name = /(?:["':])(\w{3,24})\b/.exec(rest)?.[1]?.toLowerCase();
      return REQUEST.test(rest) || (name !== undefined && (isRunner(name) || name === 'popen'));
    }
  }
}

/** The text begins with a program of the system. */
export function isCommand(text: string): boolean {
  const word = /^["'`/[({]{0,3}((?:\/?(?:usr\/)?s?bin\/)?)([\w.-]{1,24})(?=[\s"'`)\]}/;|&]|$)/.exec(text);
  if (word === null) return false;
  const program = programOf((word[2] as string).toLowerCase());
  return (
    program !== undefined &&
    (word[1] !== '' || program.bare > 1 || /^.[^"'`)\]}]{1,24}[ \t]\S/.test(text) || /^["']/.test(text))
  );
}
