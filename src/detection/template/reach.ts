import { isSystemFile } from '../path/targets.ts';
import { backtick, called, calledByIndex, command, goCall, opensToRead } from './calls.ts';
import { builtIn, classOfLiteral, javaName, special, springType } from './java.ts';
import type { ExpressionLexer } from './lexer.ts';
import {
  T_ARITHMETIC,
  T_ASK,
  T_BACKTICK,
  T_CLOSE,
  T_DOT,
  T_INDEX,
  T_NAME,
  T_NUMBER,
  T_OPEN,
  T_PIPE,
  T_STRING,
} from './lexer.ts';
import {
  INTERNALS,
  MODULES,
  NODE_MODULES,
  OS_MEMBERS,
  REACHED_OF_CLASS,
  RUBY,
  SHOWN,
  SHOWN_OF_CLASS,
} from './names.ts';
import { HIDES, INTERNAL, JAVA, MAKES, MIGHT, NOWHERE, OPENS, type Reached, RUNS, reached, SHOWS } from './reached.ts';
import { root } from './roots.ts';
import { literal } from './strings.ts';
import { kindAt, stringAt, weighing, wordAt } from './tokens.ts';
import { type Around, CODE, PLAIN, PROBE } from './weights.ts';

/** Classes of Java and Groovy that open what they are given. */
const MADE: ReadonlySet<string> = new Set(
  'file url filereader fileinputstream scanner socket processbuilder'.split(' '),
);
/** Files that no template includes. */
const KEPT = /\.(?:php|env|ini|conf|log|git)\b|^\/|\.\.\/|^[a-z]{3,8}:\/\//;

/** The worst that the names, calls and strings of an expression lead to. */
export function reach(read: ExpressionLexer, around: Around): Reached {
  weighing(read);
  let worst = NOWHERE;
  for (let i = 0; i < read.count; i++) {
    const kind = kindAt(i);
    let found = NOWHERE;
    if (kind === T_NAME) found = named(i, around);
    else if (kind === T_STRING) found = literal(i, around);
    else if (kind === T_BACKTICK) found = backtick(i, around);
    else if (kind === T_OPEN) found = calledByIndex(i, around);
    else if (kind === T_DOT) found = special(i, around);
    else if (kind === T_ARITHMETIC) found = command(i, around);
    if (found.weight > worst.weight) worst = found;
    if (worst.weight === CODE) break;
  }
  return worst;
}

