import {
  A_CODE,
  A_EXPANDS,
  A_FILE,
  A_FLAG,
  A_HOST,
  A_NUMBER,
  A_PATH,
  A_QUOTED,
  A_SECRET,
  A_SUBCOMMAND,
  A_SWITCH,
  A_URL,
  A_WEAPON,
  A_WORD,
  type Program,
} from './programs.ts';

const NUMBER = /^\d{1,9}(?:\.\d{1,6})?[smh]?$/;
const HOST = /^(?:[\w.+-]{1,64}@)?(?:[\w-]{1,63}\.){1,8}[a-z0-9-]{1,24}(?::\d{1,5})?(?:\/[^\s]{0,200})?$/i;
const ADDRESS = /^\[?[0-9a-f:.]{2,45}\]?(?::\d{1,5})?$/i;
const DRIVE = /^[a-z]:(?:[\\/]|$)|^\\\\/i;
const ROOT_DIRECTORY = /^\/(?:etc|tmp|var|usr|bin|home|root|opt|proc|dev|sys|mnt|srv|lib|boot)?$/;
/** Files that are worth stealing, wherever they stand in an argument. */
const SECRET =
  /(?:^|[/\\=@<:])(?:etc|proc)[/\\]{1,4}[\w.*?[]|(?:passwd|shadow|boot\.ini|win\.ini|id_rsa|\.ssh|\.bash_history|\.htpasswd|[/\\]sam$|web\.config|wp-config\.php)/i;
const WINDOWS_CODE = /^(?:-(?:e|c|enc|encodedcommand|command|nop|noprofile|w|windowstyle|ep|noni|file)|\/[ck])$/i;
/** Marks of code or markup in what is echoed. */
const MARKUP = /<[?%a-z!/]|\$\(\(|\$\([a-z]|`[a-z]|\$_(?:get|post|request)/i;

/** What an argument of a program looks like, as bits of `programs.ts`. */
export function shapeOf(
  name: string,
  value: string,
  quoted: boolean,
  expands: boolean,
  program: Program,
  first: boolean,
): number {
  if (value === '') return expands ? A_EXPANDS : A_QUOTED;
  const other = (expands ? A_EXPANDS : 0) | (quoted ? A_QUOTED : 0);
  if (program.words !== undefined && first && program.words.has(value.toLowerCase())) return A_SUBCOMMAND;
  const secret = SECRET.test(value) ? A_SECRET : 0;
  if (program.kind === 'runs' ? givesCode(name, value) : /^-(?:exec|execdir|ok)$/.test(value)) return A_CODE;
  const c = value.charCodeAt(0);
  if (c === 0x2d)
    return value.length > 1 && /^--?[a-z?]/i.test(value) ? A_FLAG | secret | other : A_WORD | secret | other;
  if (c === 0x2f) {
    if (ROOT_DIRECTORY.test(value)) return A_PATH | A_SWITCH | secret;
    return (/^\/[a-z?]{1,12}(?::\S{0,32})?$/i.test(value) ? A_SWITCH : A_PATH) | secret | other;
  }
  if (c === 0x7e) return (/^~\/?(?:\.|$)/.test(value) ? A_PATH : A_FILE) | secret | other;
  if (DRIVE.test(value) || value.startsWith('..')) return A_PATH | secret | other;
  if (/^[a-z][a-z0-9+.-]{1,12}:\/\//i.test(value)) return A_URL | secret;
  if (NUMBER.test(value)) return A_NUMBER;
  if (ADDRESS.test(value) && /\d.*[.:]/.test(value)) return A_HOST;
  if (/^localhost(?::\d{1,5})?$/.test(value)) return A_QUOTED;
  if (HOST.test(value)) return A_HOST | A_FILE | secret;
  if (value.includes('/') || value.includes('\\') || /^\.\w/.test(value)) return A_FILE | secret | other;
  if (/[*?[]/.test(value) && !quoted) return A_EXPANDS | secret;
  // A mark alone is no word: `{}`, `+`.
  return other | secret || (/[a-z0-9\u0080-\uffff]/i.test(value) ? A_WORD : A_QUOTED);
}

/** What is echoed is code, or a mark that no prose has: `echo A1B2C3`. */
export const isProbe = (value: string): boolean => MARKUP.test(value) || /\d|[A-Z]{3}|_/.test(value);
export const isMarkup = (value: string): boolean => MARKUP.test(value);

/** Headers and bodies of requests: the line is one of an API's manual. */
export const isRequestOption = (value: string): boolean =>
  /^(?:-[HXdFu]|--(?:header|request|data(?:-\w{1,12})?|form|user|url|json))$/.test(value);

/** Ports of a shell to somebody else: `nc -e`, `/dev/tcp/`. */
export const weaponOf = (name: string, value: string): number =>
  value.includes('/dev/tcp/') ||
  value.includes('/dev/udp/') ||
  (/^n(?:c|cat|etcat)$/.test(name) && /^-[a-z]{0,6}e$/.test(value))
    ? A_WEAPON
    : 0;

/** Where output goes that a server would run or obey. */
export const isPlanted = (target: string): boolean =>
  /^(?:\/|~|[a-z]:\\|\.\.)/i.test(target) ||
  /\.(?:php\d?|phtml|jspx?|aspx?|cgi|pl|py|rb|sh|bat|cmd|exe|vbs|ps1)$/i.test(target);

/** `sh -c`, `perl -e`, `php -r`: code is given in the line. */
function givesCode(name: string, value: string): boolean {
  if (/^(?:powershell|pwsh|cmd)$/.test(name)) return WINDOWS_CODE.test(value);
  if (value === '--eval' || value === '-wrapper' || value === '-ex') return true;
  if (/^(?:ba|z|k|c|tc|da|a|rba)?sh$/.test(name)) return /^-[a-z]{0,6}[ci]$/.test(value);
  if (/^(?:perl|ruby|irb)$/.test(name)) return /^-[a-z]{0,6}[eE]$/.test(value);
  if (/^php\d?$/.test(name)) return value === '-r';
  if (/^(?:node|nodejs|lua|jjs)$/.test(name)) return value === '-e' || value === '-p';
  return /^-c\S{0,40}$/.test(value);
}
