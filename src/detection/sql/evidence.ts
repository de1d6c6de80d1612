import { type SqlLexer, T_END, T_WORD } from './lexer.ts';
import { W_ASK, W_CHOOSE, W_FUNCTION, W_PROBE } from './words.ts';

/** Where a fragment stands: behind a literal it has left, at the beginning of the value, or somewhere in a text. */
export const QUOTED = 0;
export const ANCHORED = 1;
export const FLOATING = 2;

/** How a fragment ended. */
export const BROKEN = 0;
export const AT_END = 1;
export const AT_COMMENT = 2;
export const AT_SEMICOLON = 3;
/** In a string that runs into the end of the literal around the value. */
export const IN_STRING = 4;
/** Where an operand should follow. */
export const DANGLING = 5;

/** What an operand is made of; of two the larger counts. */
export const NOTHING = 0;
export const CONSTANT = 1;
export const NAME = 2;
export const CALL = 3;

const MAX_NESTING = 64;

export const isFunction = (word: number): boolean =>
  word === W_FUNCTION || word === W_CHOOSE || word === W_PROBE || word === W_ASK;

/**
 * What a reading has seen: `why` where it would change the statement wherever it stands, and counts of what would only in
 * its place, for the caller to weigh; and the condition that is being read, left and right of its operator.
 */
export class Evidence {
  why: string | undefined = undefined;
  /** Conditions joined, comparisons in them that ask for a name, and constants that are a condition by themselves. */
  logic = 0;
  /** The last of them was written as a symbol: `||`, `&&`. */
  symbols = 0;
  compares = 0;
  constants = 0;
  /** Operators before any condition: `'+'`, `'='`. */
  reckons = 0;
  direct = false;
  closes = 0;
  commas = 0;
  /** `order by` and the like, and that a number follows it. */
  clause = false;
  numbered = false;
  calls = 0;
  /** Plain names among the operands. */
  names = 0;
  /** Functions that take values apart. */
  probes = 0;
  /** Functions by which the database tells about itself. */
  asks = 0;
  /** `union` stands with nothing behind it. */
  dangling = false;
  /** The first operator is a word that prose has too, close to the quote. */
  worded = false;
  ended = BROKEN;
  /** Tokens read. */
  tokens = 0;
  /** The token at which the reading stopped. */
  stop = 0;
  stopEnd = 0;
  stopKind = T_END;

  protected lexer!: SqlLexer;
  protected mode = QUOTED;
  protected after = false;
  protected depth = 0;
  protected left = NOTHING;
  protected leftHash = 0;
  protected right = NOTHING;
  protected rightHash = 0;
  protected compared = false;
  protected between = false;
  protected cases = 0;
  protected selects = 0;
  protected chooses = false;
  /** The first operand is a number, or the end of something in parentheses. */
  protected numeric = false;
  protected last = T_END;
  protected lastWord = 0;
  protected lastHash = 0;
  protected readonly stack = new Int32Array(MAX_NESTING * 4);

  /** The comparison in which the reading stopped has a constant on its left; counted from outside of calls. */
  get constantLeft(): boolean {
    if (this.depth > 0) return ((this.stack[2] as number) & 1) !== 0 && this.stack[0] === CONSTANT;
    return this.compared && this.left === CONSTANT;
  }

  /** Parentheses that were open where the reading stopped. */
  get opened(): number {
    return this.depth;
  }

  /** `case` stands in it. */
  get chosen(): boolean {
    return this.cases > 0;
  }

  /** A query stands in it. */
  get opensQuery(): boolean {
    return this.selects > 0;
  }

  get hasOp(): boolean {
    return this.compared;
  }

  protected end(ended: number): false {
    this.ended = ended;
    return false;
  }

  protected strong(why: string): false {
    this.why = why;
    this.ended = AT_END;
    return false;
  }

