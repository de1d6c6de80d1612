import type { KoaContextWithOIDC } from 'oidc-provider';
import { Html, html } from '../html.ts';
import { languageFor, type Texts, textsIn } from '../texts/texts.ts';
import { frame, pageHeaders, problemOf } from './frame.ts';
import { hidden } from './login.ts';

type Ctx = KoaContextWithOIDC;

/** The pages that oidc-provider asks for: device, logout, errors. Those of the interaction are in `login.ts` and `consent.ts`. */
export class Pages {
  readonly #brand: string;

  constructor(brand: string) {
    this.#brand = brand;
  }

  /** @param targets origins that forms on it may lead to */
  page(language: string, title: string, body: Html, scripts?: readonly string[]): string {
    return frame({ language, brand: this.#brand, title, body, scripts });
  }

  async logout(ctx: Ctx, form: string): Promise<void> {
    const token = fieldOf(form, 'xsrf');
    this.#show(
      ctx,
      (texts) => ({
        title: texts.logout,
        body: html`<h1>${texts.logout}</h1>
<p class="lead">${texts.logoutLead(this.#brand)}</p>
<form method="post" action="${actionOf(form)}">
${hidden({ xsrf: token })}
<button type="submit" name="logout" value="yes">${texts.logoutYes}</button>
<button class="second" type="submit">${texts.logoutNo}</button>
</form>`,
      }),
      leadsTo(ctx),
    );
  }

  async loggedOut(ctx: Ctx): Promise<void> {
    this.#show(ctx, (texts) => ({
      title: texts.loggedOut,
      body: html`<h1>${texts.loggedOut}</h1>
<p>${texts.loggedOutLead}</p>`,
    }));
  }

  async deviceCode(ctx: Ctx, form: string, error: unknown): Promise<void> {
    const { name = '', userCode } = (error ?? {}) as { name?: string; userCode?: string };
    this.#show(ctx, (texts) => {
      const problem =
        error === undefined || error === null
          ? undefined
          : name === 'AbortedError'
            ? texts.deviceStopped
            : texts.deviceWrong;
      return {
        title: texts.device,
        body: codeForm(texts, actionOf(form), fieldOf(form, 'xsrf'), userCode ?? '', problem),
      };
    });
  }

  async deviceConfirm(
    ctx: Ctx,
    form: string,
    client: { clientName?: string; clientId: string },
    code: string,
  ): Promise<void> {
    this.#show(ctx, (texts) => ({
      title: texts.deviceConfirm,
      body: html`<h1>${texts.deviceConfirm}</h1>
<p class="lead">${texts.deviceConfirmLead(client.clientName ?? client.clientId)}</p>
<p class="code">${code}</p>
<p class="problem">${texts.deviceWarning}</p>
<form method="post" action="${actionOf(form)}">
${hidden({ xsrf: fieldOf(form, 'xsrf'), user_code: code, confirm: 'yes' })}
<button type="submit">${texts.deviceYes}</button>
<button class="second" type="submit" name="abort" value="yes">${texts.deviceNo}</button>
</form>`,
    }));
  }

  async deviceDone(ctx: Ctx): Promise<void> {
    this.#show(ctx, (texts) => ({
      title: texts.deviceDone,
      body: html`<h1>${texts.deviceDone}</h1>
<p>${texts.deviceDoneLead}</p>`,
    }));
  }

  async error(ctx: Ctx, out: { error: string; error_description?: string }, error: Error): Promise<void> {
    const expired = error.name === 'SessionNotFound';
    this.#show(ctx, (texts) => this.errorParts(texts, expired, out));
  }

  errorParts(
    texts: Texts,
    expired: boolean,
    out: { error: string; error_description?: string },
  ): { title: string; body: Html } {
    const title = expired ? texts.expired : texts.error;
    return {
      title,
      body: html`<h1>${title}</h1>
<p>${expired ? texts.expiredLead : texts.errorLead}</p>
<details class="small"><summary>${texts.detail}</summary>
<dl><dt>error</dt><dd>${out.error}</dd>${out.error_description !== undefined && html`<dt>error_description</dt><dd>${out.error_description}</dd>`}</dl>
</details>`,
    };
  }

  /**
   * oidc-provider goes on to the next page by a script of its own where there was a form to be sent; here a person presses a
   * button, so that no page needs a script.
   */
  withoutScript(ctx: Ctx): void {
    const body = typeof ctx.body === 'string' ? ctx.body : '';
    const action = actionOf(body);
    const fields = [...body.matchAll(/<input type="hidden" name="([a-z_]+)" value="([^"<>]*)"\/>/g)];
    const code = fields.find(([, name]) => name === 'user_code');
    const token = fieldOf(body, 'xsrf');
    this.#show(
      ctx,
      (texts) =>
        code !== undefined
          ? { title: texts.device, body: codeForm(texts, action, token, new Html(code[2] as string), undefined) }
          : {
              title: texts.onward,
              body: html`<h1>${texts.onward}</h1>
<p class="lead">${texts.onwardLead}</p>
<form method="post" action="${action}">
${fields.map(([, name, value]) => html`<input type="hidden" name="${name}" value="${new Html(value as string)}">`)}
<button type="submit">${texts.continue}</button>
</form>`,
            },
      leadsTo(ctx),
    );
  }

  #show(ctx: Ctx, parts: (texts: Texts) => { title: string; body: Html }, targets: readonly string[] = []): void {
    const { ui_locales: locales } = (ctx.oidc?.params ?? {}) as { ui_locales?: string };
    const language = languageFor(locales, ctx.get('accept-language'));
    const { title, body } = parts(textsIn(language));
    ctx.set(pageHeaders(targets));
    ctx.body = this.page(language, title, body);
    ctx.set('content-type', 'text/html; charset=utf-8');
  }
}

function codeForm(texts: Texts, action: string, token: string, code: string | Html, problem: string | undefined): Html {
  return html`<h1>${texts.device}</h1>
<p class="lead">${texts.deviceLead}</p>
${problemOf(problem)}
<form method="post" action="${action}">
${hidden({ xsrf: token })}
<label for="code">${texts.deviceCode}</label>
<input id="code" name="user_code" type="text" value="${code}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus${problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`}>
<button type="submit">${texts.continue}</button>
</form>`;
}

/** The values stand in a form that oidc-provider made, which has them escaped already where they need it. */
const actionOf = (form: string): string => /<form [^>]*action="([^"<>]+)"/.exec(form)?.[1] ?? '';
const fieldOf = (form: string, name: string): string =>
  new RegExp(`name="${name}" value="([A-Za-z0-9_-]*)"`).exec(form)?.[1] ?? '';

/** Where the answer to a form may redirect to: the application that waits for the user. */
function leadsTo(ctx: Ctx): string[] {
  const uris = [...(ctx.oidc?.client?.postLogoutRedirectUris ?? []), ...(ctx.oidc?.client?.redirectUris ?? [])];
  return targetsOf(uris);
}

/** Origins (or schemes, of applications on a device) of URIs, as CSP writes them. */
export function targetsOf(uris: readonly string[]): string[] {
  const sources = uris.flatMap((uri) => {
    if (!URL.canParse(uri)) return [];
    const url = new URL(uri);
    return [url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : url.protocol];
  });
  return [...new Set(sources)];
}
