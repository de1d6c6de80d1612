import { verifyRegistrationResponse } from '@simplewebauthn/server';
import type { Services } from '../../gateway/services.ts';
import { randomBase62 } from '../random.ts';
import { newChallenge, PASSKEY_TIME, spend } from './challenges.ts';
import { tell } from './events.ts';
import { handleOf, isFramed, readAnswer, reasonOf } from './passkey-verify.ts';
import { editFactors, ownerOfPasskey, type PasskeyRecord, passkeysOf, readFactors } from './records.ts';
import { passkeyHost } from './usable.ts';

/** Passkeys of one user. */
export const MOST_PASSKEYS = 20;
const MAX_NAME = 60;
/** COSE numbers of EdDSA, ES256 and RS256: every authenticator has one of them. */
const ALGORITHMS = [-8, -7, -257];

type Person = { readonly id: string; readonly name: string };

/** Options of `navigator.credentials.create` (WebAuthn, section 5.4), as JSON; what was begun before is void. */
export function offerPasskey(services: Services, user: Person, origin: string, service: string): object | undefined {
  const host = passkeyHost(origin);
  const begun = newChallenge(services);
  return editFactors(services.store, user.id, (now) => {
    const known = passkeysOf(now);
    if (host === undefined || known.length >= MOST_PASSKEYS) return { result: undefined };
    const options = {
      rp: { id: host, name: service },
      user: { id: handleOf(user.id), name: user.name, displayName: user.name },
      challenge: begun.challenge,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: PASSKEY_TIME,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: known
        .filter((one) => one.host === host)
        .map(({ credential, transports }) => ({ id: credential, type: 'public-key', transports })),
    };
    return { factors: { ...now, pending: { ...now.pending, passkey: begun } }, result: options };
  });
}

/**
 * Takes a new passkey in (WebAuthn, section 7.1).
 * @param response what the script has put into the form
 * @param name as its owner wants to call it
 * @returns why not, else undefined
 */
export async function enrolPasskey(
  services: Services,
  user: Person,
  origin: string,
  response: string | undefined,
  name: string,
): Promise<'late' | 'failed' | 'known' | undefined> {
  const { store, clock } = services;
  const challenge = await spend(services, readFactors(store, user.id).pending.passkey);
  const refused = (reason: string): 'failed' => {
    tell(services, { what: 'factor-failed', user, factor: 'passkey', more: { reason, enrolment: true } });
    return 'failed';
  };
  if (challenge === undefined) return 'late';
  const answer = readAnswer(response, ['clientDataJSON', 'attestationObject']);
  const host = passkeyHost(origin);
  if (answer === undefined || host === undefined) return refused('not an answer of an authenticator');
  if (isFramed(answer)) return refused('made within a page of another origin');
  let made: Awaited<ReturnType<typeof verifyRegistrationResponse>>;
  try {
    made = await verifyRegistrationResponse({
      response: answer as never,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: host,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
  } catch (error) {
    return refused(reasonOf(error));
  }
  if (!made.verified) return refused('attestation');
  const { credential, credentialDeviceType } = made.registrationInfo;
  const record: PasskeyRecord = {
    kind: 'passkey',
    id: `passkey_${randomBase62(12)}`,
    name: name.replace(/\p{C}/gu, '').trim().slice(0, MAX_NAME) || 'Passkey',
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: (answer.response['transports'] as string[] | undefined) ?? [],
    synced: credentialDeviceType === 'multiDevice',
    host,
    cloned: null,
    created: clock.now(),
    used: null,
  };
  const kept = editFactors(store, user.id, (now) => {
    // One credential belongs to one user: or whoever knows its id could have it signed in as somebody else.
    if (ownerOfPasskey(store, record.credential) !== undefined) return { result: 'known' as const };
    if (passkeysOf(now).length >= MOST_PASSKEYS) return { result: 'failed' as const };
    const { passkey: _, ...pending } = now.pending;
    return { factors: { factors: [...now.factors, record], pending }, result: undefined };
  });
  if (kept !== undefined) return kept;
  tell(services, { what: 'factor-enrolled', user, factor: 'passkey', more: { id: record.id, synced: record.synced } });
  return undefined;
}
