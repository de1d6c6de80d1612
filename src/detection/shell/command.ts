import { isMarkup, isPlanted, isProbe, isRequestOption, shapeOf, weaponOf } from './arguments.ts';
import { couldBeCommand } from './glance.ts';
import {
  A_CODE,
  A_EXPANDS,
  A_FILE,
  A_FLAG,
  A_PATH,
  A_QUOTED,
  A_SECRET,
  A_WEAPON,
  A_WORD,
  DISGUISED,
  globsToProgram,
  HARM,
  isWrapper,
  NOTHING,
  PLAUSIBLE,
  type Program,
  programOf,
  WEAK,
  type Weight,
} from './programs.ts';
import { endsLine, isDigit, WordReader } from './words.ts';

/** Words before a program that only start it, and arguments that are read. */
const MAX_WRAPPERS = 6;
const MAX_ARGUMENTS = 16;
/** Characters of a command that are read. */
const MAX_COMMAND = 1024;

const BIN =
  /^(?:\/{0,2}(?:usr\/)?(?:local\/)?s?bin\/|[a-z]:\\+windows\\+(?:system32\\+)?|\/(?:[a-z]{0,4}[?*[][\w?*[\]]{0,6}\/){1,3})/i;

const CLOSING_TAG = /<\/[a-z][a-z0-9]{0,10}>/iy;
const STARTER = /^(?:sudo|doas|exec|nohup|xargs|busybox|builtin|setsid)$/;
const BRANCH = /^(?:then|do|else)$/;
const DRIVE = /^[a-z]:\\|^\\windows\\/;

/** Reads one command of a shell from a place, and weighs whether somebody means to have it run. */
export class CommandReader {
  weight: Weight = NOTHING;
  /** Behind the last word of the command. */
  end = 0;
  /** The program as it is known: `cat`. */
  name = '';
  program: Program | undefined;
  /** Has no arguments. */
  bare = true;
  /** All bits of its arguments. */
  shapes = 0;
  /** Arguments that are plain words, and do not stand behind a flag. */
  plain = 0;
  /** Named by its path: `/bin/ls`. */
  located = false;
  /** It ends where a quote of the command line around it would. */
  quoted = false;
  readonly words = new WordReader();
  #text = '';
  #odd = false;
  /** A word stands before it that only starts programs. */
  #started = false;
  /** It stands where only a shell's `if` or loop has one. */
  #branch = false;
  #inBackticks = false;

  reset(text: string): void {
    this.#text = text;
    this.words.reset(text);
  }

  /**
   * @param inBackticks the command ends at the next backtick
   * @returns whether a known program, or one in disguise, would be started at the place
   */
  read(at: number, inBackticks = false): boolean {
    this.weight = NOTHING;
    if (!couldBeCommand(this.#text, at)) return false;
    this.#inBackticks = inBackticks;
    const limit = Math.min(this.#text.length, at + MAX_COMMAND);
    this.bare = true;
    this.shapes = this.plain = 0;
    this.located = this.quoted = this.#odd = this.#gives = this.#started = this.#branch = false;
    this.#afterFlag = this.#request = this.#planted = this.#probe = this.#markup = false;
    this.program = undefined;
    const from = this.#name(at, limit);
    if (from < 0) return false;
    this.#arguments(from, limit);
    this.#weigh();
    return this.weight > NOTHING;
  }

  /** Reads up to the program's name. @returns where its arguments begin; -1 where no program is */
  #name(from: number, limit: number): number {
    const { words } = this;
    const text = this.#text;
    let at = from;
    for (let i = 0; i < MAX_WRAPPERS; i++) {
      at = skipBlanks(text, at, limit);
      const c = text.charCodeAt(at);
      if (c === 0x28 || c === 0x40) {
        at++;
        continue;
      }
      if (c === 0x3c || c === 0x3e) {
        // One that stands before its program is rare; more are none.
        if (i > 1) return -1;
        at = this.#redirect(at, limit);
        continue;
      }
      if (!words.read(at, limit)) return -1;
      const { value, odd, end } = words;
      if (words.split && value === '') {
        this.#odd = true;
        at = end;
        continue;
      }
      if (/^[A-Za-z_]\w{0,31}=/.test(value) && text.charCodeAt(end) <= 0x20) {
        at = end;
        continue;
      }
      this.#odd ||= odd > 0 || words.split;
      if (isWrapper(value) && /[ \t(]/.test(text.charAt(end))) {
        if (STARTER.test(value)) this.#started = true;
        if (BRANCH.test(value)) this.#branch = true;
        if (text.charCodeAt(skipBlanks(text, end, limit)) === 0x2d) return this.#known(value, at, end);
        at = end;
        continue;
      }
      return this.#known(value, at, end);
    }
    return -1;
  }

  #known(value: string, start: number, end: number): number {
    const { words } = this;
    const text = this.#text;
    let name = value;
    // What only the shell knows is no name.
    if (words.expands && words.odd === 0 && !words.split && !name.includes('bin/')) return -1;
    if (words.split && name === '' && words.end > start) return -1;
    // A variable holds the whole command.
    let further: readonly string[] = [];
    if (words.odd > 0 && name.includes(' ')) [name = '', ...further] = name.trim().split(/\s+/, MAX_ARGUMENTS);
    if (words.odd > 0 && name.startsWith('/') && name.includes('\\'))
      name = name.replaceAll('\\', '').replace(/\/{2,}/g, '/');
    const bin = BIN.exec(name);
    if (bin !== null) {
      this.located = true;
      name = name.slice(bin[0].length);
      if (/[?*[]/.test(bin[0])) this.#odd = true;
    } else if (name.startsWith('/')) {
      const deep = /\/s?bin\/([\w?*[\]]{1,24})$/.exec(name);
      if (deep !== null) {
        this.located = true;
        name = deep[1] as string;
      }
    }
    if (words.glob && (this.located || /^[a-z?*[\]]{2,8}$/.test(name))) {
      const meant = /[a-z]/.test(name) || this.located ? globsToProgram(name) : undefined;
      if (meant === undefined || (!this.located && !/[a-z].*[?*[].*[a-z]/.test(name))) return -1;
      name = meant;
      this.#odd = true;
    }
    let lower = name.toLowerCase();
    if (/\.(?:exe|com)$/.test(lower)) {
      lower = lower.slice(0, -4);
      this.located = true;
    }
    let program = programOf(lower);
    if (program === undefined && name.includes('\\')) {
      const joined = lower.replaceAll('\\', '');
      program = programOf(joined);
      this.name = joined;
      if (program === undefined && DRIVE.test(lower)) {
        this.name = lower.slice(lower.lastIndexOf('\\') + 1);
        program = programOf(this.name);
      }
    } else this.name = lower;
    if (program === undefined) return -1;
    // A call, a definition or a member of something is no command.
    const c = text.charCodeAt(end);
    if (c === 0x28 && program.kind !== 'runs') return -1;
    if (c === 0x3d || c === 0x3a) return -1;
    this.program = program;
    this.#capital = name !== lower && /[A-Z]/.test(name);
    if (words.list !== undefined) {
      for (const each of words.list) this.#take(each, false, false);
      this.#odd = true;
    }
    for (const each of further) this.#take(each, false, false);
    this.end = end;
    return end;
  }

  /** The name is not in lower case: no POSIX shell knows it. */
  #capital = false;
  #afterFlag = false;
  #request = false;
  #planted = false;
  #probe = false;
  #markup = false;
  /** What it works on is given by another command, or in the line itself. */
  #gives = false;

  #take(value: string, quoted: boolean, expands: boolean): void {
    const shape =
      shapeOf(this.name, value, quoted, expands, this.program as Program, this.bare) | weaponOf(this.name, value);
    this.shapes |= shape;
    if (shape === A_WORD && !this.#afterFlag) this.plain++;
    this.#afterFlag = (shape & (A_FLAG | A_CODE)) !== 0;
    this.#request ||= isRequestOption(value);
    this.#probe ||= isProbe(value);
    this.#markup ||= isMarkup(value);
    this.bare = false;
  }

  #arguments(from: number, limit: number): void {
    const { words } = this;
    const text = this.#text;
    let at = from;
    for (let count = 0; count < MAX_ARGUMENTS; count++) {
      at = skipBlanks(text, at, limit);
      const c = text.charCodeAt(at);
      if (c === 0x3c || c === 0x3e) {
        // `| wc -l</code>`: mark-up around a command that is shown.
        CLOSING_TAG.lastIndex = at;
        if (CLOSING_TAG.test(text)) break;
        const next = this.#redirect(at, limit);
        if (next === at) break;
        at = this.end = next;
        continue;
      }
      if (c === 0x23 || (c === 0x60 && this.#inBackticks) || endsLine(text, at) || (c === 0x3b && at >= limit)) break;
      if (c === 0x28) {
        at++;
        continue;
      }
      const begin = at;
      if (!words.read(at, limit)) break;
      at = words.end;
      // `2>&1`: the number is the stream's.
      if (at === begin + 1 && isDigit(text.charCodeAt(begin)) && text.charCodeAt(at) === 0x3e) continue;
      this.#odd ||= words.split;
      if (words.value === '' && words.split) continue;
      this.#gives ||= words.substitutes;
      this.#take(words.value.replace(/,$/, ''), words.quoted, words.expands);
      this.end = at;
    }
    const c = text.charCodeAt(at);
    this.quoted = c === 0x27 || c === 0x22;
  }

  /** `<x`, `>>x`, `<<<x`, `>&2`. @returns behind it; the place itself where it is none */
  #redirect(from: number, limit: number): number {
    const text = this.#text;
    let at = from;
    while (at < limit && at - from < 3 && (text.charCodeAt(at) === 0x3c || text.charCodeAt(at) === 0x3e)) at++;
    if (text.charCodeAt(at) === 0x26) at++;
    const output = text.charCodeAt(from) === 0x3e;
    at = skipBlanks(text, at, limit);
    if (!this.words.read(at, limit)) return from;
    const { value, quoted, expands } = this.words;
    if (this.program !== undefined) {
      if (output) this.#planted ||= isPlanted(value);
      else if (text.startsWith('<<<', from)) this.#gives = true;
      if (!output) this.#take(value, quoted, expands);
      if (value.includes('/dev/tcp/')) this.shapes |= A_WEAPON;
    }
    return this.words.end;
  }

  #weigh(): void {
    const { program, shapes, plain, name } = this;
    if (program === undefined) return;
    const { kind, bare, harm, plausible } = program;
    let weight: Weight = bare;
    if (!this.bare) {
      if (shapes & harm) weight = HARM;
      else if (shapes & plausible) weight = PLAUSIBLE;
      else if (bare > WEAK && plain > 0) weight = bare === HARM && plain < 2 ? PLAUSIBLE : WEAK;
      else weight = bare > WEAK ? bare : WEAK;
    }
    // A listing of the project at hand, a request from a manual: commands, but no harm.
    if (weight === HARM && kind === 'lists' && shapes & A_FILE && !(shapes & (A_PATH | A_SECRET))) weight = PLAUSIBLE;
    if (weight === HARM && this.#request && !(shapes & (A_SECRET | A_EXPANDS))) weight = PLAUSIBLE;
    if (this.#branch && weight === PLAUSIBLE) weight = HARM;
    if (this.#started && weight < PLAUSIBLE && plain < 2) weight = PLAUSIBLE;
    if (this.#gives && weight > NOTHING && (kind === 'reads' || kind === 'talks' || kind === 'runs')) weight = HARM;
    if (kind === 'says' && !this.bare) weight = this.#said();
    else if (this.#planted && weight < HARM) weight = weight === NOTHING ? PLAUSIBLE : HARM;
    if (plain > 2 && kind !== 'manages' && !(kind === 'says' && weight === HARM))
      weight = Math.min(weight, WEAK) as Weight;
    else if (
      plain === 2 &&
      weight > WEAK &&
      (kind === 'tells' || kind === 'reads' || kind === 'waits' || kind === 'talks')
    )
      weight = (weight - 1) as Weight;
    else if (plain > 0 && kind === 'waits') weight = Math.min(weight, WEAK) as Weight;
    if (this.located && plain < 3) weight = HARM;
    if (this.#capital && (weight < HARM || kind === 'says')) weight = NOTHING;
    if (shapes & A_WEAPON) weight = DISGUISED;
    else if (this.#odd && plain < 3 && (weight > NOTHING || !this.bare)) weight = DISGUISED;
    this.weight = name === '' ? NOTHING : weight;
  }

  #said(): Weight {
    if (this.#planted || this.#markup || (this.#gives && this.plain < 3)) return HARM;
    const { shapes, plain } = this;
    if (plain > 1) return WEAK;
    return shapes & ~A_WORD || this.#probe ? (shapes & (A_QUOTED | A_EXPANDS) || this.#probe ? PLAUSIBLE : WEAK) : WEAK;
  }
}

/** Skips blanks, not the ends of lines. */
export function skipBlanks(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x09 && c !== 0x0b && c !== 0x0c && c !== 0xa0) break;
    at++;
  }
  return at;
}

/** Whether a command could begin with a character: a letter, a path, or what disguises one. */
export const beginsCommand = (c: number): boolean => c < 128 && BEGINS[c] === 1;
const BEGINS = new Uint8Array(128);
for (let c = 97; c <= 122; c++) BEGINS[c] = BEGINS[c - 32] = 1;
for (const each of '/$\'"\\{?[`^@(%.!') BEGINS[each.charCodeAt(0)] = 1;
