import type { Lint } from './lint.ts';

/** A credential in a URL is kept by logs, histories and Referer fields on its way. */
export const credentialInQuery: Lint = {
  name: 'credential-in-query',
  severity: 'weakness',
  contract: (_root, schemes) =>
    schemes
      .filter((scheme) => scheme.type === 'apiKey' && scheme.in === 'query')
      .map(({ name, place }) => ({
        message: `the security scheme '${name.slice(0, 100)}' carries a credential in the query, where logs keep it`,
        mend: 'move it to a header',
        place,
      })),
};
