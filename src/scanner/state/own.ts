import type { ScanIdentity } from './identity.ts';
import { namingOf, plain } from './names.ts';
import { keyOf } from './pool.ts';
import type { Resources } from './resources.ts';
import { claimsOf } from './tokens.ts';

/** Identifiers kept of one identity. */
const MOST = 60;

/** Names of what many share, or of what says nothing of a person. */
const SHARED =
  /^(role|tenant|org|organi[sz]ation|company|team|group|department|clinic|plan|session|token|jti|client|realm|scope|audience|issuer|iss|aud|azp|nonce|kid|acr|amr|region|country|city|status|type|version|request|trace|language|locale|currency|permission|tier|site|store|shop|branch)$/;
const NAMES = new Set([
  'username',
  'email',
  'mail',
  'login',
  'preferredusername',
  'upn',
  'sub',
  'subject',
  'principal',
  'uniquename',
  'handle',
  'emailaddress',
  'loginname',
  'screenname',
  'userprincipalname',
  'uid',
  'user',
  'nameid',
]);

type Value = string | number;
const isValue = (value: unknown): value is Value =>
  (typeof value === 'number' && Number.isSafeInteger(value)) ||
  (typeof value === 'string' && value !== '' && value.length <= 200);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Who owns which identifiers; what two identities have in common is nobody's own. */
export class Ownership {
  readonly #resources: Resources;
  readonly #identities: () => readonly ScanIdentity[];
  /** Claimed by more than one. */
  readonly #common = new Set<string>();

  constructor(resources: Resources, identities: () => readonly ScanIdentity[]) {
    this.#resources = resources;
    this.#identities = identities;
  }

  /** The identity to which an identifier belongs. */
  ownerOf(kind: string, property: string, value: Value): string | undefined {
    const key = keyOf(kind, property);
    const text = String(value);
    const people = this.#resources.people.includes(kind);
    let byName: string | undefined;
    for (const identity of this.#identities()) {
      if (identity.ownIds.get(key)?.has(text)) return identity.name;
      if (people && !isNumber(text) && identity.own.has(text)) byName ??= identity.name;
    }
    return byName;
  }

  /** The same by the name of the identity. */
  claimFor(name: string, kind: string, property: string, value: Value): void {
    const identity = this.#identities().find((one) => one.name === name);
    if (identity) this.claim(identity, kind, property, value);
  }

  /** The identity that a text names where a person is named: `owner: "alice"`. */
  named(text: string): string | undefined {
    if (text.length < 2 || isNumber(text)) return undefined;
    return this.#identities().find(({ own }) => own.has(text))?.name;
  }

  /** Whether an identifier is that of an identity's account. */
  isAccount(kind: string, property: string, value: Value): boolean {
    return this.#identities().some(({ ownIds }) => ownIds.get(keyOf(kind, property))?.has(String(value)) === true);
  }

  /** Identifiers of a kind that are an identity's own, for values that point at it. */
  valuesOf(identity: ScanIdentity | undefined, kind: string, property: string): readonly string[] {
    const exact = identity?.ownIds.get(keyOf(kind, property));
    return exact ? [...exact] : [];
  }

  /** Learns from the user name it logs in with, and from its token. */
  learnSelf(identity: ScanIdentity): void {
    const { login } = identity;
    if (login) {
      this.claim(identity, '', login.username.includes('@') ? 'email' : 'username', login.username);
    }
    const claims = claimsOf(identity.secret);
    if (claims) this.learnFrom(identity, claims);
  }

  /** Learns from an answer about who calls: the login's, `/me`'s, or the claims of a token. */
  learnFrom(identity: ScanIdentity, json: unknown, depth = 0): void {
    if (!isRecord(json) || depth > 3) return;
    for (const [name, value] of Object.entries(json).slice(0, 100)) {
      if (isRecord(value)) {
        if (
          /^(user|data|account|profile|me|result|payload|customer|member|identity|patient|employee|person|self|claims|owner)$/.test(
            plain(name),
          )
        ) {
          this.learnFrom(identity, value, depth + 1);
        }
        continue;
      }
      if (!isValue(value)) continue;
      const naming = namingOf(name);
      const word = plain(name);
      if (SHARED.test(naming.kind) || SHARED.test(word)) continue;
      if (NAMES.has(word) || (naming.kind === '' && (naming.property === 'username' || naming.property === 'email'))) {
        this.claim(
          identity,
          '',
          word === 'sub' || word === 'subject' || word === 'uid' ? 'id' : naming.property || word,
          value,
        );
        // `sub: "patient:2"`
        const parts = /^([a-z]{2,30})[:/|]([\w-]{1,80})$/.exec(String(value));
        if (parts && this.#resources.kinds.has(this.#resources.canonical(parts[1]!))) {
          this.claim(identity, this.#resources.canonical(parts[1]!), 'id', parts[2]!);
        }
      } else if (naming.certain) this.claim(identity, naming.kind, naming.property, value);
    }
  }

  /**
   * An identifier is an identity's own, unless another has it too.
   * @param kind '' where it is the identity itself: it counts for every kind of people
   */
  claim(identity: ScanIdentity, kind: string, property: string, value: Value): void {
    const text = String(value);
    if (identity.own.size >= MOST) return;
    const kinds = kind === '' ? this.#kindsOfSelf(property, text) : [this.#resources.canonical(kind)];
    let claimed = false;
    for (const one of kinds) {
      const key = keyOf(one, property);
      const whole = `${key} ${text}`;
      if (this.#common.has(whole)) continue;
      const other = this.#identities().find((each) => each !== identity && each.ownIds.get(key)?.has(text));
      if (other && !sameAccount(other, identity)) {
        this.#common.add(whole);
        other.ownIds.get(key)?.delete(text);
        if (isName(text)) other.own.delete(text);
        continue;
      }
      const known = identity.ownIds.get(key) ?? new Set();
      known.add(text);
      identity.ownIds.set(key, known);
      claimed = true;
    }
    if (claimed) identity.own.add(text);
  }

  /**
   * What an identity is where an answer about it says `id` and no more: names count for all kinds of people; a number
   * only where there is one kind, or one that is plainly the account.
   */
  #kindsOfSelf(property: string, text: string): readonly string[] {
    const { people } = this.#resources;
    if (people.length === 0) return ['user'];
    if (people.length === 1 || (property !== 'id' && isName(text))) return people;
    const account = people.find((kind) => kind === 'user' || kind === 'account');
    return account === undefined ? (isName(text) ? ['self'] : []) : [account];
  }
}

/** Two identities with one user name are one account with two credentials. */
const sameAccount = (a: ScanIdentity, b: ScanIdentity): boolean =>
  a.login !== undefined && a.login.username === b.login?.username;

/** Long and wordy enough to be told from a number of something else. */
const isName = (text: string): boolean => text.length >= 4 && !isNumber(text);

const isNumber = (text: string): boolean => /^\d+$/.test(text);
