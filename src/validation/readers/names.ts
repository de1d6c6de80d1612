/** `application/json`, everything with the structured suffix (RFC 6839, section 3.1), and JSON under an older name. */
export const isJson = (type: string): boolean => {
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return (
    bare === 'application/json' || bare === 'text/json' || bare === 'application/csp-report' || bare.endsWith('+json')
  );
};

/** XML in its two spellings, and everything with the suffix (RFC 7303). */
export const isXml = (type: string): boolean =>
  type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml');

const TEXTUAL = new Set([
  'application/graphql',
  'application/javascript',
  'application/sql',
  'application/toml',
  'application/yaml',
  'application/x-yaml',
  'application/x-sh',
  'application/x-pem-file',
  'application/jwt',
  'application/jose',
]);

/** Text under `text/`, or under a name that does not say so. */
export const isText = (type: string): boolean =>
  type.startsWith('text/') || TEXTUAL.has(type) || type.endsWith('+yaml') || type.endsWith('+jwt');
