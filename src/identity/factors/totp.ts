import { randomBytes } from 'node:crypto';
import type { Services } from '../../gateway/services.ts';
import { randomBase62 } from '../random.ts';
import type { Factor, Login, NotPassed, Passed } from '../server/factor.ts';
import { html } from '../server/html.ts';
import { takeAttempt } from './attempts.ts';
import { base32 } from './base32.ts';
import { tell } from './events.ts';
import { factorsSeal } from './factors-key.ts';
import { editFactors, factorOf, isOpen, readFactors, type TotpRecord, withFactor } from './records.ts';
import { missing } from './strength.ts';
import { textsIn } from './texts/texts.ts';
import { DIGITS, stepOfCode, type TotpAlgorithm } from './totp-code.ts';
import { usablePasskeys } from './usable.ts';

/** Bytes of a secret: as long as the output of HMAC-SHA-1 (RFC 4226, section 4, R6). */
const SECRET = 20;
/** How long there is to confirm a new app, in ms. */
const CONFIRM = 10 * 60_000;

/** Codes of an authenticator app (RFC 6238). */
export const totp: Factor = {
  name: 'totp',
  label: (language) => textsIn(language).totp.label,

  asks(login, { store }) {
    const factors = readFactors(store, login.user.id);
    if (factorOf(factors, 'totp') === undefined) return false;
    return missing(login, factors, usablePasskeys(factors, login.origin).length) === 'factor';
  },

  page(login) {
    const texts = textsIn(login.language);
    return {
      title: texts.totp.title,
      body: html`<p id="code-hint">${texts.totp.hint}</p>
<label for="code">${texts.totp.field}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="9" required autofocus aria-describedby="code-hint problem">`,
      button: texts.continue,
    };
  },

  async answer(login, form, services): Promise<Passed | NotPassed> {
    const texts = textsIn(login.language);
    const user = { id: login.user.id, name: login.name };
    const code = digitsOf(form.get('code'));
    if (code === undefined) return { text: texts.totp.malformed, reason: 'not six digits' };
    const attempt = await takeAttempt(services, 'totp', user);
    if (attempt === undefined) return failed(services, login, texts.tooMany, 'too many wrong codes');
    const reason = useCode(services, user.id, code);
    if (reason !== undefined) {
      attempt.failed();
      return failed(services, login, texts.totp.wrong, reason);
    }
    await attempt.succeeded();
    tell(services, { what: 'factor-used', user, factor: 'totp', more: { address: login.group } });
    return { factor: 'totp', amr: ['otp'], at: services.clock.now() };
  },
};

function failed(services: Services, login: Login, text: string, reason: string): NotPassed {
  const user = { id: login.user.id, name: login.name };
  tell(services, { what: 'factor-failed', user, factor: 'totp', more: { reason, address: login.group } });
  return { text, reason };
}

/** Judges a code and spends its step, in one transaction: of two that come at once with the same code one fails. */
function useCode(services: Services, userId: string, code: string): string | undefined {
  const { store, clock } = services;
  return editFactors(store, userId, (now) => {
    const record = factorOf(now, 'totp');
    if (record === undefined) return { result: 'no app is enrolled' };
    const secret = secretOf(services, userId, record);
    if (secret === undefined) return { result: 'the secret cannot be opened: was the key file replaced?' };
    const step = stepOfCode(secret, code, clock.now(), record.algorithm);
    if (step === undefined) return { result: 'wrong code' };
    if (step <= record.lastStep) return { result: 'code used before' };
    return { factors: withFactor(now, { ...record, lastStep: step, used: clock.now() }), result: undefined };
  });
}

const sealName = (userId: string, id: string): string => `factor/${userId}/${id}`;

function secretOf(
  services: Services,
  userId: string,
  { id, secret }: Pick<TotpRecord, 'id' | 'secret'>,
): Buffer | undefined {
  const opened = factorsSeal(services).open(sealName(userId, id), secret);
  return typeof opened === 'string' ? Buffer.from(opened, 'base64url') : undefined;
}

/** A new app that is not confirmed yet. */
export interface TotpOffer {
  /** Base 32, as people type it. */
  readonly secret: string;
  readonly algorithm: TotpAlgorithm;
}

/** Begins to set up an app; whatever was begun before is void. */
export function offerTotp(services: Services, userId: string, algorithm: TotpAlgorithm): TotpOffer {
  const { store, clock } = services;
  const bytes = randomBytes(SECRET);
  const id = `totp_${randomBase62(12)}`;
  const secret = factorsSeal(services).close(sealName(userId, id), bytes.toString('base64url'));
  editFactors(store, userId, (now) => ({
    factors: { ...now, pending: { ...now.pending, totp: { id, secret, algorithm, expires: clock.now() + CONFIRM } } },
    result: undefined,
  }));
  return { secret: base32(bytes), algorithm };
}

/** What was offered last and can still be confirmed, so that a page can show it again. */
export function offeredTotp(services: Services, userId: string): TotpOffer | undefined {
  const { totp: pending } = readFactors(services.store, userId).pending;
  if (pending === undefined || !isOpen(pending, services.clock)) return undefined;
  const secret = secretOf(services, userId, pending);
  return secret === undefined ? undefined : { secret: base32(secret), algorithm: pending.algorithm };
}

/**
 * Confirms an app with its first code: from then on it is active, in place of the one before it. The code is spent by it.
 * @returns why not, else undefined
 */
export async function confirmTotp(
  services: Services,
  user: { readonly id: string; readonly name: string },
  given: string | undefined,
): Promise<'malformed' | 'late' | 'wrong' | 'locked' | undefined> {
  const { store, clock } = services;
  const code = digitsOf(given);
  if (code === undefined) return 'malformed';
  const attempt = await takeAttempt(services, 'totp', user);
  if (attempt === undefined) return 'locked';
  const result = editFactors<'late' | 'wrong' | { id: string }>(store, user.id, (now) => {
    const pending = now.pending.totp;
    if (pending === undefined || !isOpen(pending, clock)) return { result: 'late' };
    const secret = secretOf(services, user.id, pending);
    const step = secret === undefined ? undefined : stepOfCode(secret, code, clock.now(), pending.algorithm);
    if (step === undefined) return { result: 'wrong' };
    const { id, secret: sealed, algorithm } = pending;
    const record: TotpRecord = {
      kind: 'totp',
      id,
      secret: sealed,
      algorithm,
      lastStep: step,
      created: clock.now(),
      used: null,
    };
    const factors = [...now.factors.filter(({ kind }) => kind !== 'totp'), record];
    const { totp: _, ...rest } = now.pending;
    return { factors: { factors, pending: rest }, result: { id } };
  });
  if (typeof result === 'string') {
    attempt.failed();
    return result;
  }
  await attempt.succeeded();
  tell(services, { what: 'factor-enrolled', user, factor: 'totp', more: { id: result.id } });
  return undefined;
}

/** A code as people type it, spaces and all. */
function digitsOf(given: string | undefined): string | undefined {
  const code = given === undefined || given.length > 20 ? '' : given.replace(/\s/g, '');
  return code.length === DIGITS && /^\d+$/.test(code) ? code : undefined;
}
