import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Services } from '../../gateway/services.ts';
import { randomBase62 } from '../random.ts';
import type { Factor, Login, NotPassed, Passed } from '../server/factor.ts';
import { html } from '../server/html.ts';
import { takeAttempt } from './attempts.ts';
import { tell } from './events.ts';
import { factorsSeal } from './factors-key.ts';
import { editFactors, factorOf, hasFactor, type RecoveryRecord, readFactors, withFactor } from './records.ts';
import { missing } from './strength.ts';
import { textsIn } from './texts/texts.ts';
import { usablePasskeys } from './usable.ts';

const CODES = 10;
/** Characters of a code, 5 bits each. */
const LENGTH = 12;
/** Crockford's base 32: none of its characters looks like another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Codes on paper, for when everything else is lost. */
export const recovery: Factor = {
  name: 'recovery',
  label: (language) => textsIn(language).recovery.label,

  asks(login, { store }) {
    const factors = readFactors(store, login.user.id);
    const record = factorOf(factors, 'recovery');
    if (record === undefined || record.codes.length === 0 || !hasFactor(factors)) return false;
    return missing(login, factors, usablePasskeys(factors, login.origin).length) === 'factor';
  },

  page(login) {
    const texts = textsIn(login.language);
    return {
      title: texts.recovery.title,
      body: html`<p id="code-hint">${texts.recovery.hint}</p>
<label for="code">${texts.recovery.field}</label>
<input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40" required autofocus aria-describedby="code-hint problem">`,
      button: texts.continue,
    };
  },

  async answer(login, form, services): Promise<Passed | NotPassed> {
    const texts = textsIn(login.language);
    const user = { id: login.user.id, name: login.name };
    const attempt = await takeAttempt(services, 'recovery', user);
    if (attempt === undefined) return failed(services, login, texts.tooMany, 'too many wrong codes');
    const left = spendCode(services, user.id, codeIn(form.get('code')));
    if (left === undefined) {
      attempt.failed();
      return failed(services, login, texts.recovery.wrong, 'wrong code');
    }
    await attempt.succeeded();
    tell(services, { what: 'factor-used', user, factor: 'recovery', more: { left, address: login.group } });
    // RFC 8176 has no name for it, and `otp` would let it pass for an app's code.
    return { factor: 'recovery', amr: ['recovery'], at: services.clock.now() };
  },
};

function failed(services: Services, login: Login, text: string, reason: string): NotPassed {
  const user = { id: login.user.id, name: login.name };
  tell(services, { what: 'factor-failed', user, factor: 'recovery', more: { reason, address: login.group } });
  return { text, reason };
}

/** A code as people type it: any case, with or without hyphens, letters that are taken for digits. */
function codeIn(given: string | undefined): string {
  if (given === undefined || given.length > 100) return '';
  return given.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
}

const digestOf = (services: Services, userId: string, code: string): string =>
  factorsSeal(services).nameOf('recovery', `${userId}\0${code}`);

/** Spends a code. All that are left are compared, in constant time. @returns how many are left; undefined: it is none */
function spendCode(services: Services, userId: string, code: string): number | undefined {
  const given = Buffer.from(digestOf(services, userId, code));
  return editFactors(services.store, userId, (now) => {
    const record = factorOf(now, 'recovery');
    let found: string | undefined;
    for (const one of record?.codes ?? []) {
      const digest = Buffer.from(one);
      if (digest.length === given.length && timingSafeEqual(digest, given)) found = one;
    }
    if (record === undefined || found === undefined) return { result: undefined };
    const codes = record.codes.filter((one) => one !== found);
    return { factors: withFactor(now, { ...record, codes, used: services.clock.now() }), result: codes.length };
  });
}

/**
 * Makes new codes; the old ones end. They are shown this once.
 * @returns the codes as people are shown them; undefined where there is no factor that they could stand in for
 */
export function makeRecoveryCodes(
  services: Services,
  user: { readonly id: string; readonly name: string },
): string[] | undefined {
  const codes = Array.from({ length: CODES }, newCode);
  const record: RecoveryRecord = {
    kind: 'recovery',
    id: `recovery_${randomBase62(12)}`,
    codes: codes.map((code) => digestOf(services, user.id, code)),
    created: services.clock.now(),
    used: null,
  };
  const made = editFactors(services.store, user.id, (now) => {
    if (!hasFactor(now)) return { result: false };
    const factors = [...now.factors.filter(({ kind }) => kind !== 'recovery'), record];
    return { factors: { ...now, factors }, result: true };
  });
  if (!made) return undefined;
  tell(services, { what: 'factor-enrolled', user, factor: 'recovery', more: { id: record.id, codes: CODES } });
  return codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'));
}

const newCode = (): string => Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte & 31]).join('');
