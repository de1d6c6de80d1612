/** How the text before an expression lets it be evaluated. */
export const NOT = 0;
/** Code stands before it, as in a snippet that somebody shows. */
export const CODE_BEFORE = 1;
/** It is the value's first expression, or the first behind a literal or a statement that the value ends. */
export const EVALUATED = 2;
/** It stands where a template puts in what an expression gives. */
export const INTERPOLATED = 3;

/** Characters before an expression that are looked at. */
const MAX_HEAD = 200;

/** Marks that end what a value is set into, and words that may stand before an expression. */
const FIRST =
  /^[\s'"`)(\]};{&|$@.,:+*/<>=!%?#~^-]{0,24}(?:(?:return|print|echo|puts|new|await|throw|void|typeof|not|do|exit|die|say|p|if|or|and|lambda\s?\w{0,8}:|\(?_?(?:\$\$ND_FUNC\$\$_)?function\s?\w{0,16}\(\w{0,16}\)\s?\{(?:\s?return)?|[\w"'().]{0,40}(?:forname|createobject|activexobject)\(["'])\s?\(?[\s@!(]{0,4}){0,3}(?:(?:print|echo|print_r|var_dump|die|exit|str|repr|string|eval|exec|assert|sleep|strlen|base64_encode|json\.stringify|list|res\.(?:end|send|write)|response\.(?:end|write))\s?\([\s@!(]{0,4}){0,3}$/i;
/** A literal or a statement ends before it: `x');`, `1;`, `a'.`, `b"+`. */
const BROKEN =
  /^[^\s'"`;]{0,48}(?:['"`\\]+[\s)\]}]{0,6}(?:[;.+,|&*/^<>=:?-]|and|or|\n){1,3}|[)\]}\d]{0,4}\s?[;|&\n]{1,2})[\s(@!]{0,8}(?:(?:return|print|echo|die|puts|exit|var_dump|print_r)\s?\(?)?$/i;
const INSIDE = /(?:[$#@%*~]\{|\{\{|\$\{\{|\[\[|<%[=-]?|\{[$%]|\$\()[\s@"'!{(\\]{0,8}(?:(?:print|echo|return)\s?\(?)?$/;
const IMPORTS = /^\s{0,8}(?:(?:import|from|require|use|const|var|let)\s[^;\n]{1,80}(?:[;\n]|&&)\s{0,8}){1,3}$/;
/** Two words in a row, neither of them a keyword: prose, or a declaration. */
const PROSE =
  /(?:^|[^\w.$])(?!(?:return|print|echo|new|await|import|from|as|in|for|if|not|and|or|const|let|var|def|lambda|else|throw|typeof|yield|async)\b)[\p{L}']{2,24}[ \t]+(?!(?:if|in|for|and|or|not|is|else|as|import)\b)[\p{L}']{1,24}(?=[^\w(.=[]|$)/iu;

/** Whether what begins at a place would be evaluated, were the value set into code or evaluated as such. */
export function stands(text: string, at: number): number {
  const from = Math.max(0, at - MAX_HEAD);
  const head = text.slice(from, at);
  if (INSIDE.test(head.slice(-24))) return INTERPOLATED;
  if (from > 0) return NOT;
  if (FIRST.test(head) || BROKEN.test(head) || IMPORTS.test(head)) return EVALUATED;
  return PROSE.test(head) || head.includes('```') ? NOT : CODE_BEFORE;
}

/** Behind the expression the value goes on as prose. */
export function goesOnAsProse(text: string, from: number): boolean {
  const tail = text.slice(from, from + 96);
  return (
    /^[)\]}'"`;,.\s]{0,8}[\s,][\p{L}']{1,24}[ ,]+[\p{L}\d']{1,24}(?:[ ,.?!]|$)/u.test(tail) &&
    !/^[^\p{L}]*(?:import|from|for|if|and|or|echo|print|return)\b/iu.test(tail)
  );
}