function named(i: number, around: Around): Reached {
  const name = wordAt(i);
  const before = kindAt(i - 1);
  const next = kindAt(i + 1);
  const member = before === T_DOT;
  if (name.charCodeAt(0) === 0x5f || INTERNALS.has(name)) {
    const found = internal(i, name, member, around);
    if (found.weight > PLAIN) return found;
  }
  switch (name) {
    case 'class':
      return next === T_DOT && REACHED_OF_CLASS.has(wordAt(i + 2)) ? INTERNAL : classOfLiteral(i);
    case 'getclass':
      if (next !== T_OPEN) return NOWHERE;
      if (kindAt(i + 3) === T_DOT && SHOWN_OF_CLASS.has(wordAt(i + 4))) return around.whole ? SHOWS : MIGHT;
      return kindAt(i + 3) === T_DOT ? JAVA : reached(PROBE, 'asks for the class of an object');
    case 'constructor':
      if (
        next === T_OPEN ||
        next === T_INDEX ||
        (next === T_DOT && /^(?:constructor|prototype|call|apply|bind)$/.test(wordAt(i + 2)))
      )
        return MAKES;
      return NOWHERE;
    case 't':
      return next === T_OPEN && kindAt(i + 2) === T_NAME && before !== T_DOT ? springType(i + 2) : NOWHERE;
    case 'new':
      if (next !== T_NAME) return NOWHERE;
      if (kindAt(i + 2) === T_DOT) return javaName(i + 1);
      return MADE.has(wordAt(i + 1)) && kindAt(i + 2) === T_OPEN && kindAt(i + 3) === T_STRING && !around.inCode
        ? OPENS
        : NOWHERE;
    case 'java':
    case 'javax':
    case 'freemarker':
    case 'com':
    case 'org':
    case 'sun':
    case 'jdk':
    case 'groovy':
      return before === T_DOT ? NOWHERE : javaName(i);
    case 'os':
      return next === T_DOT && OS_MEMBERS.has(wordAt(i + 2)) ? RUNS : NOWHERE;
    case 'process':
      if (next !== T_DOT) break;
      if (/^(?:mainmodule|binding|dlopen|_load)$/.test(wordAt(i + 2))) return RUNS;
      if (wordAt(i + 2) !== 'env') break;
      return (around.whole || kindAt(i + 3) === T_CLOSE) && !around.inCode ? SHOWS : NOWHERE;
    case 'global':
    case 'globalthis':
    case 'root':
      return next === T_DOT && /^(?:process|require|eval|function)$/.test(wordAt(i + 2)) ? RUNS : NOWHERE;
    case 'require':
      return next === T_OPEN && kindAt(i + 2) === T_STRING && NODE_MODULES.has(stringAt(i + 2).replace('node:', ''))
        ? RUNS
        : NOWHERE;
    case 'import':
      return next === T_NAME && MODULES.has(wordAt(i + 1)) && i === 0 && !around.weak ? RUNS : NOWHERE;
    case 'open':
      return !member && next === T_OPEN && kindAt(i + 2) === T_STRING && opensToRead(i) ? RUNS : NOWHERE;
    case 'attr':
      return before === T_PIPE && next === T_OPEN
        ? reached(CODE, 'reaches an attribute by a name in a string')
        : NOWHERE;
    case 'chr':
    case 'fromcharcode':
      return next === T_OPEN && kindAt(i + 2) === T_NUMBER && !around.inCode ? HIDES : NOWHERE;
    case 'lower_abc':
    case 'upper_abc':
      return before === T_ASK ? HIDES : NOWHERE;
    case 'signer':
      return member && next === T_DOT && wordAt(i + 2) === 'key' ? SHOWS : NOWHERE;
    case 'include':
    case 'source':
    case 'fetch':
      return next === T_OPEN && kindAt(i + 2) === T_STRING && KEPT.test(stringAt(i + 2)) ? OPENS : NOWHERE;
    case 'execute':
      if (next === T_OPEN && kindAt(i + 2) === T_CLOSE && wordAt(i + 4) === 'text' && kindAt(i + 3) === T_DOT)
        return RUNS;
      break;
    case 'instance_variables':
    case 'instance_variable_get':
    case 'instance_variable_set':
    case 'methods':
      return member && (name !== 'methods' || wordAt(i - 2) === 'self') && around.opener === '<%' ? SHOWS : NOWHERE;
  }
  const module = RUBY.get(name);
  if (module !== undefined && next === T_DOT && module.has(wordAt(i + 2))) {
    const honest = name === 'process' && around.inCode;
    if (!honest) return RUNS;
  }
  if (name.startsWith('smarty_')) return RUNS;
  if (!member) {
    const found = root(i, name, next, around);
    if (found.weight > PLAIN) return found;
  }
  if (before === T_ASK) return builtIn(i, name, next);
  if (next !== T_OPEN && before !== T_PIPE) return goCall(i, name, before, next);
  const found = called(i, name, before, around);
  return found === NOWHERE && next === T_OPEN && !around.inCode && isGivenFile(i + 2) ? OPENS : found;
}

const ROOT = /^(?:file:\/\/)?(?:[a-z]:)?[/\\]{1,4}/i;

/** A string that names a file of the system, whatever it is given to. */
function isGivenFile(i: number): boolean {
  if (kindAt(i) !== T_STRING) return false;
  const path = stringAt(i).toLowerCase();
  const root = ROOT.exec(path);
  return root !== null && isSystemFile(path.slice(root[0].length).split(/[/\\]+/));
}

/** `__class__` and its like: as a member, as an index, as the root of all. */
function internal(i: number, name: string, member: boolean, { weak, inCode }: Around): Reached {
  if (!INTERNALS.has(name)) return NOWHERE;
  const next = kindAt(i + 1);
  if (name === '__class__' && next === T_DOT && SHOWN.has(wordAt(i + 2))) {
    const root = kindAt(i - 2);
    if (weak || inCode || root === T_NAME) return MIGHT;
  }
  // Python shows objects so: f'{self.__class__}'
  if (weak && name === '__class__' && next !== T_DOT && next !== T_INDEX) return MIGHT;
  // `__init__.py` in prose
  if (name === '__init__' && next === T_DOT && /^pyc?$/.test(wordAt(i + 2))) return NOWHERE;
  if (name === 'classloader' && !member) return NOWHERE;
  if (member || next === T_DOT || next === T_OPEN || next === T_INDEX) return weak && inCode ? MIGHT : INTERNAL;
  return MIGHT;
}
