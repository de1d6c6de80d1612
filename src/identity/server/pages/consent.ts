import { type Html, html } from '../html.ts';
import type { Texts } from '../texts/texts.ts';
import { hidden } from './login.ts';

export interface ConsentView {
  readonly client: string;
  readonly contact: string;
  readonly user: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly action: string;
  readonly token: string;
}

/** What an application asks for, and whether it may have it. */
export function consentPage(texts: Texts, view: ConsentView): Html {
  const lines = [
    ...view.scopes.map((scope) => scopeText(texts, scope)),
    ...(view.roles.length > 0 ? [texts.roles(view.roles.join(', '))] : []),
  ];
  return html`<h1>${texts.consent(view.client)}</h1>
<p class="lead">${texts.signedInAs(view.user)}</p>
<p>${texts.consentLead(view.client)}${view.contact !== '' && ` ${texts.contact(view.contact)}`}</p>
${
  lines.length === 0
    ? html`<p>${texts.consentNothing}</p>`
    : html`<p>${texts.consentList}</p>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}
<p class="small">${texts.consentEnds}</p>
<form method="post" action="${view.action}">
${hidden({ token: view.token })}
<button type="submit" name="action" value="allow">${texts.allow}</button>
<button class="second" type="submit" name="action" value="cancel">${texts.deny}</button>
</form>`;
}

function scopeText(texts: Texts, scope: string): string {
  if (scope === 'openid') return texts.scopeOpenid;
  if (scope === 'profile') return texts.scopeProfile;
  return scope === 'offline_access' ? texts.scopeOffline : texts.scope(scope);
}
