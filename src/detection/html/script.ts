import { Effects, Operand } from './script-effects.ts';
import {
  ARROW,
  EQUAL,
  S_ALIEN,
  S_END,
  S_NAME,
  S_OPEN,
  S_PUNCTUATOR,
  S_STRING,
  S_TEMPLATE,
  ScriptLexer,
  SPREAD,
  STEP,
} from './script-lexer.ts';
import {
  MAX_DEPTH,
  OPEN_CONDITION,
  OPEN_GROUP,
  OPEN_PLAIN,
  P_CLOSE,
  P_DOT,
  P_END,
  P_KEYWORD,
  P_NAME,
  P_NONE,
  P_OPERAND,
  P_OPERATOR,
} from './script-states.ts';
import { CONDITIONS, DIALOGS, KEYWORDS, PASSES, SECRETS, STORES } from './script-words.ts';
import { COULD, NONE, SURE } from './weights.ts';

/** Symbols that a script of nothing but symbols must at least have. */
const MIN_SYMBOLS = 24;
const MIN_BRACKETS = 3;
/** Words between two operands. */
const JOINS: ReadonlySet<string> = new Set(['in', 'of', 'instanceof', 'else']);

/**
 * Reads a text as script and says what it would do. It parses no grammar: it follows operands and operators, which is
 * enough to know a call from a parenthesis in prose, and takes two words side by side for the end of anything that could
 * run. Fields hold the answer for the last text.
 */
export class ScriptJudge {
  /** Something is called or thrown. */
  acts = false;
  /** It names the function that makes functions. */
  constructs = false;
  /** It is no script, from `end` on. */
  broken = false;
  /** The quote of the string that is open at the end; 0 where none is. */
  open = 0;
  /** A comment takes the rest. */
  cut = false;
  end = 0;
  readonly #lexer = new ScriptLexer();
  readonly #effects = new Effects();
  readonly #operand = new Operand();
  /** What brackets are for, and the roots of members in them, by depth. */
  readonly #kinds = new Uint8Array(MAX_DEPTH);
  readonly #roots: string[] = new Array<string>(MAX_DEPTH).fill('');
  #prev = P_NONE;
  #secret = false;
  #thrown = false;
  /** A name read last could be handed on as a value. */
  #weapon = false;
  /** Names of plain letters, and square brackets. */
  #names = 0;
  #brackets = 0;
  #inner: ScriptJudge | undefined;

  get weight(): number {
    return this.#effects.weight;
  }

  get why(): string {
    return this.#effects.why;
  }

  /** It does what proofs and payloads do, not only what any script may. */
  get proof(): boolean {
    return this.#effects.proof;
  }

  /** Nothing else was called before that. */
  get proofFirst(): boolean {
    return this.#effects.proofFirst;
  }

  /** It leads to another place. */
  get navigates(): boolean {
    return this.#effects.navigates;
  }

  /** It prints, as a proof or as a program would. */
  get prints(): boolean {
    return this.#effects.prints;
  }

  /** Brackets are open at the end. */
  get unfinished(): boolean {
    return this.#effects.depth > 0;
  }

