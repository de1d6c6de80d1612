import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { Services } from '../../gateway/services.ts';
import { tell } from './events.ts';
import { editFactors, type PasskeyRecord, passkeysOf, readFactors, withFactor } from './records.ts';
import { passkeyHost } from './usable.ts';

/** Characters of an authenticator's answer. */
const MOST = 16 * 1024;
const BASE64URL = /^[A-Za-z0-9_-]{1,4096}$/;

/** An authenticator's answer as far as its shape is known. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly clientExtensionResults: Record<string, never>;
  readonly response: Readonly<Record<string, unknown>>;
}

/** Reads what the script has put into the form; texts that are not base64url never reach the library. */
export function readAnswer(text: string | undefined, fields: readonly string[]): PasskeyAnswer | undefined {
  if (text === undefined || text === '' || text.length > MOST) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, type, response } = (given ?? {}) as { id?: unknown; type?: unknown; response?: unknown };
  if (typeof id !== 'string' || !BASE64URL.test(id) || type !== 'public-key') return undefined;
  if (typeof response !== 'object' || response === null) return undefined;
  const taken: Record<string, unknown> = {};
  for (const name of fields) {
    const value = (response as Record<string, unknown>)[name];
    if (typeof value !== 'string' || value.length > MOST || !/^[A-Za-z0-9_-]+$/.test(value)) return undefined;
    taken[name] = value;
  }
  const { transports, userHandle } = response as { transports?: unknown; userHandle?: unknown };
  if (Array.isArray(transports))
    taken['transports'] = transports.filter((one) => /^[a-z-]{1,20}$/.test(String(one))).slice(0, 8);
  if (typeof userHandle === 'string' && BASE64URL.test(userHandle)) taken['userHandle'] = userHandle;
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: taken };
}

/** Whether a page of another origin had this one in a frame: a passkey is not to be used through somebody else's page. */
export function isFramed(answer: PasskeyAnswer): boolean {
  try {
    const data = JSON.parse(Buffer.from(String(answer.response['clientDataJSON']), 'base64url').toString('utf8'));
    return data.crossOrigin === true || data.topOrigin !== undefined;
  } catch {
    return true;
  }
}

export type PasskeyResult = { readonly passkey: PasskeyRecord } | { readonly reason: string; readonly cloned?: true };

/** Fields of an answer to {@link verifyPasskey}. */
export const USE_FIELDS = ['clientDataJSON', 'authenticatorData', 'signature'] as const;

/**
 * Judges the use of a passkey (WebAuthn, section 7.2): the challenge, the very origin, the host, that the person was verified,
 * the signature, and then the counter. One whose counter went backwards has a copy somewhere: it is put out of use.
 * @param challenge that was spent by this answer
 */
export async function verifyPasskey(
  services: Services,
  user: { readonly id: string; readonly name: string },
  origin: string,
  challenge: string,
  answer: PasskeyAnswer,
): Promise<PasskeyResult> {
  const host = passkeyHost(origin);
  const record = passkeysOf(readFactors(services.store, user.id)).find((one) => one.credential === answer.id);
  if (record === undefined || host === undefined || record.host !== host)
    return { reason: 'not a passkey of this user here' };
  if (record.cloned !== null) return { reason: 'the passkey is out of use', cloned: true };
  if (isFramed(answer)) return { reason: 'used within a page of another origin' };
  const { userHandle } = answer.response;
  if (userHandle !== undefined && userHandle !== handleOf(user.id)) return { reason: 'the passkey is of another user' };
  let counter: number;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer as never,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: host,
      requireUserVerification: true,
      // The library looks at the counter before the signature: anybody could put a passkey out of use with it.
      credential: { id: record.credential, publicKey: bytesOf(record.publicKey), counter: 0 },
    });
    if (!verified) return { reason: 'signature' };
    counter = authenticationInfo.newCounter;
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  const result = use(services, user.id, record.id, counter);
  if ('cloned' in result)
    tell(services, {
      what: 'passkey-cloned',
      user,
      factor: 'passkey',
      more: { id: record.id, counter, known: result.known },
    });
  return 'cloned' in result ? { reason: 'its counter went backwards', cloned: true } : result;
}

/** Takes the counter over, and says where it is no larger than one that was seen (section 6.1.1). */
function use({ store, clock }: Services, userId: string, id: string, counter: number) {
  type Result = { reason: string } | { passkey: PasskeyRecord } | { cloned: true; known: number };
  return editFactors<Result>(store, userId, (now) => {
    const record = passkeysOf(now).find((one) => one.id === id);
    if (record === undefined || record.cloned !== null) return { result: { reason: 'the passkey is out of use' } };
    const changed: PasskeyRecord = { ...record, used: clock.now(), counter };
    const counts = counter > 0 || record.counter > 0;
    if (counts && counter <= record.counter)
      return {
        factors: withFactor(now, { ...record, cloned: clock.now() }),
        result: { cloned: true, known: record.counter },
      };
    return { factors: withFactor(now, changed), result: { passkey: changed } };
  });
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));

/** The user handle: the id, which is random and says nothing of the person. */
export const handleOf = (userId: string): string => Buffer.from(userId, 'utf8').toString('base64url');

/** What the library says, without what it quotes of the caller's answer. */
export const reasonOf = (error: unknown): string =>
  String((error as Error).message)
    .replace(/"[^"]*"/g, '"..."')
    .slice(0, 120);
