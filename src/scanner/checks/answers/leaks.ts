import type { Severity } from '../../model/finding.ts';

/** Something that errors give away: what it is called, how bad it is, and how it looks in plain lines. */
export interface Leak {
  readonly kind: string;
  readonly severity: Severity;
  readonly looks: RegExp;
}

const trace = (looks: RegExp): Leak => ({ kind: 'a stack trace', severity: 'medium', looks });
const database = (looks: RegExp): Leak => ({ kind: 'a database error', severity: 'medium', looks });
const page = (looks: RegExp): Leak => ({ kind: 'a debug page', severity: 'medium', looks });

/**
 * Traces of languages and their runtimes. Each needs a frame with a place in a file, or two frames: prose that happens
 * to say `at line 3` is none.
 */
export const TRACES: readonly Leak[] = [
  // JavaScript: `    at name (file.js:1:2)`
  trace(/(?:^|\n)[ \t\u00a0]{0,16}at (?:async )?[^\n]{1,300}?:\d{1,7}:\d{1,7}\)?(?=\s|$)/),
  // Java, Kotlin, Scala: `at a.b.C.d(C.java:12)`, `(Native Method)`
  trace(
    /(?:^|\s)at [\w$.<>/@]{3,200}\((?:[\w$]{1,80}\.(?:java|kt|scala|groovy|clj):\d{1,7}|Native Method|Unknown Source)\)/,
  ),
  // .NET: with a file, or two frames in a row
  trace(/(?:^|\n)[ \t]{0,16}at [\w.<>`[\],+]{3,200}\([^()\n]{0,300}\) in [^\n]{1,300}:line \d+/),
  trace(/(?:\n[ \t]{1,16}at [\w.<>`[\],+]{3,200}\.[\w<>`]{1,100}\([^()\n]{0,300}\)[ \t\r]{0,4}){2}/),
  // Python
  trace(/Traceback \(most recent call last\)|(?:^|\n)[ \t]{0,8}File "[^"\n]{1,300}", line \d+, in /),
  // Ruby, Crystal
  trace(/\w\.(?:rb|erb|cr):\d{1,7}:in [`'"][^\n]{0,100}/),
  // PHP
  trace(/(?:^|\n)#0 [^\n]{1,300}\(\d{1,7}\): |\w\.php on line \d{1,7}|\w\.php:\d{1,7}\)?(?=\s|$)/),
  // Go, Rust, Elixir, Perl
  trace(/goroutine \d{1,9} \[[\w ,]{3,60}\]:|(?:^|\n)[ \t]{0,8}[\w./@-]{2,200}\.go:\d{1,7} \+0x[\da-f]+/),
  trace(/panicked at [^\n]{1,300}\.rs:\d{1,7}/),
  trace(/\([\w-]{1,60} \d{1,4}\.\d{1,4}[\w.-]{0,20}\) lib\/[\w./]{2,200}\.exs?:\d{1,7}:/),
  trace(/ at \/[\w./-]{2,200}\.p[lm] line \d{1,7}\./),
  page(
    /seeing this error because you have\s{1,4}DEBUG = True|Using the URLconf defined in|Werkzeug Debugger|Traceback Switch to copy-and-paste view/,
  ),
  page(
    /Server Error in '\/[^'\n]{0,200}' Application|Whoops, looks like something went wrong|Illuminate\\[A-Z]\w{2,60}\\|Action Controller: Exception caught|Symfony Exception/,
  ),
];

/** What errors say beside traces. */
export const DETAILS: readonly Leak[] = [
  database(
    /SQLSTATE\[?\w{5}|\bSQLITE_(?:ERROR|CONSTRAINT|BUSY|LOCKED|MISMATCH|RANGE|TOOBIG|MISUSE|READONLY|CORRUPT)\w{0,30}|\bORA-\d{5}: |\bMongo(?:Server|Network|Bulk\w{1,10}|Parse)?Error\b|\bE11000 duplicate key/,
  ),
  database(
    /\bER_(?:DUP_|PARSE_ERROR|BAD_|NO_SUCH_|NO_REFERENCED|NO_DEFAULT|ROW_IS_|DATA_TOO_LONG|TRUNCATED_|WARN_DATA|WRONG_|SUBQUERY|ACCESS_DENIED|LOCK_)[A-Z_]{0,40}/,
  ),
  database(
    /You have an error in your SQL syntax|syntax error at or near|unrecognized token: |near "[^"\n]{0,200}": syntax error|no such (?:column|table|function): |Unclosed quotation mark|quoted string not properly terminated|(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK|PRIMARY KEY) constraint failed/i,
  ),
  database(
    /duplicate key value violates unique constraint|violates (?:foreign key|not-null|check) constraint|invalid input syntax for (?:type )?\w{3,20}: |column "[^"\n]{1,100}" (?:of relation|does not exist)|relation "[^"\n]{1,100}" does not exist|operator does not exist: |Data truncated for column|Incorrect \w{3,20} value: '[^'\n]{0,200}' for column|Unknown column '[^'\n]{1,100}' in|Duplicate entry '[^'\n]{1,200}' for key/i,
  ),
  database(
    /\b(?:PDOException|SequelizeDatabaseError|QueryFailedError|OperationalError\b[^\n]{0,60}\(|JdbcSQL\w{1,60}|PSQLException|SQLSyntaxErrorException|SQLiteException|Microsoft\.Data\.Sql|System\.Data\.SqlClient|PrismaClient\w{3,40}Error)|Invalid `prisma\./,
  ),
  {
    kind: 'an SQL statement',
    severity: 'medium',
    looks:
      /\bSELECT\s[^\n]{1,400}?\sFROM\s{1,8}[\w"`[.]|\bINSERT\s{1,8}INTO\s{1,8}[\w"`[\].]{1,100}\s{0,8}\(|\bUPDATE\s{1,8}[\w"`[\].]{1,100}\s{1,8}SET\s|\bDELETE\s{1,8}FROM\s{1,8}[\w"`[\].]{1,100}\s{1,8}WHERE\b/,
  },
  {
    kind: 'a path of the server',
    severity: 'low',
    // Not within an address (`https://host/var/www/x`), nor of a route of the API (which the caller leaves out).
    looks:
      /(?:file:\/\/|(?<![\w.~%:/@-]))(?:\/(?:home|usr|var|opt|srv|root|app|etc|tmp|mnt|data|Users|workspace)\/[\w.@-]{1,100}(?:\/[\w.@-]{1,100}){0,20}\.[A-Za-z]\w{0,8}\b|\/(?:home|usr|var|opt|srv|root|etc|Users)\/[\w.@-]{1,100}\/[\w./@-]{2,200})|\b[A-Z]:\\{1,2}(?:Users|Windows|inetpub|Program Files|app|src)\\[\w\\. -]{2,200}|(?<![\w.:/@-])(?:\/[\w.@-]{1,100}){0,20}\/?node_modules\/[\w./@-]{2,200}/,
  },
  {
    kind: 'names of classes and libraries',
    severity: 'informational',
    looks:
      /\b(?:java|javax|jakarta|kotlin|org\.springframework|org\.hibernate|com\.fasterxml|com\.mysql|org\.postgresql|System|Microsoft)(?:\.\w{1,60}){1,8}(?:Exception|Error)\b|Cast to \w{3,20} failed for value|\b(?:ActiveRecord|ActionController|Django|sqlalchemy|psycopg2?|pymysql|Sequelize|Mongoose|TypeORM)(?:::|\.)\w{3,60}/,
  },
];
