import type { Services } from '../../gateway/services.ts';
import type { Factor, FactorPage, Login, NotPassed, Passed } from '../server/factor.ts';
import { type Html, html } from '../server/html.ts';
import { findUserById } from '../users.ts';
import { type Challenge, newChallenge, PASSKEY_TIME, spend } from './challenges.ts';
import { tell } from './events.ts';
import { PASSKEY_ASSET, PASSKEY_SCRIPT } from './passkey-script.ts';
import { readAnswer, USE_FIELDS, verifyPasskey } from './passkey-verify.ts';
import { factorOf, ownerOfPasskey, type PasskeyRecord, passkeysOf, readFactors } from './records.ts';
import { missing } from './strength.ts';
import { textsIn } from './texts/texts.ts';
import { passkeyHost, usablePasskeys } from './usable.ts';

/** Passkeys (WebAuthn level 3). Who uses one has it and was verified by it: two factors in one, and none can be phished. */
export const passkey: Factor = {
  name: 'passkey',
  label: (language) => textsIn(language).passkey.label,

  asks(login, { store }) {
    const factors = readFactors(store, login.user.id);
    const usable = usablePasskeys(factors, login.origin).length;
    const need = missing(login, factors, usable);
    if (usable > 0) return need !== 'nothing';
    // None can be used here, and there is nothing else: it must be asked for in vain, or the password alone would do.
    return need !== 'nothing' && passkeysOf(factors).length > 0 && factorOf(factors, 'totp') === undefined;
  },

  page(login, services) {
    const texts = textsIn(login.language).passkey;
    const passkeys = usablePasskeys(readFactors(services.store, login.user.id), login.origin);
    if (passkeys.length === 0)
      return { title: texts.title, body: html`<p>${texts.unusable}</p>`, button: textsIn(login.language).continue };
    const challenge = newChallenge(services);
    login.state = { ...challenge };
    return ceremony(login.language, useOptions(challenge, passkeyHost(login.origin), passkeys));
  },

  async answer(login, form, services): Promise<Passed | NotPassed> {
    const texts = textsIn(login.language).passkey;
    const given = login.state;
    login.state = {};
    const user = { id: login.user.id, name: login.name };
    const result = await judge(services, user, login, given, form.get('response'));
    return 'passkey' in result
      ? passed(services, user, login, result.passkey)
      : { ...result, text: texts[result.text] };
  },

  assets: { [PASSKEY_ASSET]: { type: 'text/javascript; charset=utf-8', body: PASSKEY_SCRIPT } },
};

/** What both ways in know of the request. */
type Asking = Pick<Login, 'origin' | 'language' | 'group'>;
type Problem = { readonly text: 'wrong' | 'late' | 'cloned'; readonly reason: string };

async function judge(
  services: Services,
  user: { readonly id: string; readonly name: string } | undefined,
  { origin, group }: Asking,
  state: unknown,
  response: string | undefined,
): Promise<{ readonly passkey: PasskeyRecord } | Problem> {
  const challenge = await spend(services, state);
  if (challenge === undefined) return { text: 'late', reason: 'no challenge that can be answered' };
  const answer = readAnswer(response, USE_FIELDS);
  const result =
    answer === undefined || user === undefined
      ? { reason: answer === undefined ? 'not an answer of an authenticator' : 'a passkey of nobody' }
      : await verifyPasskey(services, user, origin, challenge, answer);
  if ('passkey' in result) return result;
  const more = { reason: result.reason, address: group };
  if (user !== undefined) tell(services, { what: 'factor-failed', user, factor: 'passkey', more });
  return { text: 'cloned' in result ? 'cloned' : 'wrong', reason: result.reason };
}

function passed(
  services: Services,
  user: { id: string; name: string },
  { group }: Asking,
  record: PasskeyRecord,
): Passed {
  tell(services, { what: 'factor-used', user, factor: 'passkey', more: { id: record.id, address: group } });
  // RFC 8176: of hardware, or of software where copies of it travel; `user`: a test of presence; `mfa`: has it, and was verified.
  const amr = [record.synced ? 'swk' : 'hwk', 'user', 'mfa'];
  return { factor: 'passkey', amr, phishingResistant: true, at: services.clock.now() };
}

/** A login that begins with a passkey: neither name nor password is asked for, the authenticator knows both. */
export const passkeyLogin = {
  /** @param state is kept by the server until the answer comes, and is never sent */
  page(asking: Asking, services: Services): { readonly page: FactorPage; readonly state: Challenge } {
    const state = newChallenge(services);
    return { page: ceremony(asking.language, useOptions(state, passkeyHost(asking.origin), [])), state };
  },

  async answer(
    asking: Asking,
    state: unknown,
    form: ReadonlyMap<string, string>,
    services: Services,
  ): Promise<{ readonly name: string; readonly passed: Passed } | NotPassed> {
    const response = form.get('response');
    const credential = readAnswer(response, USE_FIELDS)?.id;
    const owner = credential === undefined ? undefined : ownerOfPasskey(services.store, credential);
    const found = owner === undefined ? undefined : findUserById(services.store, owner);
    const user = found === undefined ? undefined : { id: found.record.id, name: found.name };
    const result = await judge(services, user, asking, state, response);
    const texts = textsIn(asking.language).passkey;
    if (!('passkey' in result)) return { reason: result.reason, text: texts[result.text] };
    if (user === undefined || found?.record.disabled !== false) return { reason: 'disabled', text: texts.wrong };
    return { name: user.name, passed: passed(services, user, asking, result.passkey) };
  },
};

/** Options of `navigator.credentials.get` (WebAuthn, section 5.5), as JSON. */
const useOptions = ({ challenge }: Challenge, host: string | undefined, passkeys: readonly PasskeyRecord[]) => ({
  challenge,
  rpId: host,
  timeout: PASSKEY_TIME,
  userVerification: 'required',
  allowCredentials: passkeys.map(({ credential, transports }) => ({ id: credential, type: 'public-key', transports })),
});

function ceremony(language: string, options: object): FactorPage {
  const texts = textsIn(language).passkey;
  return {
    title: texts.title,
    body: passkeyFields(language, 'get', options),
    button: texts.button,
    scripts: [PASSKEY_ASSET],
  };
}

/** What the script needs of a page, and what is said where it does not run. */
export function passkeyFields(language: string, kind: 'get' | 'create', options: object): Html {
  const { passkey: texts, account } = textsIn(language);
  return html`<div id="passkey" hidden data-ceremony="${kind}" data-options="${JSON.stringify(options)}" data-cancelled="${texts.cancelled}" data-known="${account.known}">
<p>${texts.hint}</p>
<p class="problem" id="passkey-problem" role="alert" tabindex="-1" hidden></p>
</div>
<noscript><p class="problem">${texts.noScript}</p></noscript>
<input type="hidden" name="response" value="">`;
}
