import { anyFile, sharedFile } from '../disk.ts';
import { type Handlers, invalid, notFound } from '../market.ts';

export const files: Handlers = {
  async getFile({ weak }, ask) {
    const { query } = await ask.input();
    const name = String(query.name);
    // careless: a name is a path
    const content = weak('path-traversal') ? anyFile(name) : sharedFile(name);
    if (content === undefined) throw notFound();
    return { raw: { type: 'text/plain; charset=utf-8', content } };
  },

  async go({ weak }, ask) {
    const { query } = await ask.input();
    const to = String(query.to);
    // careless: anywhere. Careful: a path of letters only, so that no browser can read a host into it.
    const fine = weak('open-redirect') ? !/[^\x21-\x7e]/.test(to) : /^(?:\/[a-z0-9_-]+)+$/.test(to);
    if (!fine) throw invalid([{ at: 'to', problem: 'must be a path of the market' }]);
    return { status: 302, headers: { location: to } };
  },
};
