import { Masker } from '../http/mask.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Identity } from '../model/identity.ts';

/** The secrets of all identities, those they had before too, each with the name of the variable that stands for it. */
export class Secrets {
  readonly #identities: () => readonly Identity[];
  readonly #shown: boolean;
  readonly #known = new Map<string, string>();

  constructor(identities: () => readonly Identity[], shown: boolean) {
    this.#identities = identities;
    this.#shown = shown;
  }

  /** Secret to variable, `ALICE`, `ALICE_PASSWORD`; empty where secrets are shown. */
  variables(): ReadonlyMap<string, string> {
    if (!this.#shown) {
      for (const { name, secret, login } of this.#identities()) {
        const variable = name
          .toUpperCase()
          .replace(/[^A-Z0-9]/g, '_')
          .replace(/^(?=\d)/, '_');
        if (secret) this.#known.set(secret, variable);
        if (login?.password) this.#known.set(login.password, `${variable}_PASSWORD`);
      }
    }
    return this.#known;
  }

  maskText(text: string): string {
    return new Masker(this.variables()).text(text);
  }

  maskExchange(exchange: Exchange): Exchange {
    return new Masker(this.variables()).exchange(exchange);
  }
}
