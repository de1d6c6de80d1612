export const P_NONE = 0;
/** A literal, or what a bracket closed. */
export const P_OPERAND = 1;
export const P_NAME = 2;
export const P_CLOSE = 3;
export const P_DOT = 4;
export const P_KEYWORD = 5;
/** An operator or an opening bracket: an operand is due. */
export const P_OPERATOR = 6;
export const P_END = 7;

/** Parentheses and braces within each other whose kind is remembered. */
export const MAX_DEPTH = 64;
export const OPEN_GROUP = 0;
export const OPEN_CONDITION = 1;
/** The arguments of a function called by a plain name. */
export const OPEN_PLAIN = 2;
