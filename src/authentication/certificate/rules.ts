import type { CertificateNames } from '../../gateway/certificate-names.ts';
import type { ClientCertificate } from '../../gateway/client-certificate.ts';
import { ownClaims } from '../../identity/attributes.ts';
import { Verified } from '../outcome.ts';
import { ANY, type CertificateRule, kindOf, type NameKind } from './settings.ts';

/**
 * Says whose a certificate is: by name, compared as a whole. A `*` in a certificate is a character and matches nothing
 * but itself, and no rule can hold one.
 */
export class CertificateRules {
  readonly #rules: readonly CertificateRule[];
  /** Position of the first rule for `kind name`. */
  readonly #exact = new Map<string, number>();
  readonly #any: { readonly kind: NameKind; readonly at: number }[] = [];

  constructor(rules: readonly CertificateRule[]) {
    this.#rules = rules;
    rules.forEach((rule, at) => {
      const kind = kindOf(rule);
      const name = rule[kind] as string;
      if (name === ANY && kind !== 'cn') this.#any.push({ kind, at });
      else if (!this.#exact.has(`${kind} ${name}`)) this.#exact.set(`${kind} ${name}`, at);
    });
  }

  /** @returns undefined where no rule is for it */
  find({ names, thumbprint }: ClientCertificate): Verified | undefined {
    let first = Number.POSITIVE_INFINITY;
    let matched = '';
    const consider = (at: number | undefined, name: string): void => {
      if (at === undefined || at >= first) return;
      first = at;
      matched = name;
    };
    const exactly = (kind: NameKind, name: string): void => consider(this.#exact.get(`${kind} ${name}`), name);
    exactly('sha256', thumbprint);
    if (names.cn !== undefined) exactly('cn', names.cn);
    for (const kind of ['dns', 'uri', 'email'] as const) for (const name of names[kind]) exactly(kind, name);
    for (const { kind, at } of this.#any) consider(...whichever(kind, at, names));
    const rule = this.#rules[first];
    return rule === undefined ? undefined : verifiedBy(rule, rule.id ?? matched, thumbprint);
  }
}

/** Any name will do, but there must be one: of two nobody can say which is the caller's. */
function whichever(kind: NameKind, at: number, names: CertificateNames): [number | undefined, string] {
  const list = kind === 'dns' || kind === 'uri' || kind === 'email' ? names[kind] : [];
  const only = list.length === 1 ? (list[0] as string) : undefined;
  return only === undefined || only.includes('*') ? [undefined, ''] : [at, only];
}

const verifiedBy = ({ roles, scopes, claims }: CertificateRule, id: string, thumbprint: string): Verified =>
  new Verified({
    kind: 'certificate',
    id,
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
    claims: ownClaims(claims),
    credential: { scheme: 'certificate', id: `sha256:${thumbprint}`, binding: 'certificate' },
  });
