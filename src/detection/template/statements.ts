import type { Match } from '../classes/class.ts';
import { anyOf } from '../shared/any-of.ts';
import { MAYBE, PROBE } from './weights.ts';

/** Statements of engines that run code by themselves, at the first character of their mark. */
const PHP_BLOCK = /\{php\}|\{\/php\}/iy;
const PYTHON_BLOCK = anyOf(
  'y',
  /<%!?\s{0,20}import\s+(?:os|sys|subprocess|pty|socket)\b/,
  /<%!?\s{0,20}from\s+(?:os|subprocess|pty)\s+import/,
  /<%\s{0,20}(?:x\s*=\s*)?(?:os\.popen|subprocess)\b/,
);
const EVALUATES = /#evaluate\s{0,8}\(\s{0,8}["'$]/y;
const ASSIGNS = /#(?:set|foreach)\s{0,8}\(\s{0,8}\$/y;
const BLADE_PHP = /@php\b/y;
/** Twig's block that is named or filtered by what runs. */
const FILTER_BLOCK =
  /\{%-?\s{0,20}(?:filter|apply)\s+(?:system|passthru|exec|shell_exec|map\s*\(\s*["'](?:system|exec|passthru))/y;
const DEBUG = /\{%-?\s{0,20}(?:debug|get_admin_log\s[^%]{1,60})\s{0,20}-?%\}/y;
/** Functions of Smarty, Latte and Dust that run or read, and of Razor. */
const SMARTY = /\{(?:fetch\s+file=|include_php\s+file=|eval\s+var=|php\s+\w{1,40}\(|@math\s+key=)/y;
const RAZOR = /@(?:\(\s{0,4})?(?:new\s+)?System\.(?:Diagnostics|IO|Reflection|Net)\.\w/y;

/** Characters of a text in which a statement that only shows is no quotation. */
const MAX_SHORT = 200;

const tried = (pattern: RegExp, text: string, at: number, why: string): Match | undefined => {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? undefined : { start: at, end: at + found[0].length, why };
};

/** A statement that runs code, whatever stands in it. `c` is the character at the place. */
export function statementAt(text: string, at: number, c: number, least: number): Match | undefined {
  const next = text.charCodeAt(at + 1);
  switch (c) {
    case 0x7b:
      if (next === 0x25) {
        if (least <= PROBE && text.length < MAX_SHORT) {
          const found = tried(DEBUG, text, at, 'shows what the application keeps to itself');
          if (found !== undefined) return found;
        }
        return tried(FILTER_BLOCK, text, at, 'runs code from a template');
      }
      if (next === 0x70 || next === 0x50 || next === 0x2f) {
        const found = tried(PHP_BLOCK, text, at, 'opens a block of PHP');
        if (found !== undefined) return found;
      }
      return least <= PROBE ? tried(SMARTY, text, at, 'runs or reads something from a template') : undefined;
    case 0x3c:
      return next === 0x25 ? tried(PYTHON_BLOCK, text, at, 'imports modules in a template') : undefined;
    case 0x23:
      if (least <= PROBE && next === 0x65) return tried(EVALUATES, text, at, 'has a template evaluate a text');
      if (least <= MAYBE && (next === 0x73 || next === 0x66))
        return tried(ASSIGNS, text, at, 'is a statement of a template');
      return undefined;
    case 0x40:
      if (least <= PROBE && (next === 0x53 || next === 0x28 || next === 0x6e))
        return tried(RAZOR, text, at, 'runs code from a template');
      return least <= MAYBE && next === 0x70 ? tried(BLADE_PHP, text, at, 'opens a block of PHP') : undefined;
    default:
      return undefined;
  }
}

/** Characters of a tag in single braces. */
const MAX_TAG = 512;

/**
 * In single braces stands what Smarty, Latte or Python's `format` would run: a call, a filter, a member with two
 * underscores, a calculation; no body of code or object, which have lines, semicolons and braces of their own.
 */
export function isSmartyTag(text: string, at: number): boolean {
  const first = text.charCodeAt(at + 1);
  if (first === 0x53 && text.startsWith('Smarty_', at + 1)) return true;
  // A calculation begins with a number, a parenthesis or `=`; a variable of Smarty's own with `$smarty`.
  const counts = (first >= 0x30 && first <= 0x39) || first === 0x28 || first === 0x3d;
  let tells = first === 0x24 && text.startsWith('$smarty', at + 1);
  const most = Math.min(text.length, at + MAX_TAG);
  for (let i = at + 1; i < most; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x7d) return tells;
    if (c === 0x0a || c === 0x3b || c === 0x7b) return false;
    if (c === 0x28 || c === 0x7c || (c === 0x5f && text.charCodeAt(i + 1) === 0x5f)) tells = true;
    else if (counts && (c === 0x2a || c === 0x2b)) tells = true;
  }
  return false;
}
