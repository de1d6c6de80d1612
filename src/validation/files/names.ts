import { claimOfEnding } from './claims.ts';
import { type FileFault, harmful, invalid } from './fault.ts';

/** Names by which web servers take their rules from a directory. */
const SERVER_FILES: ReadonlySet<string> = new Set([
  '.htaccess',
  '.htpasswd',
  '.htgroup',
  '.user.ini',
  'php.ini',
  'web.config',
  'app.config',
  'machine.config',
  'global.asax',
]);

/** Device names of Windows, with any ending or none ("Naming Files, Paths, and Namespaces"). */
const DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/;

/** Characters that turn the direction of what follows: `gpj.exe` shown as `exe.jpg`. Marks (U+200E, U+200F) only stand still. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

/** Shown as nothing at all. */
const UNSEEN = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;

/**
 * Endings that some server runs wherever in a name they stand (`a.php.jpg`). Not among them what is also a language, a
 * country or a word: `manual.pl.pdf`, `example.com.pdf`, `node.js.txt`.
 */
const RUN_ANYWHERE =
  /^(?:ph(?:p[3-8s]?|tml?|ar)|aspx?|as[ahmc]x|asa|cer|jspx?|jspf|cfml?|cgi|shtml|cshtml|vbhtml|htaccess)$/;

/** Endings that somebody double-clicks on Windows. */
const DOUBLE_CLICKED =
  /^(?:exe|scr|pif|com|bat|cmd|vb[se]|jse?|ws[fhc]|ps1|hta|lnk|ms[ip]|cpl|jar|url|reg|scf|dll|apk|desktop|command)$/;

/** How names are written so that a check sees one ending and a server another. */
const CUT = /[;:?#&/\\\s\0]/;

/** The name as the laziest of its readers sees it: percent-encoding and compatibility forms undone, lower case. */
function plainOf(name: string): string {
  let plain = name;
  for (let i = 0; i < 2 && plain.includes('%'); i++)
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_all, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return plain.normalize('NFKC').replace(UNSEEN, '').replaceAll('\u3002', '.').toLowerCase();
}

/** The last ending of a name, lower case, without its dot; empty where there is none. */
export function endingOf(name: string): string {
  const plain = plainOf(name).replace(/[ .]{1,300}$/, '');
  const dot = plain.lastIndexOf('.');
  return dot < 0 ? '' : plain.slice(dot + 1);
}

/**
 * Judges the name of an uploaded file, by what a server that keeps it, or a person who opens it, would make of it.
 *
 * @param leave whether files of an ending that runs are wanted
 */
export function judgeName(name: string, maxBytes: number, leave: (ending: string) => boolean): FileFault | undefined {
  // No name of a megabyte is worth looking at.
  if (name.length > maxBytes || Buffer.byteLength(name) > maxBytes)
    return invalid('name', `has a name of more than ${maxBytes} bytes`);
  if (!name.isWellFormed()) return invalid('name', 'has a name that is not Unicode');
  if (TURNS.test(name)) return harmful('name', 'has a name that is shown in another order than it is written');
  const plain = plainOf(name);
  if (/[/\\]/.test(plain)) return harmful('name-path', 'has a path for a name');
  if (/[\x00-\x1f\x7f-\x9f]/.test(plain)) return harmful('name', 'has a control character in its name');
  if (plain.includes(':$')) return harmful('name', 'names a stream of a file');
  const bare = plain.replace(/^ +/, '').replace(/[ .]{1,1024}$/, '');
  if (bare === '') return invalid('name', 'has a name of dots and spaces');
  if (SERVER_FILES.has(bare) || bare.startsWith('.ht'))
    return harmful('name', 'is named like a file that a web server takes its rules from');
  if (DEVICES.test(bare)) return invalid('name', 'is named like a device of Windows');
  const segments = bare.split('.').slice(1);
  if (segments.some((segment, i) => runsThere(segment, segments.length - 1 - i, segments, leave)))
    return harmful('name-double', 'has an ending that servers run');
  if (bare.length !== plain.length && bare !== plain.trimStart())
    return invalid('name', 'has a name that ends in a dot or a space');
  return judgeEnding(segments, leave);
}

/** @param after how many endings follow */
function runsThere(
  segment: string,
  after: number,
  all: readonly string[],
  leave: (ending: string) => boolean,
): boolean {
  const cut = segment.search(CUT);
  const ending = cut < 0 ? segment : segment.slice(0, cut);
  if (!RUN_ANYWHERE.test(ending)) return false;
  if (after === 0 && cut < 0) return !leave(ending);
  // `javax.servlet.jsp.jar`: what the last ending is, is judged by itself.
  return cut >= 0 || claimOfEnding(all.at(-1) as string)?.runs !== true;
}

function judgeEnding(segments: readonly string[], leave: (ending: string) => boolean): FileFault | undefined {
  const ending = segments.at(-1);
  if (ending === undefined || claimOfEnding(ending)?.runs !== true) return undefined;
  if (leave(ending)) return undefined;
  const before = claimOfEnding(segments.at(-2) ?? '');
  if (before !== undefined && !before.runs && DOUBLE_CLICKED.test(ending))
    return harmful('name-double', 'is a program that is named like a document');
  return invalid('name-runs', `has an ending (.${ending.slice(0, 10)}) that the contract does not name`);
}

/**
 * Whether a symbolic link leads out of the archive: by itself, or as a step of many, where each climbs a little.
 *
 * @returns `out`; `up` where it climbs and stays within; `in` where it only descends
 */
export function leadOf(target: string, from: string): 'out' | 'up' | 'in' {
  const plain = target.replaceAll('\\', '/');
  if (plain.startsWith('/') || /^[a-z]:/i.test(plain) || plain.includes('\0')) return 'out';
  if (!escapes(plain)) return 'in';
  let depth = from.split(/[\\/]/).filter((step) => step !== '' && step !== '.').length - 1;
  for (const step of plain.split('/')) {
    if (/^\.\.[ .]*$/.test(step)) depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return 'out';
  }
  return 'up';
}

/** Whether an archive's entry would be unpacked elsewhere than beneath the directory it is unpacked to. */
export function escapes(path: string): boolean {
  const plain = path.replaceAll('\\', '/');
  if (plain.startsWith('/') || /^[a-z]:/i.test(plain) || plain.includes('\0')) return true;
  return plain.split('/').some((segment) => /^\.\.[ .]*$/.test(segment));
}

/** What is wrong with the name of an archive's entry, wherever it leads. */
export function judgeEntryName(name: string): FileFault | undefined {
  if (name === '' || name.length > 1024)
    return invalid('archive-name', 'holds an entry without a name, or with one too long');
  if (escapes(name)) return harmful('archive-path', 'holds an entry that would be unpacked elsewhere');
  if (/[\x00-\x1f\x7f]/.test(name))
    return harmful('archive-name', 'holds an entry with a control character in its name');
  if (TURNS.test(name))
    return harmful('archive-name', 'holds an entry whose name is shown in another order than it is written');
  const parts = name
    .slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
    .toLowerCase()
    .split('.');
  const before = claimOfEnding(parts.at(-2)?.trim() ?? '');
  if (parts.length > 2 && DOUBLE_CLICKED.test(parts.at(-1) ?? '') && before !== undefined && !before.runs)
    return harmful('name-double', 'holds a program that is named like a document');
  return undefined;
}
