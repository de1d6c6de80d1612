import { fieldKind, MAIL_FIELD, MAIL_WORD, OWN_FIELD } from './names.ts';

/** Fields of a mail that are read, and how many there are at least. */
const MAX_FIELDS = 64;
const LEAST_FIELDS = 3;

const LINE = /([A-Za-z][A-Za-z0-9-]{0,63}):[ \t][^\r\n]{0,998}\r?\n|[ \t][^\r\n]{1,998}\r?\n/y;
/** Fields with which mails begin (RFC 5322, 3.6). */
const FIRST = /^(?:from|date|return-path|received|delivered-to|message-id)$/;
/** What mail servers and lists write above the sender's own fields. */
const ADDED =
  /^(?:received|delivered-to|dkim-signature|authentication-results|user-agent|organization|(?:arc|list|thread|x)-[a-z-]{1,40})$/;
const EMPTY = /[ \t]{0,8}\r?\n\s{0,64}\S/y;

/**
 * The value is a mail as a whole, pasted with its header: fields of mails only from its first character on, the sender
 * and a subject or a date among them, an empty line, a text. What is injected into a header begins with what belongs
 * there, and its lines with what the attacker wants added; hidden copies are no part of a mail that was received.
 */
export function isMail(text: string): boolean {
  const names = new Set<string>();
  let at = 0;
  for (let count = 0; count < MAX_FIELDS; count++) {
    EMPTY.lastIndex = at;
    if (count > 0 && EMPTY.test(text)) {
      const dated = names.has('subject') || names.has('date');
      return names.size >= LEAST_FIELDS && names.has('from') && dated;
    }
    LINE.lastIndex = at;
    const line = LINE.exec(text);
    if (line === null) return false;
    const name = line[1]?.toLowerCase();
    if (name === undefined ? count === 0 : !isField(name, count)) return false;
    if (name !== undefined) names.add(name);
    at = LINE.lastIndex;
  }
  return false;
}

function isField(name: string, count: number): boolean {
  if (count === 0 && !FIRST.test(name)) return false;
  const kind = fieldKind(name);
  if (name.endsWith('bcc')) return false;
  return kind === MAIL_WORD || kind === MAIL_FIELD || kind === OWN_FIELD || ADDED.test(name);
}
