/**
 * Filters of LDAP as strings (RFC 4515, section 3), read as tolerantly as servers and client libraries do: white space
 * between parts, an assertion that does not end, parts too many at the end. One object for all texts.
 */
export class FilterReader {
  /** Comparisons, such with an attribute that directories have, and such that match anything. */
  items = 0;
  known = 0;
  wild = 0;
  /** `&`, `|` and `!` behind a parenthesis. */
  operators = 0;
  opens = 0;
  closes = 0;
  /** White space was skipped between parts. */
  spaced = false;
  /** The text ends in a NUL, which cuts off what follows. */
  cut = false;
  /** Where reading stopped. */
  end = 0;

  /** Reads parts of filters from a place to the end of the text. @returns whether there is nothing else in it */
  read(text: string, from: number): boolean {
    this.items = this.known = this.wild = this.operators = this.opens = this.closes = 0;
    this.spaced = this.cut = false;
    let at = from;
    for (;;) {
      const start = at;
      while (at < text.length && isSpace(text.charCodeAt(at))) at++;
      if (at > start) this.spaced = true;
      this.end = at;
      if (at >= text.length) return true;
      const c = text.charCodeAt(at);
      if (c === 0) {
        this.cut = true;
        return true;
      }
      if (c === 0x28) this.opens++;
      else if (c === 0x29) this.closes++;
      else if ((c === 0x26 || c === 0x7c || c === 0x21) && this.#operator(text, at)) this.operators++;
      else {
        const next = this.#item(text, at) || this.#stray(text, at);
        if (next === 0) return this.#isTail(text, at);
        at = next;
        continue;
      }
      at++;
    }
  }

  /** Directly behind a parenthesis or another operator (`(!(`, `(&|`), or where parts are joined: `)|(`. */
  #operator(text: string, at: number): boolean {
    let before = at - 1;
    while (before >= 0 && at - before < MAX_SPACES && isSpace(text.charCodeAt(before))) before--;
    const c = text.charCodeAt(before);
    if (c === 0x29) return text.charCodeAt(at + 1) === 0x28;
    return c === 0x28 || c === 0x26 || c === 0x7c || c === 0x21;
  }

  /** `attribute=value`, with options, a matching rule or an OID. @returns where it ends, 0 where there is none */
  #item(text: string, from: number): number {
    ITEM.lastIndex = from;
    const found = ITEM.exec(text);
    if (found === null) return 0;
    let at = ITEM.lastIndex;
    const start = at;
    while (at < text.length) {
      const c = text.charCodeAt(at);
      if (c === 0x28 || c === 0x29 || c === 0) break;
      at++;
    }
    // A sentence in the place of a value.
    if (at < text.length && text.charCodeAt(at) === 0x28) return 0;
    this.items++;
    const value = text.slice(start, at);
    if (ATTRIBUTES.has((found[1] ?? '').toLowerCase())) this.known++;
    else if (spacesIn(value) > MAX_WORDS) return 0;
    if (value.trim() === '*') this.wild++;
    return at;
  }

  /** What is no comparison, between parentheses: parsers that are not strict read on. */
  #stray(text: string, at: number): number {
    STRAY.lastIndex = at;
    return STRAY.test(text) ? STRAY.lastIndex : 0;
  }

  /** The end of an attribute that the rest of the filter goes on: `(|(userPass`, or what a comment would be. */
  #isTail(text: string, at: number): boolean {
    this.end = text.length;
    return TAIL.test(text.slice(at, at + MAX_TAIL));
  }
}

/** Words in the value of an attribute that no directory has. */
const MAX_WORDS = 6;
const MAX_SPACES = 16;
const MAX_TAIL = 66;

/** An attribute's name or OID, its options, a matching rule, and the kind of comparison. */
const ITEM =
  /(?:(\.?[A-Za-z0-9][\w.-]{0,63})(?:;[\w-]{1,32}){0,4})?\s{0,4}(?::dn)?(?::[A-Za-z0-9][\w.-]{0,63})?\s{0,4}(?::=|~=|>=|<=|=)/y;
const STRAY = /[\w*\\@.-]{1,64}(?=[()])/y;
const TAIL = /^(?:[\w.-]{0,64}|['"`#;]{1,3})$/;

/** Attributes of directories (RFC 4519, RFC 4524, Active Directory, POSIX accounts). */
const ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'uid cn sn ou dc o c l st mail objectclass objectcategory userpassword password pass passwd user username name givenname ' +
    'displayname description title telephonenumber mobile homephone homedirectory uidnumber gidnumber loginshell gecos ' +
    'member memberof uniquemember memberuid samaccountname userprincipalname distinguishedname entrydn useraccountcontrol ' +
    'admincount primarygroupid objectsid objectguid lastlogon pwdlastset badpwdcount accountexpires unicodepwd ' +
    'serviceprincipalname employeenumber employeetype manager department company street postalcode photo jpegphoto ' +
    'usercertificate sshpublickey creatorsname modifiersname createtimestamp modifytimestamp entryuuid rid userid ' +
    'surname commonname email rfc822mailbox krbprincipalname sambantpassword sambalmpassword shadowlastchange role ' +
    'groupmembership dnshostname operatingsystem ipserviceport initials info comment notes security'
  ).split(' '),
);

const isSpace = (c: number): boolean => c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d;

function spacesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(' '); at >= 0 && count <= MAX_WORDS; at = text.indexOf(' ', at + 1)) count++;
  return count;
}
