import type { Services } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { Holder } from './binding/holder.ts';
import { Guard } from './guard.ts';
import { withOwnIssuer } from './issuers/own.ts';
import { Lockout } from './lockout.ts';
import type { Verifier } from './scheme.ts';
import { SCHEMES } from './schemes/index.ts';
import type { AuthenticationSettings } from './settings.ts';
import { type SignatureJudge, signatureJudge } from './signatures/judge.ts';

/** The schemes as they are open for one plan. */
export interface Verifiers {
  readonly verifiers: readonly Verifier[];
  readonly lockout: Lockout;
  /** Checks that bound credentials come from their holder. */
  readonly holder: Holder;
  /** Asks whether what is good was revoked, or is used as stolen credentials are. */
  readonly guard: Guard;
  readonly signatures: SignatureJudge;
  readonly services: Services;
}

/** Settings that no operation has of its own: one of them is another object in each configuration. */
const SHARED = ['issuers', 'lockout', 'certificates', 'dpop', 'signatures', 'realm', 'unusual'] as const;

interface Last {
  settings: readonly unknown[];
  opened: Verifiers | undefined;
}

/**
 * Opens the schemes: once for all operations of a plan, which share their settings, and anew for the next plan.
 * @throws LoadError where a key set cannot be read; with its findings for the first operation only
 */
export function openVerifiers(settings: AuthenticationSettings, services: Services): Verifiers {
  const last = services.keep<Last>('authentication/verifiers', () => ({ settings: [], opened: undefined }));
  const shared = SHARED.map((key) => settings[key]);
  if (last.settings.length > 0 && shared.every((one, i) => one === last.settings[i])) {
    if (last.opened === undefined) throw new LoadError([]);
    return last.opened;
  }
  last.settings = shared;
  last.opened = undefined;
  const lockout = new Lockout(settings.lockout, services);
  const opening = { settings: withOwnIssuer(settings, services), services, lockout };
  const verifiers = SCHEMES.map((scheme) => scheme.open(opening));
  const holder = new Holder(settings, services);
  const guard = new Guard(settings, services);
  last.opened = {
    verifiers: verifiers.filter((one) => one !== undefined),
    lockout,
    holder,
    guard,
    signatures: signatureJudge(settings.signatures, services),
    services,
  };
  return last.opened;
}
