import { join } from 'node:path';
import { startClinic } from '../../examples/clinic/start.ts';
import { ALL_WEAKNESSES as CLINIC_WEAKNESSES } from '../../examples/clinic/weaknesses.ts';

import { PASSWORDS } from '../../examples/market/attacks/target.ts';
import { startMarket } from '../../examples/market/start.ts';
import { ALL_WEAKNESSES as MARKET_WEAKNESSES } from '../../examples/market/weaknesses.ts';

import type { IdentitySettings } from '../../src/scanner/state/settings.ts';

/** An example API that is scanned: how it is started, and who calls it. */
export interface Example {
  readonly name: 'clinic' | 'market';
  readonly contract: string;
  readonly weaknesses: readonly string[];
  readonly identities: readonly IdentitySettings[];
  /** @param args `--careful`, or `--weak` and a list */
  start(args: readonly string[]): Promise<{ readonly base: string; stop(): Promise<unknown> }>;
}

const root = join(import.meta.dirname, '..', '..', 'examples');
const user = (name: string, role: string, username: string, password: string): IdentitySettings => ({
  name,
  role,
  login: { username, password },
});

export const clinic: Example = {
  name: 'clinic',
  contract: join(root, 'clinic', 'openapi.yaml'),
  weaknesses: CLINIC_WEAKNESSES,
  // Made-up users of the example, as its README tells them.
  identities: [
    user('lucia', 'patient', 'lucia.ferreira', 'sunshine1'),
    user('samuel', 'patient', 'samuel.boateng', 'winter-saddle-64'),
    user('nils', 'nurse', 'nils.hofmann', 'bandage-comet-3906'),
    user('vera', 'doctor', 'vera.lindqvist', 'scalpel-orbit-2291'),
    user('paul', 'clerk', 'paul.weiss', 'ledger-walnut-6058'),
    user('arthur', 'admin', 'arthur.quinn', 'keyring-monsoon-9274'),
  ],
  start: (args) => startClinic(['--port', '0', '--data', ':memory:', ...args]),
};

export const market: Example = {
  name: 'market',
  contract: join(root, 'market', 'openapi.json'),
  weaknesses: MARKET_WEAKNESSES,
  identities: [
    user('noor', 'buyer', 'noor', PASSWORDS.noor),
    user('tobias', 'buyer', 'tobias', PASSWORDS.tobias),
    user('marta', 'seller', 'marta', PASSWORDS.marta),
    user('dmitri', 'seller', 'dmitri', PASSWORDS.dmitri),
    user('greta', 'admin', 'greta', PASSWORDS.greta),
  ],
  start: (args) => startMarket(['--port', '0', ...args]),
};