  protected operand(kind: number, hash: number): true {
    if (this.compared) {
      if (kind > this.right) this.right = kind;
      this.rightHash = this.rightHash === 0 ? hash : -1;
    } else {
      if (kind > this.left) this.left = kind;
      this.leftHash = this.leftHash === 0 ? hash : -1;
    }
    this.lastHash = hash;
    this.after = true;
    return true;
  }

  protected operator(): true {
    this.after = false;
    return true;
  }

  /** Weighs the condition that ends here. */
  protected endTerm(): void {
    if (this.compared && this.right !== NOTHING) {
      if (this.logic > 0) {
        if (this.left === CONSTANT && this.right === CONSTANT)
          this.why ??= 'adds a condition that holds whatever the data is';
        else if (
          this.left === NAME &&
          this.right === NAME &&
          this.leftHash === this.rightHash &&
          this.leftHash !== 0 &&
          this.leftHash !== -1
        )
          this.why ??= 'adds a condition that compares something with itself';
        else this.compares++;
      } else {
        this.direct = true;
        // iif(1=2, ...), elt(1=2, ...): a condition in an argument
        if (
          this.depth > 0 &&
          this.chooses &&
          this.mode !== FLOATING &&
          this.left === CONSTANT &&
          this.right === CONSTANT
        )
          this.why ??= 'asks a blind question';
      }
    } else if (this.left === CONSTANT && this.logic > 0) this.constants++;
    this.left = this.right = NOTHING;
    this.leftHash = this.rightHash = 0;
    this.compared = false;
  }

  protected compare(): true {
    // a = b = c: what stands so far is the left of the new one
    if (this.compared) {
      this.left = Math.max(this.left, this.right);
      this.leftHash = -1;
      this.right = NOTHING;
      this.rightHash = 0;
    }
    if (this.logic === 0) this.direct = true;
    this.compared = true;
    return this.operator();
  }

  protected join(symbol: boolean): boolean {
    this.endTerm();
    if (this.why !== undefined) return false;
    this.logic++;
    if (symbol) this.symbols++;
    return this.operator();
  }

  protected open(): boolean {
    if (this.depth >= 0 && this.depth < MAX_NESTING) {
      const at = this.depth * 4;
      const stack = this.stack;
      stack[at] = this.left;
      stack[at + 1] = this.right;
      stack[at + 2] = (this.compared ? 1 : 0) | (this.isCall() ? 2 : 0) | (isFunction(this.lastWord) ? 4 : 0);
      stack[at + 3] = this.leftHash;
      this.left = this.right = NOTHING;
      this.leftHash = this.rightHash = 0;
      this.compared = false;
    }
    this.depth++;
    return this.operator();
  }

  protected isCall(): boolean {
    return this.last === T_WORD && this.after;
  }

  protected close(): boolean {
    const inner = Math.max(this.left, this.right);
    const condition = this.compared;
    this.endTerm();
    if (this.why !== undefined) return false;
    this.depth--;
    if (this.depth < 0) {
      this.closes++;
      this.depth = 0;
      this.left = Math.max(inner, CONSTANT);
      this.leftHash = -1;
      this.after = true;
      return true;
    }
    if (this.depth < MAX_NESTING) {
      const at = this.depth * 4;
      const stack = this.stack;
      const flags = stack[at + 2] as number;
      this.left = stack[at] as number;
      this.right = stack[at + 1] as number;
      this.leftHash = stack[at + 3] as number;
      this.compared = (flags & 1) !== 0;
      let kind = inner;
      if (flags & 2) {
        this.names--;
        // The name of the function was taken for an operand: what it gives for constants is one.
        if (flags & 4) {
          this.calls++;
          if (kind <= CONSTANT) {
            kind = CONSTANT;
            if (this.compared) this.right = CONSTANT;
            else this.left = CONSTANT;
          } else kind = NAME;
        } else kind = CALL;
      } else if (condition) kind = Math.max(kind, CONSTANT);
      return this.operand(kind, kind === CONSTANT ? 0 : -1);
    }
    return this.operand(inner, -1);
  }
}
