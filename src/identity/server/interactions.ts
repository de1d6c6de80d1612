import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Services } from '../../gateway/services.ts';
import { equalSecrets } from '../../shared/secrets.ts';
import { type ClientRecord, findClient } from '../clients.ts';
import { findUser } from '../users.ts';
import { accountOf, rolesFor } from './accounts.ts';
import { acrOf, amrOf, type Factor, type Login, reaches } from './factor.ts';
import { readForm } from './form.ts';
import { rememberConsent } from './grants.ts';
import type { Html } from './html.ts';
import type { Logins, Progress, StepResult } from './login.ts';
import { consentPage } from './pages/consent.ts';
import { pageHeaders } from './pages/frame.ts';
import { factorPage, loginPage } from './pages/login.ts';
import { type Pages, targetsOf } from './pages/pages.ts';
import { fillGrant, INTERACTION } from './provider.ts';
import type { Seal } from './seal.ts';
import { languageFor, spanText, type Texts, textsIn } from './texts/texts.ts';

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Who asks: address, and its group as lock-outs count it. */
export interface Caller {
  readonly address: string;
  readonly group: string;
}

export interface InteractionContext {
  readonly services: Services;
  readonly provider: () => Provider;
  readonly issuer: string;
  readonly resource: string;
  readonly pages: Pages;
  readonly logins: Logins;
  readonly seal: Seal;
  readonly factors: readonly Factor[];
}

interface Turn {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly details: Details;
  readonly caller: Caller;
  readonly client: { readonly id: string; readonly record: ClientRecord };
  readonly language: string;
  readonly texts: Texts;
}

/** Login and consent: what a person meets between an application's request and its answer. */
export class Interactions {
  readonly #context: InteractionContext;

  constructor(context: InteractionContext) {
    this.#context = context;
  }

