// What can be known of a text before anything searches it: a bit each.

/** A quote stands in the text. */
export const F_QUOTE = 1 << 0;
/** Behind a quote stands what could go on after a literal: an operator, a comment, a word that joins. */
export const F_BREAK = 1 << 1;
/** A word that injections use and that says more than it does in prose. */
export const F_SQL_STRONG = 1 << 2;
/** `or`, `and`, `||`, `where`, ... */
export const F_SQL_LOGIC = 1 << 3;
/** `=`, `<`, `like`, ... */
export const F_SQL_COMPARE = 1 << 4;
/** `<` with a letter, `/`, `!`, `?` or `%` behind it. */
export const F_TAG = 1 << 5;
/** A parenthesis right behind a word, a bracket or a quote. */
export const F_CALL = 1 << 6;
/** What separates or nests commands in a shell: `;`, `|`, `&`, a backtick, the end of a line, `$(`, `$[`. */
export const F_SHELL = 1 << 7;
/** `%` with something behind it that could be percent-encoding. */
export const F_PERCENT = 1 << 8;
/** `&` that could begin an entity. */
export const F_ENTITY = 1 << 9;
/** A backslash. */
export const F_BACKSLASH = 1 << 10;
export const F_SLASH = 1 << 11;
/** Two dots in a row. */
export const F_DOTS = 1 << 12;
/** A character beyond ASCII that some database, driver or file system may take for one of ASCII. */
export const F_WIDE = 1 << 13;
/** A control character other than tab and line ends. */
export const F_CONTROL = 1 << 14;
export const F_SPACE = 1 << 15;
export const F_COLON = 1 << 16;
export const F_BRACE = 1 << 17;
/** The text ends in a comment mark. */
export const F_CUT = 1 << 18;
/** A line ends in the text. */
export const F_LINE = 1 << 19;
/** `$` with a letter, `_`, `{`, `(` or a quote behind it. */
export const F_DOLLAR = 1 << 20;
/** What opens an expression of a template: `{{`, `{%`, `<%`, `[[`, or one of `$#*@~%` before a brace. */
export const F_TEMPLATE = 1 << 21;
/** What joins or ends parts of an LDAP filter: `)(`, `*)`, `)&`, `)|`, `(&`, `(|`, `(!`. */
export const F_FILTER = 1 << 22;
/** A word that begins with an underscore. */
export const F_UNDERSCORE = 1 << 23;
/** Two slashes or two backslashes in a row. */
export const F_AUTHORITY = 1 << 24;
/** No white space in the text, and more in it than a short word of letters. */
export const F_SPACELESS = 1 << 25;

/** Of the place, not of the text: it is the name of something, it stands in a header, it names a file. */
export const F_KEY = 1 << 26;
export const F_HEADER = 1 << 27;
export const F_FILENAME = 1 << 28;

/** The text is JSON as a whole: its strings are searched one by one, and it by those classes only that read structures. */
export const F_STRUCTURE = 1 << 29;

/**
 * The text does not begin as prose does: with a short word that names no program, and a space or a comma behind it. Or it
 * holds what may be a stream of objects.
 */
export const F_HEAD = 1 << 30;
/** A dash behind white space, with a letter or a dash behind it. */
export const F_OPTION = 1 << 31;
