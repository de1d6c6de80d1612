import type { ValuePlace } from '../model/call.ts';
import { fits, fitting } from './fitting.ts';
import { plain } from './names.ts';

type Value = string | number;

/** Properties that tell things apart, though no path of the contract asks for them. */
const TELLING =
  /^(vin|sku|isbn|iban|barcode|ean|gtin|imei|plate|licenseplate|serial|serialnumber|accountnumber|cardnumber|invoicenumber|ordernumber|policynumber|trackingnumber|code|\w{3,20}(code|sku|serial|number|slug))$/;
/** Names of secrets that end so. */
const SECRET =
  /(otp|verification|reset|security|recovery|auth|invite|status|error|country|currency|language|zip|post|phone|fax)(code|number)$/;
/** Values that are kept of one name for one identity; names; and what is looked at in one answer. */
const MOST = 5;
const MOST_NAMES = 200;
const MOST_NODES = 2_000;

/** Values that answers gave an identity, by the names under which requests may want them again. */
export class Spotted {
  readonly #known = new Map<string, Value[]>();

  /** @param isGiven whether the scan made a value up: what it named itself may be wanted only once */
  see(as: string, json: unknown, isGiven: (value: Value) => boolean): void {
    let left = MOST_NODES;
    const walk = (value: unknown, depth: number): void => {
      if (typeof value !== 'object' || value === null || depth > 6) return;
      for (const [name, inner] of Object.entries(value)) {
        if (left-- <= 0) return;
        if (typeof inner === 'object') walk(inner, depth + 1);
        else if ((typeof inner === 'string' && inner.length >= 3 && inner.length <= 60) || typeof inner === 'number')
          if (!isGiven(inner)) this.#add(as, plain(name), inner);
      }
    };
    walk(json, 0);
  }

  /** A value for a place; undefined where none is known. */
  of(as: string, { word, schema }: ValuePlace): Value | undefined {
    const found = this.#known.get(`${as}\n${plain(word)}`)?.find((value) => fits(value, schema));
    const value = found === undefined ? undefined : fitting(found, schema);
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  }

  /** Whether answers gave an identity this value under this name. */
  holds(as: string, word: string, value: Value): boolean {
    return this.#known.get(`${as}\n${plain(word)}`)?.includes(value) === true;
  }

  #add(as: string, name: string, value: Value): void {
    if (!TELLING.test(name) || SECRET.test(name)) return;
    const key = `${as}\n${name}`;
    const list = this.#known.get(key);
    if (!list) {
      if (this.#known.size < MOST_NAMES) this.#known.set(key, [value]);
    } else if (list.length < MOST && !list.includes(value)) list.push(value);
  }
}
