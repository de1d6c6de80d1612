import type { Principal } from '../../gateway/principal.ts';
import { type AddressRange, inRange, parseAddress, parseRange } from '../../shared/address.ts';
import { type BanRules, roleOf } from './settings.ts';

/** Whom harm never bans. Asked about those only who did harm, or are banned: not on the way of honest requests. */
export class Exempt {
  readonly #ranges: readonly AddressRange[];
  readonly #roles: ReadonlySet<string>;

  constructor({ exempt }: Pick<BanRules, 'exempt'>) {
    const roles = exempt.map(roleOf);
    this.#roles = new Set(roles.filter((role) => role !== undefined));
    const others = exempt.filter((_, i) => roles[i] === undefined);
    this.#ranges = others.map(parseRange).filter((range) => range !== undefined);
  }

  address(text: string): boolean {
    const address = this.#ranges.length > 0 ? parseAddress(text) : undefined;
    return address !== undefined && this.#ranges.some((range) => inRange(address, range));
  }

  principal({ roles }: Principal): boolean {
    return this.#roles.size > 0 && roles.some((role) => this.#roles.has(role));
  }
}