  /**
   * @param behindLiteral the text goes on behind a string that it has left: an operator or an end must come first
   */
  read(text: string, from: number, to: number, behindLiteral: boolean): void {
    const lexer = this.#lexer;
    lexer.reset(text, from, to, behindLiteral);
    const effects = this.#effects;
    effects.clear();
    this.broken = this.cut = this.constructs = this.#secret = this.#thrown = this.#weapon = false;
    this.open = this.#names = this.#brackets = this.#kinds[0] = 0;
    this.#reset(behindLiteral ? P_OPERAND : P_NONE);
    let tokens = 0;
    for (;;) {
      const kind = lexer.next();
      this.end = lexer.end;
      if (kind === S_END) break;
      if (tokens++ === 0 && behindLiteral && !this.#goesOn(kind)) {
        this.broken = true;
        return;
      }
      if (kind === S_OPEN) {
        this.open = lexer.mark;
        this.end = lexer.start;
        if (this.#isOperand() && this.open === 0x60) this.#effects.call(this.#operand, this.#lexer);
        break;
      }
      if (kind === S_ALIEN || !this.#take(kind)) {
        this.broken = true;
        this.end = lexer.start;
        break;
      }
    }
    this.cut = lexer.cut;
    this.acts = effects.calls > 0 || this.#thrown;
    if (this.#prev === P_NAME) this.#passed();
    if (this.#secret && (effects.calls > 0 || effects.sets > 0)) effects.sure('reads what only the page may know');
    const symbols = this.#names === 0 && tokens >= MIN_SYMBOLS && this.#brackets >= MIN_BRACKETS;
    if (symbols && effects.calls > 0 && effects.weight < SURE) effects.sureAlone('is script written in symbols');
    if (this.broken && effects.weight < SURE) effects.weight = NONE;
    else if (tokens > 0 && effects.weight < COULD) effects.weight = COULD;
  }

  #goesOn(kind: number): boolean {
    const { mark } = this.#lexer;
    return kind === S_PUNCTUATOR ? mark !== 0x28 && mark !== 0x7b : this.#lexer.newline && kind === S_NAME;
  }

  #isOperand(): boolean {
    return this.#prev === P_OPERAND || this.#prev === P_NAME || this.#prev === P_CLOSE;
  }

  /** @returns false where the text stops being script */
  #take(kind: number): boolean {
    const lexer = this.#lexer;
    if (kind === S_PUNCTUATOR) return this.#punctuator(lexer.mark);
    if (kind === S_NAME) return this.#name();
    if (kind === S_TEMPLATE) this.#parts();
    if (kind === S_TEMPLATE && this.#isOperand()) {
      this.#effects.call(this.#operand, this.#lexer);
      this.#reset(P_OPERAND);
      return true;
    }
    if (this.#isOperand() && !lexer.newline && !this.#isStatement()) return false;
    if (this.#prev === P_DOT) return false;
    if (this.#prev === P_NAME) this.#passed();
    this.#reset(P_OPERAND);
    if (kind === S_STRING && lexer.end - lexer.start < 32)
      this.#operand.key = lexer.text.slice(lexer.start + 1, lexer.end - 1).toLowerCase();
    return true;
  }

  /** Script in a template literal: `${...}`. */
  #parts(): void {
    const { text, start, end } = this.#lexer;
    const at = text.slice(start, end).indexOf('${');
    if (at < 0) return;
    this.#inner ??= new ScriptJudge();
    this.#inner.read(text, start + at + 2, end - 1, false);
    if (this.#inner.proof) this.#effects.sure(this.#inner.why);
  }

  /** What stands behind the parenthesis of a condition, or behind a brace, is a statement. */
  #isStatement(): boolean {
    return (
      this.#prev === P_CLOSE &&
      (this.#lexer.newline || this.#kinds[Math.min(this.#effects.depth, MAX_DEPTH - 1)] === OPEN_CONDITION)
    );
  }

  #reset(prev: number): void {
    this.#prev = prev;
    this.#operand.clear();
  }

  #name(): boolean {
    const lexer = this.#lexer;
    const name = lexer.name();
    const first = lexer.text.charCodeAt(lexer.start);
    // Script tells `alert` from `Alert`; of payloads that lost their capitals only the lists know.
    this.#operand.exact = first < 0x41 || first > 0x5a;
    if ((first | 0x20) >= 0x61 && (first | 0x20) <= 0x7a) this.#names++;
    if (this.#prev === P_DOT) {
      this.#operand.member = name;
      this.#prev = P_NAME;
      if (name === 'location') this.#operand.located = true;
      if (name === 'constructor' || name === '__proto__') this.constructs = true;
      if (SECRETS.has(name)) this.#secret = true;
      else if (PASSES.has(name) && this.#isWeapon(this.#operand.root))
        this.#effects.sure('calls a function that attacks call');
      this.#weapon = false;
      return true;
    }
    if (this.#operand.exact && KEYWORDS.has(name)) {
      if (this.#prev === P_NAME) this.#passed();
      if (this.#isOperand() && !JOINS.has(name) && !lexer.newline && !this.#isStatement()) return false;
      this.#reset(P_KEYWORD);
      this.#operand.root = name;
      if (name === 'throw') {
        this.#thrown = true;
        this.#effects.runs();
      }
      return true;
    }
    if (this.#isOperand() && !lexer.newline && !this.#isStatement()) {
      // Words of a language stand side by side; only few of script do.
      return (
        (this.#operand.root === 'async' || name === 'of' || name === 'as' || name === 'from') && this.#after(P_OPERATOR)
      );
    }
    if (this.#prev === P_NAME) this.#passed();
    const before = this.#prev;
    this.#reset(P_NAME);
    this.#operand.root = name;
    this.#weapon = before !== P_NONE;
    if (STORES.has(name)) this.#secret = true;
    else if (name === 'constructor') this.constructs = true;
    return true;
  }

  #after(prev: number): boolean {
    this.#prev = prev;
    return true;
  }

  #isWeapon(name: string): boolean {
    return DIALOGS.has(name) || name === 'eval' || name === 'execscript';
  }

  /** A function that attacks call was given to something: `map(alert)`, `x = eval`. */
  #passed(): void {
    if (
      this.#weapon &&
      this.#operand.member === '' &&
      this.#isWeapon(this.#operand.root) &&
      this.#operand.root !== 'print'
    ) {
      // Given to a function by a plain name it may be anybody's word: map(alert, list).
      if (this.#effects.depth > 0 && this.#kinds[Math.min(this.#effects.depth, MAX_DEPTH) - 1] === OPEN_PLAIN)
        this.#effects.strong('calls a function that attacks call');
      else this.#effects.sure('calls a function that attacks call', true);
    }
    this.#weapon = false;
  }

  #punctuator(mark: number): boolean {
    const operand = this.#isOperand();
    switch (mark) {
      case 0x28: {
        const condition = this.#prev === P_KEYWORD && CONDITIONS.has(this.#operand.root);
        if (this.#prev === P_KEYWORD && this.#operand.root === 'import') this.#effects.sure('loads script');
        if (operand) this.#effects.call(this.#operand, this.#lexer);
        const plain = operand && this.#operand.root !== '' && this.#operand.member === '' && !this.#operand.computed;
        this.#push(condition ? OPEN_CONDITION : plain ? OPEN_PLAIN : OPEN_GROUP);
        this.#reset(P_OPERATOR);
        return true;
      }
      case 0x5b: {
        this.#brackets++;
        // A member in brackets keeps its root, or a space where that has none.
        const root = operand ? this.#operand.root || ' ' : '';
        this.#push(OPEN_GROUP);
        this.#reset(P_OPERATOR);
        this.#roots[Math.min(this.#effects.depth, MAX_DEPTH - 1)] = root;
        return true;
      }
      case 0x7b:
        this.#push(OPEN_CONDITION);
        this.#reset(P_OPERATOR);
        return true;
      case 0x29:
      case 0x7d:
        if (this.#prev === P_NAME) this.#passed();
        this.#pop();
        this.#reset(P_CLOSE);
        return true;
      case 0x5d: {
        if (this.#prev === P_NAME) this.#passed();
        const root = this.#effects.depth > 0 ? (this.#roots[Math.min(this.#effects.depth, MAX_DEPTH - 1)] ?? '') : '';
        const key = this.#operand.key;
        this.#pop();
        this.#reset(P_OPERAND);
        this.#operand.root = root.trim();
        this.#operand.computed = root !== '';
        this.#operand.key = key;
        if (key === 'location') this.#operand.located = true;
        else if (key === 'constructor' || key === '__proto__') this.constructs = true;
        return true;
      }
      case 0x2e:
        if (this.#prev === P_NONE) return false;
        this.#prev = P_DOT;
        return true;
      case 0x3d:
        if (this.#prev === P_NAME || this.#operand.computed) this.#effects.set(this.#operand, this.#lexer);
        this.#reset(P_OPERATOR);
        return true;
      case 0x3b:
        if (this.#prev === P_NAME) this.#passed();
        this.#reset(P_END);
        return true;
      case STEP:
        if (operand) return true;
        this.#prev = P_OPERATOR;
        return true;
      case SPREAD:
        return !operand && this.#prev !== P_NONE && this.#after(P_OPERATOR);
      case EQUAL:
      case ARROW:
        if (!operand && mark === EQUAL) return false;
        this.#reset(P_OPERATOR);
        return true;
      default:
        if (this.#prev === P_NAME && mark !== 0x26) this.#passed();
        // `+x`, `-x`, `!x`, `~x` need no operand before them; other operators do.
        if (!operand && mark !== 0x2b && mark !== 0x2d && mark !== 0x21 && mark !== 0x7e && mark !== 0x2c) {
          // The second half of `||`, `&&`, `**`, `??`, `>>`, `<<`.
          if (this.#lexer.text.charCodeAt(this.#lexer.start - 1) !== mark || this.#prev !== P_OPERATOR) return false;
        }
        this.#reset(P_OPERATOR);
        return true;
    }
  }

  #push(kind: number): void {
    this.#effects.depth++;
    if (this.#effects.depth < MAX_DEPTH) this.#kinds[this.#effects.depth - 1] = kind;
  }

  #pop(): void {
    // Closing what the text did not open ends something around it; a statement may follow.
    if (this.#effects.depth > 0) this.#effects.depth--;
    else this.#kinds[0] = OPEN_CONDITION;
  }
}
