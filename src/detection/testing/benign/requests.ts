import type { Place } from '../../classes/class.ts';
import type { Makers } from './kit.ts';

/** One text of a request: where it stands, and the kind that is made for it. */
interface Part {
  readonly source: Place['source'];
  readonly name: string;
  readonly kind: string;
}

/** Whole requests as friendly clients make them; each part is of a kind of the benign set. */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  'a page': [
    'header user-agent user agent',
    'header accept accept',
    'header referer URL',
    'header sec-ch-ua client hints',
    'header traceparent trace headers',
    'cookie _ga advertising cookie',
    'cookie consent consent string',
    'cookie sid cookie value',
    'query q search words',
    'query utm_campaign hashtags',
  ],
  'a search': [
    'query q search for products',
    'query filter OData filter',
    'query sort filter language',
    'query fields RSQL',
    'query cursor base64 of JSON',
    'query bbox coordinates',
    'header if-none-match entity tag',
    'path category slug',
  ],
  'a login': [
    'query redirect_uri OAuth callback',
    'query state OAuth state',
    'query SAMLRequest SAML request',
    'body username name',
    'body password password',
    'header authorization authorization',
    'header origin URL with a trailing question mark',
  ],
  'an order': [
    'body name name with a title',
    'body company company name',
    'body street address of a country',
    'body phone phone',
    'body note sentence',
    'body items product catalogue',
    'body iban bank and tax numbers',
    'body text paragraph',
    'header idempotency-key id',
  ],
  'a ticket': [
    'body title a command in a sentence',
    'body description long support ticket',
    'body comment code review',
    'body log long log',
    'body trace stack trace of Java',
    'body patch git diff',
    'filename attachment file name',
  ],
  'a page of an editor': [
    'body html rich text',
    'body markdown long Markdown',
    'body template template of a mail',
    'body css CSS',
    'body icon SVG',
    'body ops editor document',
    'query path path',
  ],
  telemetry: [
    'body gpu telemetry of a graphics card',
    'body url URL in a URL in a URL',
    'body error error message',
    'body sample minified JS',
    'body report CSP report',
    'body beacon query of an analytics beacon',
    'body map source map',
    'cookie dt advertising cookie',
  ],
  'a webhook': [
    'body payload webhook',
    'header x-signature digest header',
    'header link link header',
    'body yaml YAML',
  ],
  'a graph query': ['body query GraphQL with variables', 'body variables JSON', 'query extensions JSON in JSON'],
  'a record of a patient': [
    'body finding medicine',
    'body letter long prose',
    'body address address',
    'body hl7 medicine',
  ],
};

const parts = (of: readonly string[], kinds: Makers): Part[] =>
  of.map((each) => {
    const [source, name, ...kind] = each.split(' ');
    if (kinds[kind.join(' ')] === undefined) throw new Error(`no kind of benign values is called '${kind.join(' ')}'`);
    return { source: source as Place['source'], name: name as string, kind: kind.join(' ') };
  });

/** The parts of each kind of request, by what it is. */
export const requestsOf = (kinds: Makers): ReadonlyMap<string, readonly Part[]> =>
  new Map(Object.entries(REQUESTS).map(([what, of]) => [what, parts(of, kinds)]));
