/** Words and commands of a POSIX shell that stand for exact bytes. */

/** Something a shell is to make: bytes as they are (binary text: a character a byte), or what a command prints. */
export type Part = { readonly literal: string } | { readonly code: string } | { readonly variable: string };

/** Bytes that are the same so often are said by their number. */
const RUN = 200;
/** Characters that `tr` takes as they are. */
const REPEATED = /^[A-Za-z0-9 ._/({]$/;
/** Characters that a reader sees as what they are. Direction marks, joiners and the like are none of them. */
const VISIBLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Long runs of one character become commands, so that commands stay short enough to be read. */
export function withRuns(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => ('literal' in part && part.literal.length >= RUN ? cutRuns(part.literal) : [part]));
}

function cutRuns(text: string): Part[] {
  const pieces: Part[] = [];
  let at = 0;
  for (let start = 0; start < text.length; ) {
    const code = text.charCodeAt(start);
    let end = start + 1;
    while (end < text.length && text.charCodeAt(end) === code) end++;
    const char = text[start] as string;
    if (end - start >= RUN && REPEATED.test(char)) {
      if (start > at) pieces.push({ literal: text.slice(at, start) });
      pieces.push({ code: `head -c ${end - start} /dev/zero | tr '\\000' '${char}'` });
      at = end;
    }
    start = end;
  }
  if (at < text.length) pieces.push({ literal: text.slice(at) });
  return pieces;
}

/**
 * A word of the command line. Visible text stands in single quotes, all else is printed by octal numbers.
 *
 * @returns undefined where no word can be it: a NUL
 */
export function word(parts: readonly Part[]): string | undefined {
  let text = '';
  for (const part of parts) {
    if ('variable' in part) text += `"$${part.variable}"`;
    else if ('code' in part) text += `"$(${part.code})"`;
    else if (part.literal.includes('\0')) return undefined;
    else for (const run of runsOf(part.literal)) text += run.visible ? quoted(run.text) : substituted(run.text);
  }
  return text === '' ? "''" : text;
}

/** Commands that print the parts one after the other, joined with `; `. */
export function printing(parts: readonly Part[]): string[] {
  const commands: string[] = [];
  let format = '';
  let values = '';
  const flush = (): void => {
    // A dash in front would be read as an option.
    if (format !== '') commands.push(`printf '${format.replace(/^-/, '\\055')}'${values}`);
    format = '';
    values = '';
  };
  for (const part of parts) {
    if ('literal' in part)
      for (const run of runsOf(part.literal)) format += run.visible ? formatted(run.text) : octal(run.text);
    else if ('variable' in part) {
      format += '%s';
      values += ` "$${part.variable}"`;
    } else {
      flush();
      commands.push(part.code);
    }
  }
  flush();
  return commands;
}

/** Commands as one that can stand before a pipe. */
export const grouped = (commands: readonly string[]): string =>
  commands.length === 1 ? (commands[0] as string) : commands.length === 0 ? ':' : `{ ${commands.join('; ')}; }`;

/** Single quotes; a quote itself outside of them. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Within the single-quoted format of printf. */
const formatted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll("'", "'\\''");

/** `$(...)` drops line feeds at the end: they stand in quotes behind it. */
function substituted(bytes: string): string {
  const kept = bytes.replace(/\n+$/, '');
  return (kept === '' ? '' : `"$(printf '${octal(kept)}')"`) + (kept === bytes ? '' : quoted(bytes.slice(kept.length)));
}

/** Three digits each, so that a digit behind is not taken for a fourth. */
const octal = (bytes: string): string =>
  [...bytes].map((byte) => ESCAPES[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');

const ESCAPES: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' };

/** Cuts binary text into what can be shown (decoded from UTF-8) and what can't (still binary). */
function* runsOf(bytes: string): Generator<{ readonly visible: boolean; readonly text: string }> {
  let shown = '';
  let hidden = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    const piece = bytes.slice(at, at + length);
    const char = length === 1 ? piece : Buffer.from(piece, 'latin1').toString();
    const visible = length === 1 ? piece >= ' ' && piece <= '~' : !char.includes('\ufffd') && VISIBLE.test(char);
    if (visible) {
      if (hidden !== '') yield { visible: false, text: hidden };
      hidden = '';
      shown += char;
    } else {
      if (shown !== '') yield { visible: true, text: shown };
      shown = '';
      hidden += piece;
    }
    at += length;
  }
  if (hidden !== '') yield { visible: false, text: hidden };
  if (shown !== '') yield { visible: true, text: shown };
}

/** Length of the UTF-8 sequence that begins there, by its first byte, where enough bytes follow that look like it; else 1. */
function sequenceAt(bytes: string, at: number): number {
  const first = bytes.charCodeAt(at);
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (first >= 0xf5 || at + length > bytes.length) return 1;
  for (let i = 1; i < length; i++) if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return 1;
  return length;
}
