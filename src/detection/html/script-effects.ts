import type { ScriptLexer } from './script-lexer.ts';
import { DIALOGS, EVALUATORS, GLOBALS, REACHES, TARGETS, TIMERS } from './script-words.ts';
import { NONE, RUNS, SURE } from './weights.ts';

/** What dialogs of proofs show: a number, a literal, something of the page. */
const ARGUMENT =
  /^\s*(?:[\d"'`/[!+~\\-]|(?:document|location|window|self|top|this|string|origin|cookie|domain|xss|math|navigator|parent|name|url|localstorage|sessionstorage|atob|unescape|decode\w*|frames|globalthis)\b)/i;
const URL_VALUE =
  /^\s*(?:["'`](?:j|data:|\/\/|[^"'`]*["'`]\s*\+)|(?:name|window|document|self|top|atob|unescape|decodeuri\w*)\b)/i;
const NAVIGATES = 'leads to another place';

/** What is known of an operand while it is read: `root.x.member`, `root['key']`. */
export class Operand {
  /** Its first name and its last member; empty where they are computed. */
  root = '';
  member = '';
  /** The text of a member in brackets, where it is a plain string. */
  key = '';
  /** A member in brackets was read last. */
  computed = false;
  /** A member called `location` was read on the way. */
  located = false;
  /** The name read last begins small. */
  exact = true;

  clear(): void {
    this.root = this.member = this.key = '';
    this.computed = this.located = false;
  }
}

/** Weighs what a script calls and sets. Fields hold the answer for the script read last. */
export class Effects {
  weight = NONE;
  /** It does what proofs and payloads do, not only what any script may. */
  proof = false;
  /** Nothing else was called before that. */
  proofFirst = false;
  /** It leads to another place. */
  navigates = false;
  /** It prints, as a proof or as a program would. */
  prints = false;
  why = '';
  calls = 0;
  sets = 0;
  /** Brackets that are open. */
  depth = 0;
  /** Calls outside of all brackets. */
  #outer = 0;

  clear(): void {
    this.weight = NONE;
    this.proof = this.proofFirst = this.navigates = this.prints = false;
    this.why = '';
    this.calls = this.sets = this.depth = this.#outer = 0;
  }

  /** An operand is called; the lexer has read the parenthesis or the template. All of these give the weight so far. */
  call(operand: Operand, lexer: ScriptLexer): number {
    this.calls++;
    if (this.depth === 0) this.#outer++;
    const { root, member, key, exact } = operand;
    const callee = member === '' ? root : member;
    if (operand.computed && member === '') {
      if (key === 'constructor') return this.sure('makes a function of text');
      return GLOBALS.has(root) ? this.sure('calls a function by a name put together') : this.runs();
    }
    const global = member === '' || GLOBALS.has(root);
    if (callee === 'constructor') return this.sure('makes a function of text');
    if (global && exact && DIALOGS.has(callee)) return this.#dialog(root, lexer);
    if (global && EVALUATORS.has(callee)) {
      if (callee === 'function') return opensText(lexer) ? this.sure('runs text as script') : this.runs();
      if (exact) return this.sure('runs text as script');
    }
    if (global && TIMERS.has(callee)) return opensText(lexer) ? this.sure('runs text as script') : this.runs();
    if (REACHES.has(callee)) return this.strong('reaches beyond the page');
    if ((member === 'assign' || member === 'replace') && (root === 'location' || operand.located))
      return this.sure(NAVIGATES);
    return this.runs();
  }

  #dialog(root: string, lexer: ScriptLexer): number {
    if (root === 'print') {
      // Many languages print; that it is script must be known from elsewhere.
      this.prints = true;
      return this.runs();
    }
    const rest = lexer.text.slice(lexer.end, Math.min(lexer.limit, lexer.end + 16));
    if (lexer.mark !== 0x28 || ARGUMENT.test(rest)) return this.sure('opens a dialog');
    // Without an argument, or a plural: alert(), alert(s).
    if (/^\s*(?:\)|e?s\))/i.test(rest)) return this.runs();
    return this.strong('opens a dialog');
  }

  /** An operand is set; the lexer has read the equals sign. */
  set(operand: Operand, lexer: ScriptLexer): number {
    this.sets++;
    const { root, member, key } = operand;
    if (operand.computed && member === '') {
      const leads = key === 'location' ? GLOBALS.has(root) : key === 'href' && operand.located;
      return leads ? this.sure(NAVIGATES) : this.runs();
    }
    const target = member === '' ? root : member;
    if (target === 'location' || (target === 'href' && (root === 'location' || operand.located))) {
      const value = lexer.text.slice(lexer.end, Math.min(lexer.limit, lexer.end + 64));
      return GLOBALS.has(root) || target === 'href' || URL_VALUE.test(value)
        ? this.sure(NAVIGATES)
        : this.strong(NAVIGATES);
    }
    if (member === '') {
      const event = target === 'onerror' || target === 'onhashchange';
      return event ? this.sure('calls a function by an event') : this.weight;
    }
    if (target === 'cookie' && root === 'document') return this.sure('writes a cookie');
    if (TARGETS.has(target)) return this.strong('writes the page');
    return this.runs();
  }

  runs(): number {
    if (this.weight < RUNS) {
      this.weight = RUNS;
      this.why = 'runs script';
    }
    return this.weight;
  }

  /** What attacks do, and pages too. */
  strong(why: string): number {
    if (this.weight < SURE) {
      this.weight = SURE;
      this.why = why;
    }
    return SURE;
  }

  /** @param handed a function was given to another, which is called first */
  sure(why: string, handed = false): number {
    if (this.proof) return SURE;
    if (why === NAVIGATES) this.navigates = true;
    this.weight = SURE;
    this.proof = true;
    this.proofFirst = this.#outer === 0 || (this.#outer === 1 && (this.depth === 0 || handed));
    this.why = why;
    return SURE;
  }

  /** The script as a whole is one, whatever it calls first. */
  sureAlone(why: string): void {
    this.sure(why);
    this.proofFirst = true;
  }
}

/** A literal stands behind the parenthesis, or the call is one by a template. */
function opensText(lexer: ScriptLexer): boolean {
  if (lexer.mark !== 0x28) return true;
  const c = lexer.text.charCodeAt(lexer.end);
  return c === 0x22 || c === 0x27 || c === 0x60;
}
