import type { Principal } from '../gateway/principal.ts';
import type { Services } from '../gateway/services.ts';
import { findClient } from '../identity/clients.ts';
import { type RevocableToken, Revocations, revocationSubject } from '../identity/revocations.ts';
import { endedByPassword } from '../identity/server/accounts.ts';
import { ownIssuer } from '../identity/server/own-issuer.ts';
import { findUserById } from '../identity/users.ts';
import { type AddressRange, inRange, parseRange } from '../shared/address.ts';

/** What of a token can change while the token does not, and what was known of it at a version of the store. */
export interface TokenStanding {
  readonly facts: RevocableToken;
  /** Of the embedded authorization server: whose users and applications are known here. */
  readonly own: boolean;
  version: number;
  problem: string | undefined;
  /** Where its application's requests must come from; undefined: from anywhere. */
  ranges: readonly AddressRange[] | undefined;
}

/**
 * Whether a token that verifies is still to be taken: not revoked, and where it comes from the embedded server, its user and
 * its application are in good standing. While nothing changes in the store it costs one look at the store's version.
 */
export class Standing {
  readonly #services: Services;
  readonly #revocations: Revocations;

  constructor(services: Services) {
    this.#services = services;
    this.#revocations = services.keep('identity/revocations', () => new Revocations(services.store));
  }

  /** What is to be kept of a token; its principal as it is known here. */
  begin(
    payload: Readonly<Record<string, unknown>>,
    principal: Principal,
  ): { principal: Principal; standing: TokenStanding } {
    const issuer = String(payload['iss']);
    const own = ownIssuer(this.#services)?.issuer === issuer;
    const { client_id: client, azp, iat, grant_id: grant } = payload;
    const clientId = typeof client === 'string' ? client : typeof azp === 'string' ? azp : undefined;
    // The same person by password and by token is the same principal: quotas, bans and ownership see one.
    const known = own
      ? { ...principal, id: principal.id.slice(issuer.length + 1), limits: this.#limits(clientId) }
      : principal;
    const facts: RevocableToken = {
      issuer,
      token: principal.credential.id,
      grant: own && typeof grant === 'string' ? grant : undefined,
      client: clientId === undefined ? undefined : revocationSubject(issuer, clientId, own),
      user: known.id,
      issuedAt: typeof iat === 'number' ? iat : undefined,
    };
    return { principal: known, standing: { facts, own, version: -1, problem: undefined, ranges: undefined } };
  }

  /** As the application was approved when the token was first seen: another class holds from the next token on. */
  #limits(client: string | undefined): Principal['limits'] {
    const name = client === undefined ? undefined : findClient(this.#services.store, client)?.rateClass;
    return name === undefined || name === null ? undefined : { class: name, subject: client as string };
  }

  /** @returns why a token is not to be taken now, for the record; undefined where it is */
  problem(standing: TokenStanding, principal: Principal, address: string): string | undefined {
    const version = this.#services.store.version();
    if (standing.version !== version) {
      standing.problem = this.#look(standing, principal);
      standing.version = version;
    }
    if (standing.problem !== undefined || standing.ranges === undefined) return standing.problem;
    return standing.ranges.some((range) => inRange(address, range))
      ? undefined
      : 'an address the application may not call from';
  }

  #look(standing: TokenStanding, principal: Principal): string | undefined {
    const { facts, own } = standing;
    const revocation = this.#revocations.find(facts);
    if (revocation !== undefined) return `revoked (${revocation.kind}): ${revocation.reason}`;
    if (!own) return undefined;
    const { store } = this.#services;
    const client = facts.client === undefined ? undefined : findClient(store, facts.client);
    if (client?.state !== 'approved') return 'its application is not approved any more';
    standing.ranges = client.ranges.length === 0 ? undefined : client.ranges.flatMap((text) => parseRange(text) ?? []);
    if (principal.kind === 'client') return undefined;
    const user = findUserById(store, facts.user)?.record;
    if (user === undefined || user.disabled) return 'its user is gone or disabled';
    return endedByPassword(user, facts.issuedAt ?? 0) ? 'the password was changed since' : undefined;
  }
}
