import { singular, wordsOf } from '../../../state/names.ts';

/** Characters of a description that are read: what it says of roles stands in its first sentences. */
const READ = 2_000;
const SENTENCES = 12;

/** Who may call an operation by the words of its description. */
export interface SaidRoles {
  readonly roles: ReadonlySet<string>;
  /** The words themselves: "Owners only." */
  readonly words: string;
  /** False: it says who may, and not that nobody else may. */
  readonly only: boolean;
}

/** Words that may stand between the names of roles. */
const BETWEEN = new Set([
  'the',
  'a',
  'an',
  'and',
  'or',
  'by',
  'for',
  'to',
  'with',
  'role',
  'roles',
  'users',
  'user',
  'of',
]);
const MAY = new Set(['can', 'may', 'could']);

interface Said {
  readonly roles: readonly string[];
  readonly only: boolean;
}

/**
 * Reads "Owners only.", "Only the owner may delete it.", "Requires the role admin", "For staff only"; and, as less
 * strict, "Editors and owners can create projects." Only words that are roles of this scan count, so that "only the
 * owner of the note" says nothing where no role is called owner.
 * @param known names of the roles of this scan, lower case
 * @returns undefined where no sentence says so
 */
export function saidRoles(texts: readonly (string | undefined)[], known: ReadonlySet<string>): SaidRoles | undefined {
  const text = texts
    .filter((one) => one !== undefined)
    .join('. ')
    .slice(0, READ);
  if (text === '' || known.size === 0) return undefined;
  const roles = new Set<string>();
  let words = '';
  let only = false;
  for (const sentence of text.split(/[.;\n()[\]]+/).slice(0, SENTENCES)) {
    const found = saidIn(wordsOf(sentence).map(singular), known);
    if (found === undefined) continue;
    for (const role of found.roles) roles.add(role);
    if (words === '' || (found.only && !only)) words = sentence.trim().slice(0, 100);
    only ||= found.only;
  }
  return roles.size === 0 ? undefined : { roles, words, only };
}

/** The roles that one sentence lets do it. */
function saidIn(words: readonly string[], known: ReadonlySet<string>): Said | undefined {
  const listFrom = (start: number): { readonly roles: string[]; readonly end: number } => {
    const roles: string[] = [];
    let at = start;
    for (; at < words.length; at++) {
      const word = words[at]!;
      if (known.has(word)) roles.push(word);
      else if (!BETWEEN.has(word)) break;
    }
    return { roles, end: at };
  };
  const mayAt = (at: number): boolean =>
    (MAY.has(words[at] ?? '') || /^(allowed|permitted)$/.test(words[at + 1] ?? '')) && words[at + 1] !== 'not';
  const { roles, end } = listFrom(0);
  if (roles.length > 0) {
    // "Owners only", "Editors and owners", "Editors and owners can ..."
    if (words[end] === 'only' && end === words.length - 1) return { roles, only: true };
    return end === words.length || mayAt(end) ? { roles, only: false } : undefined;
  }
  const mark = words.findIndex((word) => /^(only|require|required|restricted)$/.test(word));
  if (mark === -1) return undefined;
  const named = listFrom(mark + 1);
  if (named.roles.length === 0) return undefined;
  const isEnd = named.end === words.length || /^(permission|privilege|right|access)$/.test(words[named.end] ?? '');
  return isEnd || mayAt(named.end) ? { roles: named.roles, only: true } : undefined;
}
