import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Services } from '../../../gateway/services.ts';
import { equalSecrets } from '../../../shared/secrets.ts';
import { accountOf } from '../../server/accounts.ts';
import { ACR, reaches } from '../../server/factor.ts';
import { readForm } from '../../server/form.ts';
import { html } from '../../server/html.ts';
import { pageHeaders } from '../../server/pages/frame.ts';
import type { Pages } from '../../server/pages/pages.ts';
import type { Seal } from '../../server/seal.ts';
import { languageFor } from '../../server/texts/texts.ts';
import { tell } from '../events.ts';
import { enrolPasskey, offerPasskey } from '../passkey-enrol.ts';
import { PASSKEY_ASSET } from '../passkey-script.ts';
import { hasFactor, infoOf, readFactors, removeFactor } from '../records.ts';
import { makeRecoveryCodes } from '../recovery.ts';
import { textsIn } from '../texts/texts.ts';
import { confirmTotp, offeredTotp, offerTotp } from '../totp.ts';
import { passkeyHost } from '../usable.ts';
import { keepAccountClient, signInAddress } from './account-client.ts';
import { appView, codesView, type Frame, overview, passkeyView, type View } from './views.ts';

/** Path of the pages on which a user manages factors. */
export const ACCOUNT = '/account/factors';
const APP = `${ACCOUNT}/app`;

/** A login may not be older where factors are changed, in ms: who finds an open browser must not get in for good. */
const FRESH = 10 * 60_000;

/** Who is signed in in this browser. */
export interface AccountSession {
  readonly accountId: string;
  /** Stays the same for one session; no secret leaves with it. */
  readonly uid: string;
  readonly acr: string;
  /** Of the login, in seconds. */
  readonly loginTs: number;
}

export interface AccountContext {
  readonly services: Services;
  /** Origin of the server, and where its logins begin. */
  readonly issuer: string;
  readonly authorize: string;
  readonly title: string;
  readonly pages: Pick<Pages, 'page'>;
  readonly seal: Pick<Seal, 'tokenOf'>;
  /** The session of the browser that asks; undefined where there is none. */
  sessionOf(req: IncomingMessage, res: ServerResponse): Promise<AccountSession | undefined>;
}

interface Turn {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly frame: Frame;
  readonly user: { readonly id: string; readonly name: string };
  readonly address: string;
}

/** The pages on which users enrol and remove factors. What they change asks for a fresh login with all that is enrolled. */
export class AccountPages {
  readonly #context: AccountContext;

  constructor(context: AccountContext) {
    this.#context = context;
    const { services, title, issuer } = context;
    keepAccountClient(services.store, services.clock, title, `${issuer}${ACCOUNT}`);
  }

  /** Whether a path is one of these pages. */
  static has(path: string): boolean {
    return path === ACCOUNT || path === APP;
  }

  /** Answers a request to one of these pages. @param caller address of the client, for the record */
  async handle(req: IncomingMessage, res: ServerResponse, caller: { readonly address: string }): Promise<void> {
    const { services, seal } = this.#context;
    const url = new URL(req.url ?? '', this.#context.issuer);
    const session = await this.#context.sessionOf(req, res);
    const account = session && accountOf(services.store, session.accountId, session.loginTs);
    const language = languageFor(undefined, req.headers['accept-language']);
    const returned = url.searchParams.has('code') || url.searchParams.has('error');
    if (session === undefined || account === undefined)
      return this.#signIn(res, language, returned, { acr: false, fresh: false });
    const user = { id: session.accountId, name: account.user.name };
    const strong = !hasFactor(readFactors(services.store, user.id)) || reaches(session.acr, ACR[1]);
    const fresh = services.clock.now() - session.loginTs * 1000 < FRESH;
    if (!strong || !fresh) return this.#signIn(res, language, returned, { acr: true, fresh: true });
    // The address bar keeps no code, though nobody could use it.
    if (returned) return redirect(res, ACCOUNT);
    const token = seal.tokenOf('account', session.uid);
    const turn: Turn = { req, res, user, address: caller.address, frame: { language, action: ACCOUNT, token } };
    if (req.method === 'GET' || req.method === 'HEAD') return this.#show(turn, url);
    if (req.method !== 'POST') {
      res.writeHead(405, { allow: 'GET, POST', 'content-length': 0 }).end();
      return;
    }
    const form = this.#fromHere(req) ? await readForm(req) : undefined;
    if (form === undefined || !equalSecrets(form.get('token') ?? '', token)) return redirect(res, ACCOUNT);
    return this.#change(turn, form);
  }

  #show(turn: Turn, url: URL): void {
    const { services } = this.#context;
    if (url.pathname === APP) {
      const offer = offeredTotp(services, turn.user.id);
      if (offer === undefined) redirect(turn.res, ACCOUNT);
      else this.#send(turn, appView(turn.frame, turn.user.name, this.#context.title, offer));
      return;
    }
    const texts = textsIn(turn.frame.language).account;
    const told = { app: texts.appAdded, passkey: texts.passkeyAdded, removed: texts.removed };
    const done = url.searchParams.get('done') ?? '';
    this.#overview(turn, undefined, Object.hasOwn(told, done) ? told[done as keyof typeof told] : undefined);
  }

