import type { Match, Sensitivity } from '../classes/class.ts';

/** Options of common programs that make them start another. */
const RUNS =
  /^(?:-oproxycommand[= ]|-olocalcommand[= ]|-opermitlocalcommand|--?use-compress-program[= ]|--checkpoint-action[= ]|--checkpoint=|--to-command[= ]|--rsh-command[= ]|--upload-pack[= ]|--receive-pack[= ]|--exec=|-exec\s|-execdir\s|--?use-askpass[= ]|--proxycommand[= ]|--pager=|--open-files-in-pager[= ]|-be\s?\$\{run|--config[= ]?core\.|-c\s?core\.|--post-file[= ]|--gpu-launcher=|--renderer-cmd-prefix=|--utility-cmd-prefix=|--no-sandbox\b)/i;
/** Options that write a file where the caller says. */
const WRITES =
  /^(?:-o|-O|-X|-oX|-oN|-oG|--output|--output-document|--output-dir|--outfile|--log-file|--logfile|--append-output|--dump|--dump-header|-D|--directory-prefix|-P|--cookie-jar|--save-cookies|--trace|--trace-ascii|--out|--file|-w|--write-out)[= ]?["']?((?:\/|~|\.\.|[a-zA-Z]:\\)\S{0,200}|\S{0,200}\.(?:php\d?|phtml|jspx?|aspx?|cgi|pl|sh|py))["']?(?=\s|$)/;
/** Options that read one. */
const READS =
  /^(?:-T|-K|-F|-d|--upload-file|--config|--data|--data-binary|--data-raw|--form|--input-file|--file|--files-from|--from-file|--include)[= ]?["']?(?:\S{0,32}[@=<])?["']?(?:\/(?:etc|proc|root|home|var)\/|file:\/\/)\S/;

/** Characters of a value that is an argument; what is longer is text. */
const MAX_ARGUMENT = 512;
const MAX_HITS = 16;
/** Blanks and a quote before an option that stands first. */
const MAX_BEFORE = 5;

/**
 * Set as one argument of a program that starts with no shell, would the value be an option of it that runs, writes or
 * reads something (CWE-88)?
 */
export function searchOptions(text: string, sensitivity: Sensitivity): Match | undefined {
  if (text.length > MAX_ARGUMENT) return undefined;
  let at = text.indexOf('-');
  if (at < 0) return undefined;
  if (at > MAX_BEFORE || !/^\s{0,4}['"]?-/.test(text)) at = nextOption(text, 0);
  for (let count = 0; at >= 0 && count < MAX_HITS; count++) {
    // In a sentence an option is one that is written about.
    const words = at < 6 ? 0 : (text.slice(0, at).match(/\S+/g)?.length ?? 0);
    if (words > (sensitivity === 'high' ? 8 : 1)) return undefined;
    const rest = text.slice(at, at + MAX_ARGUMENT);
    const why = RUNS.test(rest)
      ? 'is an option that makes the program start another'
      : WRITES.test(rest)
        ? 'is an option that writes a file'
        : READS.test(rest)
          ? 'is an option that reads a file'
          : undefined;
    if (why !== undefined) return { start: at, end: text.length, why };
    at = nextOption(text, at + 1);
  }
  return undefined;
}

/** The next dash behind a blank, with a letter or a dash behind it. */
function nextOption(text: string, from: number): number {
  let at = text.indexOf(' -', from);
  while (at >= 0) {
    const c = text.charCodeAt(at + 2);
    if (c === 0x2d || (c | 0x20) >= 0x61) return at + 1;
    at = text.indexOf(' -', at + 2);
  }
  return -1;
}
