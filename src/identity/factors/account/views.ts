import { escaped, Html, html } from '../../server/html.ts';
import { problemOf } from '../../server/pages/frame.ts';
import { hidden } from '../../server/pages/login.ts';
import { passkeyFields } from '../passkey.ts';
import { qrCode, qrSvg } from '../qr/qr-code.ts';
import type { FactorInfo } from '../records.ts';
import { textsIn } from '../texts/texts.ts';
import type { TotpOffer } from '../totp.ts';
import { otpauthUri } from '../totp-code.ts';

/** What every form of these pages holds. */
export interface Frame {
  readonly language: string;
  readonly action: string;
  readonly token: string;
  readonly problem?: string;
  /** What has just been done. */
  readonly done?: string;
}

export interface View {
  readonly title: string;
  readonly body: Html;
}

/** A form with one button. */
const button = (frame: Frame, fields: Readonly<Record<string, string>>, label: string, second = false): Html =>
  html`<form method="post" action="${frame.action}">${hidden({ token: frame.token, ...fields })}<button type="submit"${second && html` class="second"`}>${label}</button></form>`;

const dated = (time: number | null, never: string): Html =>
  time === null
    ? html`${never}`
    : html`<time datetime="${new Date(time).toISOString()}">${new Date(time).toISOString().slice(0, 10)}</time>`;

/** What is enrolled, and what can be. */
export function overview(frame: Frame, who: string, factors: readonly FactorInfo[], passkeys: boolean): View {
  const texts = textsIn(frame.language).account;
  const names: Record<FactorInfo['kind'], string> = { totp: texts.app, passkey: texts.passkeys, recovery: texts.codes };
  const has = (kind: FactorInfo['kind']): boolean => factors.some((one) => one.kind === kind);
  const real = has('totp') || has('passkey');
  const body = html`<h1>${texts.title}</h1>
<p class="lead">${who}</p>
${problemOf(frame.problem)}
${frame.done !== undefined && html`<p role="status"><strong>${frame.done}</strong></p>`}
<p>${texts.intro}</p>
${factors.length === 0 && html`<p>${texts.none}</p>`}
${factors.map((one) => {
  const name = one.name === '' ? names[one.kind] : one.name;
  return html`<section>
<h2>${name}</h2>
<dl>
${one.state === 'cloned' && html`<dt class="problem">${texts.cloned}</dt><dd></dd>`}
${one.left !== undefined && html`<dt>${texts.left}</dt><dd>${one.left}</dd>`}
<dt>${texts.added}</dt><dd>${dated(one.created, texts.never)}</dd>
<dt>${texts.used}</dt><dd>${dated(one.used, texts.never)}</dd>
</dl>
${button(frame, { action: 'remove', id: one.id }, `${texts.removeLabel} ${name}`, true)}
</section>`;
})}
${real && !has('recovery') && html`<p class="problem">${texts.makeCodesNow}</p>`}
<section>
<h2>${texts.app}</h2>
<p class="small">${texts.appHint}</p>
${button(frame, { action: 'app', algorithm: 'SHA1' }, has('totp') ? texts.replaceApp : texts.addApp, real)}
<details><summary>${texts.algorithm}</summary>
${button(frame, { action: 'app', algorithm: 'SHA256' }, `${texts.addApp}: ${texts.sha256}`, true)}
</details>
</section>
${
  passkeys &&
  html`<section>
<h2>${texts.passkeys}</h2>
<p class="small">${texts.passkeysHint}</p>
${button(frame, { action: 'passkey' }, texts.addPasskey, real)}
</section>`
}
<section>
<h2>${texts.codes}</h2>
<p class="small">${texts.codesHint}</p>
${real && button(frame, { action: 'codes' }, has('recovery') ? texts.renewCodes : texts.makeCodes, has('recovery'))}
</section>`;
  return { title: texts.title, body };
}

/** A new app: its key as a code for the camera and as text, and the field for its first code. */
export function appView(frame: Frame, who: string, service: string, { secret, algorithm }: TotpOffer): View {
  const { account: texts, totp } = textsIn(frame.language);
  const uri = otpauthUri(secret, who, service, algorithm);
  const code = qrCode(uri);
  const body = html`<h1>${texts.appTitle}</h1>
${problemOf(frame.problem)}
<p>${texts.scan}</p>
${code !== undefined && new Html(qrSvg(code, escaped(texts.qr)))}
<dl>
<dt>${texts.key}</dt><dd><code>${secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></dd>
<dt>${texts.algorithm}</dt><dd>${algorithm === 'SHA1' ? 'SHA-1' : 'SHA-256'}, ${texts.kind}</dd>
</dl>
<p><a href="${uri}">${texts.open}</a></p>
<form method="post" action="${frame.action}">
${hidden({ token: frame.token, action: 'app-confirm' })}
<p id="code-hint">${texts.confirmHint}</p>
<label for="code">${totp.field}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="9" required aria-describedby="code-hint${frame.problem !== undefined && ' problem'}"${frame.problem !== undefined && html` aria-invalid="true"`}>
<button type="submit">${texts.confirm}</button>
</form>
${back(frame)}`;
  return { title: texts.appTitle, body };
}

/** A new passkey: needs the script. */
export function passkeyView(frame: Frame, options: object): View {
  const texts = textsIn(frame.language).account;
  const body = html`<h1>${texts.passkeyTitle}</h1>
${problemOf(frame.problem)}
<form method="post" action="${frame.action}">
${hidden({ token: frame.token, action: 'passkey-confirm' })}
<label for="name">${texts.passkeyName}</label>
<input id="name" name="name" value="${texts.passkeyNameDefault}" maxlength="60" autocomplete="off" required>
${passkeyFields(frame.language, 'create', options)}
<button type="submit">${texts.create}</button>
</form>
${back(frame)}`;
  return { title: texts.passkeyTitle, body };
}

/** New recovery codes, this once. */
export function codesView(frame: Frame, codes: readonly string[]): View {
  const texts = textsIn(frame.language).account;
  const body = html`<h1>${texts.codesTitle}</h1>
<p>${texts.codesOnce}</p>
<ol>
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ol>
<form method="get" action="${frame.action}"><button type="submit">${texts.done}</button></form>`;
  return { title: texts.codesTitle, body };
}

const back = (frame: Frame): Html =>
  html`<form method="get" action="${frame.action}"><button class="second" type="submit">${textsIn(frame.language).back}</button></form>`;