  async #change(turn: Turn, form: ReadonlyMap<string, string>): Promise<void> {
    const { services, issuer, title } = this.#context;
    const { user, res, frame } = turn;
    const { account: texts, totp, tooMany } = textsIn(frame.language);
    switch (form.get('action')) {
      case 'app':
        offerTotp(services, user.id, form.get('algorithm') === 'SHA256' ? 'SHA256' : 'SHA1');
        return redirect(res, APP);
      case 'app-confirm': {
        const problem = await confirmTotp(services, user, form.get('code'));
        if (problem === undefined) return redirect(res, `${ACCOUNT}?done=app`);
        const offer = offeredTotp(services, user.id);
        if (offer === undefined) return this.#overview(turn, texts.expired);
        const text = { wrong: totp.wrong, malformed: totp.malformed, late: texts.expired, locked: tooMany }[problem];
        return this.#send(
          turn,
          appView({ ...frame, problem: text }, user.name, title, offer),
          problem === 'locked' ? 429 : 400,
        );
      }
      case 'passkey': {
        const options = offerPasskey(services, user, issuer, title);
        if (options === undefined) return this.#overview(turn, texts.tooManyPasskeys);
        return this.#send(turn, passkeyView(frame, options), 200, [PASSKEY_ASSET]);
      }
      case 'passkey-confirm': {
        const problem = await enrolPasskey(services, user, issuer, form.get('response'), form.get('name') ?? '');
        if (problem === undefined) return redirect(res, `${ACCOUNT}?done=passkey`);
        return this.#overview(turn, { late: texts.expired, failed: texts.failed, known: texts.known }[problem]);
      }
      case 'codes': {
        const codes = makeRecoveryCodes(services, user);
        return codes === undefined ? this.#overview(turn, texts.codesHint) : this.#send(turn, codesView(frame, codes));
      }
      case 'remove': {
        const removed = removeFactor(services.store, user.id, form.get('id') ?? '');
        if (removed === undefined) return redirect(res, ACCOUNT);
        const more = { id: removed.id, by: 'the user', address: turn.address };
        tell(services, { what: 'factor-removed', user, factor: removed.kind, more });
        return redirect(res, `${ACCOUNT}?done=removed`);
      }
      default:
        return redirect(res, ACCOUNT);
    }
  }

  #overview(turn: Turn, problem: string | undefined, done?: string): void {
    const { services, issuer } = this.#context;
    const factors = readFactors(services.store, turn.user.id).factors.map(infoOf);
    const frame: Frame = {
      ...turn.frame,
      ...(problem === undefined ? {} : { problem }),
      ...(done === undefined ? {} : { done }),
    };
    const view = overview(frame, turn.user.name, factors, passkeyHost(issuer) !== undefined);
    this.#send(turn, view, problem === undefined ? 200 : 400);
  }

  /** Leads to the login; who comes back from there without what is needed is told so, and not led in a circle. */
  #signIn(res: ServerResponse, language: string, returned: boolean, strong: { acr: boolean; fresh: boolean }): void {
    const { authorize, issuer, pages } = this.#context;
    if (!returned) {
      redirect(res, signInAddress(authorize, `${issuer}${ACCOUNT}`, strong));
      return;
    }
    const texts = textsIn(language).account;
    const body = html`<h1>${texts.notSignedIn}</h1>
<p class="lead">${texts.notSignedInLead}</p>
<form method="get" action="${ACCOUNT}"><button type="submit">${texts.tryAgain}</button></form>`;
    res.writeHead(403, pageHeaders([issuer]));
    res.end(pages.page(language, texts.notSignedIn, body));
  }

  #send({ req, res, frame }: Turn, { title, body }: View, status = 200, scripts?: readonly string[]): void {
    res.writeHead(status, pageHeaders());
    res.end(req.method === 'HEAD' ? undefined : this.#context.pages.page(frame.language, title, body, scripts));
  }

  /** Browsers say where a form comes from; where one does, it must be from here. */
  #fromHere(req: IncomingMessage): boolean {
    const { origin } = req.headers;
    const site = req.headers['sec-fetch-site'];
    if (origin !== undefined && origin !== this.#context.issuer && origin !== 'null') return false;
    return site === undefined || site === 'same-origin' || site === 'none';
  }
}

function redirect(res: ServerResponse, location: string): void {
  res
    .writeHead(303, { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-length': 0 })
    .end();
}