  /**
   * Answers a request below {@link INTERACTION}.
   * @throws what `interactionDetails` throws where the browser that asks is not the one the interaction began in
   */
  async handle(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    const { services } = this.#context;
    const details = await this.#context.provider().interactionDetails(req, res);
    const params = details.params as { client_id: string; ui_locales?: string };
    const record = findClient(services.store, params.client_id);
    if (req.url !== `${INTERACTION}${details.uid}` || record === undefined) return this.#gone(req, res);
    const language = languageFor(params.ui_locales, req.headers['accept-language']);
    const client = { id: params.client_id, record };
    const turn: Turn = { req, res, details, caller, client, language, texts: textsIn(language) };
    if (req.method === 'GET' || req.method === 'HEAD') return this.#show(turn);
    if (req.method !== 'POST') {
      res.writeHead(405, { allow: 'GET, POST', 'content-length': 0 }).end();
      return;
    }
    const form = this.#fromHere(req) ? await readForm(req) : undefined;
    if (form === undefined || !equalSecrets(form.get('token') ?? '', this.#token(details))) return this.#gone(req, res);
    if (form.get('action') === 'cancel') return this.#cancel(turn);
    if (details.prompt.name === 'consent') return this.#consented(turn);
    return this.#loginStep(turn, form);
  }

  /** The form's token: of this interaction and this step of it. Without the cookie of the interaction nobody gets here. */
  #token(details: Details): string {
    return this.#context.seal.tokenOf(details.prompt.name, details.uid);
  }

  /** Browsers say where a form comes from; where one does, it must be from here. */
  #fromHere(req: IncomingMessage): boolean {
    const { origin } = req.headers;
    const site = req.headers['sec-fetch-site'];
    // `null`: pages with the policy no-referrer send it.
    if (origin !== undefined && origin !== this.#context.issuer && origin !== 'null') return false;
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  async #show(turn: Turn, problem?: string, status = 200): Promise<void> {
    return turn.details.prompt.name === 'consent' ? this.#showConsent(turn) : this.#showLogin(turn, problem, status);
  }

  async #showLogin(turn: Turn, problem?: string, status = 200, chosen?: string, named?: string): Promise<void> {
    const { details, texts, client } = turn;
    const form = { action: `${INTERACTION}${details.uid}`, token: this.#token(details), problem };
    const progress = this.#context.logins.progress(details.uid);
    if (progress === undefined) {
      const hint = (details.params as { login_hint?: string }).login_hint ?? '';
      const name = named ?? (/^[^\p{C}]{1,128}$/u.test(hint) ? hint : '');
      return this.#send(turn, status, texts.login, loginPage(texts, client.record.name, name, form));
    }
    const login = this.#login(turn, progress);
    if (login === undefined) return this.#startOver(turn);
    const asking = await this.#asking(login, progress);
    if (asking.length === 0) return this.#loggedIn(turn, login);
    const factor = asking.find(({ name }) => name === chosen) ?? (asking[0] as Factor);
    const own = { ...login, state: progress.states[factor.name] ?? {} };
    const page = await factor.page(own, this.#context.services);
    this.#context.logins.keep(details.uid, { ...progress, states: { ...progress.states, [factor.name]: own.state } });
    const others = asking
      .filter((one) => one !== factor)
      .map((one) => ({ name: one.name, label: one.label(turn.language) }));
    const body = factorPage(texts, progress.name, factor.name, page, others, form);
    return this.#send(turn, status, page.title, body, page.scripts);
  }

  async #loginStep(turn: Turn, form: ReadonlyMap<string, string>): Promise<void> {
    const { logins } = this.#context;
    const { details, caller } = turn;
    const progress = logins.progress(details.uid);
    if (progress === undefined) {
      const result = await logins.password(form.get('name') ?? '', form.get('password') ?? '', caller.group);
      if ('refused' in result) return this.#refused(turn, 'password', undefined, result, form.get('name'));
      logins.keep(details.uid, { name: result.name, passed: [result.passed], states: {} });
      return this.#showLogin(turn);
    }
    const login = this.#login(turn, progress);
    if (login === undefined) return this.#startOver(turn);
    const asking = await this.#asking(login, progress);
    const factor = asking.find(({ name }) => name === form.get('factor'));
    if (factor === undefined || form.get('action') === 'choose')
      return this.#showLogin(turn, undefined, 200, factor?.name);
    const own = { ...login, state: progress.states[factor.name] ?? {} };
    const result = await logins.factor(factor, own, form);
    const states = { ...progress.states, [factor.name]: own.state };
    if ('refused' in result) {
      logins.keep(details.uid, { ...progress, states });
      return this.#refused(turn, factor.name, progress.name, result);
    }
    logins.keep(details.uid, { ...progress, states, passed: [...progress.passed, result.passed] });
    return this.#showLogin(turn);
  }

  async #refused(
    turn: Turn,
    factor: string,
    user: string | undefined,
    result: Exclude<StepResult, { passed: unknown }>,
    named?: string,
  ): Promise<void> {
    const { texts, caller, client, res } = turn;
    const { refused, reason, retryAfter, text } = result;
    // What was typed as a name may be a password: only names of accounts that exist are recorded, and those by the lock-out.
    this.#event('login-refused', 'a login was refused', {
      factor,
      reason,
      user,
      client: client.id,
      address: caller.address,
    });
    this.#context.services.count('portcullis_logins_total', { outcome: refused });
    if (retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
    const problem =
      refused === 'locked'
        ? texts.locked(spanText(retryAfter ?? 1, texts))
        : refused === 'busy'
          ? texts.busy
          : (text ?? texts.wrong);
    const status = refused === 'locked' ? 429 : refused === 'busy' ? 503 : 400;
    return this.#showLogin(turn, problem, status, factor, named?.slice(0, 128));
  }

  #asking(login: Login, progress: Progress): Promise<Factor[]> {
    const { factors, services } = this.#context;
    return Promise.all(
      factors.map((factor) => factor.asks({ ...login, state: progress.states[factor.name] ?? {} }, services)),
    ).then((answers) => factors.filter((_, index) => answers[index]));
  }

  /** @returns undefined where the user is gone or disabled, or has another password by now */
  #login({ details, caller, client, language }: Turn, { name, passed }: Progress): Login | undefined {
    const user = findUser(this.#context.services.store, name);
    const began = passed[0]?.at ?? 0;
    if (user === undefined || user.disabled || (user.changed !== user.created && user.changed >= began))
      return undefined;
    const wanted = String((details.params as { acr_values?: string }).acr_values ?? '');
    return {
      name,
      user,
      client: { id: client.id, name: client.record.name },
      acrValues: wanted.split(' ').filter((one) => one !== ''),
      passed,
      address: caller.address,
      group: caller.group,
      origin: this.#context.issuer,
      language,
      state: {},
    };
  }

  async #startOver(turn: Turn): Promise<void> {
    this.#context.logins.forget(turn.details.uid);
    return this.#showLogin(turn, turn.texts.wrong, 400);
  }

  async #loggedIn(turn: Turn, login: Login): Promise<void> {
    const { details, req, res, caller, client } = turn;
    this.#context.logins.forget(details.uid);
    const acr = acrOf(login.passed);
    const evidence = {
      user: login.name,
      client: client.id,
      address: caller.address,
      acr,
      factors: login.passed.map((one) => one.factor),
    };
    if (login.acrValues.length > 0 && !login.acrValues.some((wanted) => reaches(acr, wanted))) {
      this.#event('login-refused', 'a stronger login was asked for than this user can give', evidence);
      const error = {
        error: 'unmet_authentication_requirements',
        error_description: 'the login asked for could not be reached',
      };
      return this.#context.provider().interactionFinished(req, res, error, { mergeWithLastSubmission: false });
    }
    this.#event('login', 'a user has signed in', evidence);
    this.#context.services.count('portcullis_logins_total', { outcome: 'in' });
    const result = { login: { accountId: login.user.id, acr, amr: amrOf(login.passed), remember: true } };
    return this.#context.provider().interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }

  async #cancel({ details, req, res, client, caller }: Turn): Promise<void> {
    this.#context.logins.forget(details.uid);
    const note = details.prompt.name === 'consent' ? 'a user did not consent' : 'a user has broken off a login';
    this.#event('cancelled', note, { user: details.session?.accountId, client: client.id, address: caller.address });
    const error = { error: 'access_denied', error_description: 'the user did not go on' };
    return this.#context.provider().interactionFinished(req, res, error, { mergeWithLastSubmission: false });
  }

  async #showConsent(turn: Turn): Promise<void> {
    const { details, texts, client } = turn;
    const account = accountOf(this.#context.services.store, details.session?.accountId ?? '', undefined);
    if (account === undefined) return this.#gone(turn.req, turn.res);
    const { record, name } = account.user;
    const scopes = askedScopes(details).filter(
      (scope) => isOwn(scope) || (client.record.scopes.includes(scope) && record.scopes.includes(scope)),
    );
    const body = consentPage(texts, {
      client: client.record.name,
      contact: client.record.contact,
      user: name,
      scopes,
      roles: rolesFor(record, client.record),
      action: `${INTERACTION}${details.uid}`,
      token: this.#token(details),
    });
    this.#send(turn, 200, texts.consent(client.record.name), body);
  }

  async #consented(turn: Turn): Promise<void> {
    const { details, req, res, client, caller } = turn;
    const { services, resource } = this.#context;
    const provider = this.#context.provider();
    const accountId = details.session?.accountId ?? '';
    const account = accountOf(services.store, accountId, undefined);
    if (account === undefined) return this.#gone(req, res);
    const known = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId: client.id });
    const asked = askedScopes(details);
    const given = fillGrant(grant, asked, account.user.record.scopes, client.record.scopes, resource);
    const grantId = await grant.save();
    rememberConsent(services.store, services.clock, accountId, client.id, asked);
    const evidence = {
      user: account.user.name,
      client: client.id,
      scopes: given,
      grant: grantId,
      address: caller.address,
    };
    this.#event('consent', 'a user has consented', evidence);
    return provider.interactionFinished(req, res, { consent: { grantId } }, { mergeWithLastSubmission: true });
  }

  #gone(req: IncomingMessage, res: ServerResponse): void {
    const language = languageFor(undefined, req.headers['accept-language']);
    const { pages } = this.#context;
    const { title, body } = pages.errorParts(textsIn(language), true, { error: 'session_not_found' });
    res.writeHead(400, pageHeaders());
    res.end(pages.page(language, title, body));
  }

  #send(
    { res, language, details, req }: Turn,
    status: number,
    title: string,
    body: Html,
    scripts?: readonly string[],
  ): void {
    const uri = (details.params as { redirect_uri?: string }).redirect_uri;
    res.writeHead(status, pageHeaders(targetsOf(uri === undefined ? [] : [uri])));
    res.end(req.method === 'HEAD' ? undefined : this.#context.pages.page(language, title, body, scripts));
  }

  #event(what: string, note: string, evidence: Record<string, unknown>): void {
    this.#context.services.event({ event: `identity/${what}`, note, evidence });
  }
}

const askedScopes = (details: Details): string[] => [
  ...new Set(
    String((details.params as { scope?: string }).scope ?? '')
      .split(' ')
      .filter((one) => one !== ''),
  ),
];
const isOwn = (scope: string): boolean => scope === 'openid' || scope === 'profile' || scope === 'offline_access';
