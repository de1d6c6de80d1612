import type { FactorPage } from '../factor.ts';
import { type Html, html } from '../html.ts';
import type { Texts } from '../texts/texts.ts';
import { problemOf } from './frame.ts';

/** Hidden fields of a form of ours. */
export const hidden = (fields: Readonly<Record<string, string>>): Html[] =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);

const cancel = (texts: Texts): Html =>
  html`<button class="second" type="submit" name="action" value="cancel" formnovalidate>${texts.cancel}</button>`;

interface Form {
  readonly action: string;
  readonly token: string;
  readonly problem?: string;
}

/** User name and password. */
export function loginPage(texts: Texts, client: string, name: string, { action, token, problem }: Form): Html {
  const described = problem === undefined ? undefined : html` aria-invalid="true" aria-describedby="problem"`;
  return html`<h1>${texts.login}</h1>
<p class="lead">${texts.loginFor(client)}</p>
${problemOf(problem)}
<form method="post" action="${action}">
${hidden({ token })}
<label for="name">${texts.name}</label>
<input id="name" name="name" type="text" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="256" required${described}${name === '' && html` autofocus`}>
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${described}${name !== '' && html` autofocus`}>
<button type="submit" name="action" value="password">${texts.continue}</button>
${cancel(texts)}
</form>`;
}

/** A step after the password. */
export function factorPage(
  texts: Texts,
  who: string,
  factor: string,
  page: FactorPage,
  others: readonly { readonly name: string; readonly label: string }[],
  { action, token, problem }: Form,
): Html {
  return html`<h1>${page.title}</h1>
<p class="lead">${texts.signedInAs(who)}</p>
${problemOf(problem)}
<form method="post" action="${action}" id="factor">
${hidden({ token, factor })}
${page.body}
<button type="submit" name="action" value="factor">${page.button}</button>
${cancel(texts)}
</form>
${
  others.length > 0 &&
  html`<form method="post" action="${action}">
${hidden({ token, action: 'choose' })}
<p class="small">${texts.otherWay}</p>
${others.map(({ name, label }) => html`<button class="second" type="submit" name="factor" value="${name}">${label}</button>\n`)}</form>`
}`;
}
