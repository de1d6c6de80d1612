// A part of the clinic that is careless on purpose, built so that what it is careless with stays in here.
/**
 * A shell that is none: it reads command lines as a POSIX shell does (`;`, `&`, `&&`, `||`, `|`, line feeds, quotes,
 * `$(...)`, backticks, `$((...))`), and has a dozen commands that touch nothing but the clinic's made-up disk. A real
 * one, with whatever environment, could read and write the files of the machine that the example runs on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Disk } from '../disk.ts';
import { evaluate } from './arithmetic.ts';

const LONGEST_SLEEP = 10;
const MOST_COMMANDS = 50;
const DEEPEST = 8;
const LONGEST_OUTPUT = 16 * 1024;

interface Machine {
  readonly disk: Disk;
  /** Commands that are still allowed, and seconds to sleep. */
  left: number;
  seconds: number;
}

interface Ran {
  readonly output: string;
  readonly fine: boolean;
}

/** Runs a command line. @returns what it printed, errors too; never throws for what the line says */
export async function run(disk: Disk, line: string): Promise<string> {
  const machine = { disk, left: MOST_COMMANDS, seconds: LONGEST_SLEEP };
  return (await runList(machine, line, 0)).output.slice(0, LONGEST_OUTPUT);
}

async function runList(machine: Machine, line: string, depth: number): Promise<Ran> {
  if (depth > DEEPEST) return { output: 'sh: nested too deep\n', fine: false };
  let output = '';
  let last: Ran = { output: '', fine: true };
  let piped = '';
  for (const { text, by, into } of split(line)) {
    if ((by === '&&' && !last.fine) || (by === '||' && last.fine)) continue;
    const words = await expand(machine, text, depth);
    last = words.length === 0 ? { output: '', fine: true } : await command(machine, words, by === '|' ? piped : '');
    piped = last.output;
    if (!into) output = (output + last.output).slice(0, LONGEST_OUTPUT);
  }
  return { output, fine: last.fine };
}

/** Cuts a line into commands, each with the operator before it; `into`: its output goes into the next one. */
function split(line: string): { text: string; by: string; into: boolean }[] {
  const parts: { text: string; by: string; into: boolean }[] = [];
  let [text, by, at] = ['', ';', 0];
  const end = (next: string): void => {
    parts.push({ text, by, into: next === '|' });
    [text, by] = ['', next];
  };
  while (at < line.length) {
    const length = opaque(line, at);
    const operator = length > 0 ? undefined : /^(?:&&|\|\||[;&|\n])/.exec(line.slice(at, at + 2))?.[0];
    if (operator !== undefined) end(operator);
    else text += line.slice(at, at + Math.max(1, length));
    at += operator?.length ?? Math.max(1, length);
  }
  end('');
  return parts;
}

/** Length of what begins here and is not cut: quotes, substitutions, an escaped sign; 0 for anything else. */
function opaque(line: string, at: number): number {
  const sign = line[at];
  if (sign === '\\') return 2;
  if (sign === "'" || sign === '`' || sign === '"') {
    for (let end = at + 1; end < line.length; end += 1) {
      if (line[end] === '\\' && sign !== "'") end += 1;
      else if (line[end] === sign) return end - at + 1;
    }
    return line.length - at;
  }
  if (!line.startsWith('$(', at)) return 0;
  let open = 0;
  for (let end = at + 1; end < line.length; end += 1) {
    if (line[end] === '(') open += 1;
    if (line[end] === ')') open -= 1;
    if (open === 0) return end - at + 1;
  }
  return line.length - at;
}

/** The words of a command, with quotes taken away and substitutions made. */
async function expand(machine: Machine, text: string, depth: number): Promise<string[]> {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    const length = opaque(text, at);
    const piece = text.slice(at, at + Math.max(1, length));
    at += piece.length;
    if (length === 0 && /\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (await value(machine, piece, depth));
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

async function value(machine: Machine, piece: string, depth: number): Promise<string> {
  if (piece.startsWith('\\')) return piece.slice(1);
  if (piece.startsWith("'")) return piece.replace(/^'|'$/g, '');
  if (piece.startsWith('"')) {
    const inner = piece.replace(/^"|"$/g, '');
    let text = '';
    for (let at = 0; at < inner.length; ) {
      const length = inner[at] === "'" || inner[at] === '"' ? 0 : opaque(inner, at);
      const part = inner.slice(at, at + Math.max(1, length));
      text += length > 0 ? await value(machine, part, depth) : part;
      at += part.length;
    }
    return text;
  }
  if (piece.startsWith('$((')) return calculated(piece.slice(3, -2));
  const inner = piece.startsWith('$(') ? piece.slice(2, -1) : piece.startsWith('`') ? piece.slice(1, -1) : undefined;
  return inner === undefined ? piece : (await runList(machine, inner, depth + 1)).output.trimEnd();
}

function calculated(text: string): string {
  try {
    return String(Math.trunc(Number(evaluate(text, () => 0))));
  } catch {
    return '';
  }
}

async function command(machine: Machine, [name = '', ...words]: string[], input: string): Promise<Ran> {
  machine.left -= 1;
  if (machine.left < 0) return { output: 'sh: out of processes\n', fine: false };
  const say = (output: string, fine = true): Ran => ({ output: output === '' ? '' : `${output}\n`, fine });
  switch (name.replace(/^\/(?:usr\/)?bin\//, '')) {
    case 'lp':
      return say(`request id is ${words[words.indexOf('-d') + 1] ?? 'default'}-17 (1 file)`);
    case 'echo':
    case 'printf':
      return { output: `${words.join(' ')}${name.endsWith('echo') ? '\n' : ''}`, fine: true };
    case 'expr':
      return say(calculated(words.join(' ')));
    case 'id':
      return say('uid=1000(clinic) gid=1000(clinic) groups=1000(clinic)');
    case 'whoami':
      return say('clinic');
    case 'hostname':
      return say('clinic-1');
    case 'uname':
      return say(words.includes('-a') ? 'Linux clinic-1 6.1.0 made-up x86_64 GNU/Linux' : 'Linux');
    case 'pwd':
      return say('/srv/clinic');
    case 'true':
      return say('');
    case 'false':
      return say('', false);
    case 'cat': {
      const texts = words.length === 0 ? [input] : words.map((path) => machine.disk.readAbsolute(path));
      if (texts.includes(undefined)) return say('cat: No such file or directory', false);
      return { output: texts.join(''), fine: true };
    }
    case 'sleep': {
      const seconds = Math.min(machine.seconds, Math.max(0, Number(words[0]) || 0));
      machine.seconds -= seconds;
      await sleep(seconds * 1000, undefined, { ref: false });
      return say('');
    }
    default:
      return say(`sh: 1: ${name}: not found`, false);
  }
}
