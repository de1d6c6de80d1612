/**
 * Complaints of SQL parsers about the text of a statement. Complaints about a value (`invalid input syntax for type
 * integer`) are left out: a bound parameter earns them too. So are those of the small languages within SQL (full text
 * queries, JSON paths), whose text may rightly come from a caller.
 */
const COMPLAINTS: readonly (readonly [engine: string, pattern: RegExp])[] = [
  ['MySQL or MariaDB', /you have an error in your sql syntax/],
  ['MySQL or MariaDB', /check the manual that (corresponds|fits) (to|with) your (mysql|mariadb)/],
  ['MySQL or MariaDB', /\ber_parse_error\b/],
  ['PostgreSQL', /unterminated quoted (string|identifier) at or near/],
  ['PostgreSQL', /syntax error at or near (?!.{0,80}jsonpath)/],
  ['PostgreSQL', /syntax error at end of input/],
  ['PostgreSQL', /\bpg::syntaxerror\b|\bsqlstate\W{1,3}42601\b/],
  ['SQLite', /unrecognized token: /],
  ['SQLite', /(?<!fts5: )\bnear "[^"\n]{0,80}": syntax error/],
  ['SQLite', /(?<!json path )\bincomplete input\b.{0,400}\bsqlite|\bsqlite.{0,400}\bincomplete input\b/],
  ['Microsoft SQL Server', /unclosed quotation mark (after|before) the character string/],
  ['Microsoft SQL Server', /incorrect syntax near /],
  ['Oracle', /\bora-(00907|00911|00920|00921|00923|00933|00936|01740|01756)\b/],
  ['Oracle', /quoted string not properly terminated|sql command not properly ended/],
  ['DB2', /\bsqlcode[=: ]{1,2}-(10|104)\b|\bdb2 sql error\b.{0,60}\bsqlstate[=: ]{1,2}426/],
  ['Firebird', /dynamic sql error.{0,80}sql error code = -104/],
  ['H2', /syntax error in sql statement/],
  ['HSQLDB', /unexpected token: .{0,60} in statement/],
  ['Sybase', /sybase message: .{0,80}syntax|\bsybsqlexception\b/],
  ['Informix', /\binformix\b.{0,120}syntax error/],
  ['an SQL engine', /\bsqlstate\W{1,3}42000\b|\bsyntax error\b.{0,60}\bin query expression\b/],
  ['an SQL engine', /\bsqlsyntaxerrorexception\b|\bbadsqlgrammarexception\b|\bsqlgrammarexception\b/],
];

/** Texts are searched this far: an error stands at the beginning. */
const FAR = 200_000;

/** The engine that complains about the text of its statement, and its words; undefined where none does. */
export function sqlComplaint(text: string): { readonly engine: string; readonly words: string } | undefined {
  const low = text.slice(0, FAR).toLowerCase();
  for (const [engine, pattern] of COMPLAINTS) {
    const found = pattern.exec(low);
    if (found) return { engine, words: text.slice(found.index, found.index + Math.min(found[0].length, 120)) };
  }
  return undefined;
}
