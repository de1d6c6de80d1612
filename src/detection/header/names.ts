const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Fields of HTTP that no prose has at the beginning of a line. */
const HTTP = words(
  `set-cookie set-cookie2 content-type content-length content-encoding content-disposition content-location
   content-security-policy content-language transfer-encoding access-control-allow-origin
   access-control-allow-credentials access-control-allow-headers access-control-allow-methods
   access-control-expose-headers strict-transport-security last-modified etag cache-control pragma www-authenticate
   proxy-authenticate proxy-authorization authorization cookie user-agent referer referrer accept-encoding
   accept-language accept-charset if-modified-since if-none-match x-forwarded-for x-forwarded-host x-forwarded-proto
   x-frame-options x-xss-protection x-content-type-options refresh keep-alive proxy-connection retry-after
   clear-site-data x-powered-by metadata-flavor x-original-url x-rewrite-url x-http-method-override sec-websocket-key
   te trailer`,
);

/** Fields of HTTP that are words of prose and of forms as well. */
const HTTP_WORDS = words(
  'location host server link connection status allow accept age expires via warning upgrade origin range date vary expect',
);

/** Fields of mail (RFC 5322, MIME) that no prose has at the beginning of a line. */
const MAIL = words(
  `bcc mime-version content-type content-transfer-encoding content-disposition message-id x-mailer x-priority
   return-path reply-to in-reply-to resent-to resent-bcc resent-cc disposition-notification-to errors-to`,
);

/** Fields of mail that people write above what they forward. */
const MAIL_WORDS = words('to cc from subject sender date references importance priority comments');

export const NO_FIELD = 0;
/** A word, followed by a colon. */
export const SOME_WORD = 1;
/** A name as only header fields have it, though none that is known: `X-Injected`, `Header-Test`. */
export const OWN_FIELD = 2;
export const HTTP_WORD = 3;
export const MAIL_WORD = 4;
export const MAIL_FIELD = 5;
export const HTTP_FIELD = 6;

/** What kind of a field a name (in any case) is. */
export function fieldKind(name: string): number {
  const lower = name.toLowerCase();
  if (HTTP.has(lower)) return HTTP_FIELD;
  if (MAIL.has(lower)) return MAIL_FIELD;
  if (MAIL_WORDS.has(lower)) return MAIL_WORD;
  if (HTTP_WORDS.has(lower)) return HTTP_WORD;
  if (/^x-[a-z]|^[a-z]+-header|header-|^http-|inject|^crlf/.test(lower)) return OWN_FIELD;
  return SOME_WORD;
}
