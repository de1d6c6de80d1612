import type { Services } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { Lockout } from './lockout.ts';
import type { Verifier } from './scheme.ts';
import { SCHEMES } from './schemes/index.ts';
import type { AuthenticationSettings } from './settings.ts';

/** The schemes as they are open for one plan. */
export interface Verifiers {
  readonly verifiers: readonly Verifier[];
  readonly lockout: Lockout;
  readonly services: Services;
}

interface Last {
  issuers: unknown;
  lockout: unknown;
  opened: Verifiers | undefined;
}

/**
 * Opens the schemes: once for all operations of a plan, which share these two settings, and anew for the next plan.
 * @throws LoadError where a key set cannot be read; with its findings for the first operation only
 */
export function openVerifiers(settings: AuthenticationSettings, services: Services): Verifiers {
  const last = services.keep<Last>('authentication/verifiers', () => ({
    issuers: undefined,
    lockout: undefined,
    opened: undefined,
  }));
  if (last.issuers === settings.issuers && last.lockout === settings.lockout) {
    if (last.opened === undefined) throw new LoadError([]);
    return last.opened;
  }
  last.issuers = settings.issuers;
  last.lockout = settings.lockout;
  last.opened = undefined;
  const lockout = new Lockout(settings.lockout, services);
  const verifiers = SCHEMES.map((scheme) => scheme.open({ settings, services, lockout }));
  last.opened = { verifiers: verifiers.filter((one) => one !== undefined), lockout, services };
  return last.opened;
}
