import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import { render } from '../calls/render.ts';
import type { Outcome } from '../model/check.ts';
import type { Credentials } from '../model/identity.ts';
import type { Ground } from './ground.ts';
import { isHarmful } from './harm.ts';
import type { Credential } from './identity.ts';
import { isOpen } from './known.ts';
import type { Way } from './settings.ts';

/** Operations that are asked whether a credential is accepted. */
const MOST = 6;
const NONE: Credentials = { headers: [], query: [], cookies: [] };

/** Tells whether a credential is accepted, by reading what cannot be read without one. */
export class Probe {
  readonly #ground: Ground;
  #closed: Promise<readonly Operation[]> | undefined;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Number of the first credential that is accepted; 0 where none is, or nothing can tell. */
  async choose(credentials: readonly Credential[]): Promise<number> {
    for (const [index, one] of credentials.entries()) if (await this.accepts(() => one)) return index;
    return 0;
  }

  /**
   * Whether a credential is accepted.
   * @param way where the contract says what an operation takes, only those that take this way are asked
   * @returns true: somewhere; false: refused everywhere; undefined: no operation can tell
   */
  async accepts(of: (operation: Operation) => Credentials, way?: Way): Promise<boolean | undefined> {
    let refused = false;
    for (const operation of await this.#closedOperations()) {
      if (way !== undefined && !takes(operation, way)) continue;
      const { headers, query, cookies } = of(operation);
      const outcome = await this.#ask(operation, { headers, query, cookies });
      if (outcome === 'success' || outcome === 'invalid' || outcome === 'missing') return true;
      if (outcome === 'unauthenticated') refused = true;
    }
    return refused ? false : undefined;
  }

  /** Reads that are refused without a credential. Asked once. */
  #closedOperations(): Promise<readonly Operation[]> {
    this.#closed ??= this.#find();
    return this.#closed;
  }

  async #find(): Promise<readonly Operation[]> {
    const found: Operation[] = [];
    let asked = 0;
    for (const operation of ordered(this.#ground.operations)) {
      if (found.length >= MOST || ++asked > MOST * 3 || this.#ground.signal.aborted) break;
      const outcome = await this.#ask(operation, NONE);
      if (outcome === 'unauthenticated' || outcome === 'forbidden') found.push(operation);
    }
    return found;
  }

  async #ask(operation: Operation, credentials: Credentials): Promise<Outcome> {
    const call = buildCall(operation, () => undefined);
    const { client, base, outcomes } = this.#ground;
    return outcomes.of(await client.send(render(call, credentials, base), { operation, check: '' }));
  }
}

/** Reads without anything to fill in; those about who calls first, the open ones left out. */
function ordered(operations: readonly Operation[]): Operation[] {
  const reads = operations.filter(
    (operation) =>
      operation.method === 'GET' &&
      isOpen(operation) !== true &&
      !isHarmful(operation) &&
      !operation.parameters.some(({ required, in: place }) => required && (place === 'path' || place === 'query')),
  );
  const isSelf = ({ template }: Operation): number =>
    /\/(me|whoami|profile|account|userinfo|self)$/i.test(template) ? 0 : 1;
  return reads.sort((a, b) => isSelf(a) - isSelf(b));
}

/** Whether an operation takes a way of proving oneself; where the contract does not say, it may. */
function takes({ security }: Operation, way: Way): boolean {
  const schemes = (security ?? []).flatMap((one) => one.schemes.map(({ scheme }) => scheme));
  if (schemes.length === 0 || way === 'login' || way === 'oauth') return true;
  return schemes.some(({ type, scheme, in: place, parameter }) => {
    if (type === 'oauth2' || type === 'openIdConnect') return way === 'bearer';
    if (type === 'http') return way === (scheme === 'basic' ? 'basic' : 'bearer');
    if (type !== 'apiKey') return false;
    return (
      way === 'key' || (way === 'cookie' && place === 'cookie') || (way === 'bearer' && parameter === 'authorization')
    );
  });
}
