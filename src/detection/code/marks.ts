/** A way out of what code may do, by a string that has hardly another use. */
export interface Mark {
  /** Found by searching for it, in lower case. */
  readonly needle: string;
  /** It has no other use, even where code stands before it. */
  readonly sure?: boolean;
  /** Read from the needle on; what must stand there. */
  readonly shape: RegExp;
  readonly why: string;
}

const MODULE = `["'\`](?:node:)?(?:child_process|fs|vm)["'\`]`;
const STARTER = `["'\`](?:node:)?(?:child_process|vm)["'\`]`;
const STARTS = 'would start a program';
const ESCAPES = 'would reach out of what it may use';

/** Looked for in this order. */
export const MARKS: readonly Mark[] = [
  {
    needle: '__import__',
    shape: /^__import__\s?\(\s?(?:["'\\]|&|%2)/i,
    why: 'would load a module that reaches the system',
  },
  {
    needle: '__class__',
    shape: /^__class__(?:["')\]]{0,3})[\s.[("'|]{1,4}(?:attr\(["'])?__(?:base|bases|mro|subclasses|globals)__/i,
    why: ESCAPES,
  },
  { needle: '__subclasses__', shape: /^__subclasses__["')\]\s]{0,3}\(/i, why: ESCAPES, sure: true },
  { needle: '__globals__', shape: /^__globals__["')\]\s]{0,3}[[.]/i, why: ESCAPES, sure: true },
  { needle: '__builtins__', shape: /^__builtins__["')\]\s]{0,3}[[.,)]/i, why: ESCAPES, sure: true },
  { needle: '__mro__', shape: /^__mro__["')\]\s]{0,3}\[/i, why: ESCAPES },
  { needle: 'getruntime', shape: /^getruntime\s?\(\s?\)\s?\.\s?exec/i, why: STARTS },
  {
    needle: 'java.lang.',
    shape: /^java\.lang\.(?:runtime|processbuilder|processimpl)\b/i,
    why: STARTS,
  },
  { needle: 'processbuilder', shape: /^processbuilder\s?\(\s?(?:new|["'{[]|array|list)/i, why: STARTS },
  { needle: 'scriptenginemanager', shape: /^scriptenginemanager\s?\(/i, why: 'would have text evaluated as code' },
  {
    needle: 'mainmodule',
    shape: /^mainmodule(?:["'\]]{0,2})(?:\.(?:require|constructor|children|_load)|\[)/i,
    why: ESCAPES,
    sure: true,
  },
  {
    needle: 'child_process',
    shape: /^child_process["'`]\s?\)\s?(?:\.|\[["'`])(?:exec|spawn|fork)\w{0,8}["'`\]]{0,2}\s?\(/i,
    why: STARTS,
  },
  {
    needle: 'require',
    shape: new RegExp(`^require\\s?\\(\\s?${MODULE}\\s?\\)\\s?[.[]`, 'i'),
    why: 'would load a module that reaches the system',
  },
  {
    needle: 'import(',
    shape: new RegExp(`^import\\(\\s?${STARTER}`, 'i'),
    why: 'would load a module that reaches the system',
  },
  { needle: 'process.binding', shape: /^process\.binding\s?\(/i, why: ESCAPES },
  { needle: 'global.process', shape: /^global\.process\b/i, why: ESCAPES },
  {
    needle: 'constructor',
    shape: /^constructor(?:["'`\]]{0,2})(?:\.|\[["'`])constructor["'`\]]{0,2}\s?\(/i,
    why: ESCAPES,
    sure: true,
  },
  { needle: 'process[', shape: /^process\[\s?["'`](?:env|main|bind|exit|kill|dlopen)/i, why: ESCAPES },
  { needle: 'constructor', shape: /^constructor\.constructor\s?$/i, why: ESCAPES },
  { needle: 'constructor', shape: /^constructor\s?\(\s?["'`](?:return|throw|this|process|global)/i, why: ESCAPES },
  {
    needle: 'function',
    shape: /^function\s?\(\s?["'`][^"'`]{1,80}["'`]\s?\)\s?\(/i,
    why: 'would have text evaluated as code',
  },
  { needle: 'wscript.shell', shape: /^wscript\.shell/i, why: STARTS },
  { needle: 'scripting.filesystemobject', shape: /^scripting\.filesystemobject/i, why: 'would read or write files' },
  { needle: 'system.diagnostics.process', shape: /^system\.diagnostics\.process/i, why: STARTS },
  {
    needle: 'net.webclient',
    shape: /^net\.webclient\s?\)?\s?\)?\.download/i,
    why: 'would load code from elsewhere',
    sure: true,
  },
  { needle: '_load(', shape: /^_load\(\s?["'`]/i, why: ESCAPES, sure: true },
];

/** Places of one needle that are read in one text. */
export const MAX_PLACES = 16;
