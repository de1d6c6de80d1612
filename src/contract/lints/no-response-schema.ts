import type { Lint } from './lint.ts';

const SUCCESS = /^2(\d\d|XX)$/;
/** RFC 9110, 15.3.5 and 15.3.6: answers without content. */
const EMPTY = new Set(['204', '205']);

/** A successful answer that is not described: disclosure cannot tell what belongs into it. */
export const noResponseSchema: Lint = {
  name: 'no-response-schema',
  severity: 'weakness',
  operation({ responses, method }) {
    const good = responses.filter(({ status }) => SUCCESS.test(status));
    const judged = good.length > 0 ? good : responses.filter(({ status }) => status === 'default');
    if (judged.length === 0) {
      const redirects = responses.some(({ status }) => status.startsWith('3'));
      if (redirects) return undefined;
      return { message: 'no successful response is declared', mend: "write 'responses' with its status and schema" };
    }
    if (method === 'HEAD') return undefined;
    for (const { status, content, place } of judged) {
      if (EMPTY.has(status)) continue;
      if (content.length === 0) {
        return {
          message: `the response ${status} declares no content`,
          mend: 'write its content and schema, or 204',
          place,
        };
      }
      const bare = content.find(({ schema }) => schema === undefined);
      if (bare) {
        return {
          message: `the response ${status} has no schema for ${bare.type}`,
          mend: "write 'schema'",
          place: bare.place,
        };
      }
    }
    return undefined;
  },
};
