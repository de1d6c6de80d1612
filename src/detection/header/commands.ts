import { alternatives } from '../shared/alternatives.ts';

const B = '[ \\t]{1,4}';
const sticky = (...lines: readonly string[]): RegExp => new RegExp(alternatives(...lines).replaceAll('_', B), 'iy');

/** SMTP, as it goes on behind a line that is the value's (RFC 5321). `_` stands for blanks. */
const SMTP = sticky(
  String.raw`(?:MAIL_FROM|RCPT_TO)(?:_)?: (?:HELO|EHLO)_[\w.[\]:-]{1,255}\s`,
  String.raw`(?:DATA|QUIT|RSET)[\r\n]{1,4} \.[\r\n]{1,4}(?:MAIL|RCPT|QUIT)\b`,
);
/** IMAP: a tag and a command (RFC 9051). */
const IMAP = new RegExp(
  String.raw`[A-Z]{1,4}\d{1,6}${B}${alternatives(
    'LOGIN SELECT EXAMINE CREATE DELETE RENAME FETCH STORE COPY APPEND LIST LOGOUT CAPABILITY UID EXPUNGE',
  )}\b`,
  'iy',
);
/** Redis: an array of bulk strings, or a command that stands alone on its line. */
const RESP = /\*\d{1,4}\r?\n\$\d{1,6}\r?\n/y;
const REDIS = new RegExp(
  `${alternatives(
    'FLUSHALL FLUSHDB SHUTDOWN BGREWRITEAOF MODULE_LOAD CONFIG_SET_(?:dir|dbfilename|slave|rdb)',
    String.raw`(?:SLAVEOF|REPLICAOF)_\S{1,255}_\d{1,5}`,
  ).replaceAll('_', B)}(?=[\\s_"']|$)`,
  'iy',
);
/** Memcached: `set key flags expiry bytes`, `stats`, `flush_all`. */
const STORE = /(?:set|add|replace|append|prepend)[ \t]\S{1,250}[ \t]\d{1,5}[ \t]\d{1,10}[ \t]\d{1,10}\s/iy;
const MEMCACHED = /flush_all\b|stats(?:[ \t]items)?[\r\n]/iy;

/** Whether a command of a mail server begins at `at`. @returns what it would do */
export function commandAt(text: string, at: number): string | undefined {
  SMTP.lastIndex = at;
  if (SMTP.test(text)) return 'ends the line and gives a mail server a command';
  IMAP.lastIndex = at;
  return IMAP.test(text) ? 'ends the line and gives a mail server a command' : undefined;
}

/** Whether a command of a store that speaks in lines begins at `at`. @returns what it would do */
export function lineProtocolAt(text: string, at: number): string | undefined {
  for (const each of [RESP, REDIS, STORE, MEMCACHED]) {
    each.lastIndex = at;
    if (each.test(text)) return 'ends the line and gives a data store a command';
  }
  return undefined;
}
