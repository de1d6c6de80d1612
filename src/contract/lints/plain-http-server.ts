import { inRange } from '../../shared/address.ts';
import type { Node } from '../normal/context.ts';
import type { Lint, LintResult } from './lint.ts';

/** Clients are told to send their credentials in clear. */
export const plainHttpServer: Lint = {
  name: 'plain-http-server',
  severity: 'weakness',
  contract(root) {
    const found: LintResult[] = [];
    const report = (node: Node): void => {
      found.push({
        message: 'the contract sends clients to a server without TLS',
        mend: 'write https, or take the http server out',
        place: node.place,
      });
    };
    const servers = root.child('servers');
    if (servers && Array.isArray(servers.value)) {
      for (const server of servers.items("'servers'")) {
        const url = server.child('url');
        if (typeof url?.value === 'string' && isPlain(url.value)) report(url);
      }
    }
    const schemes = root.child('schemes');
    const host = root.child('host')?.value;
    if (
      schemes &&
      Array.isArray(schemes.value) &&
      (typeof host !== 'string' || !isLoopback(hostOf(`http://${host}`)))
    ) {
      for (const scheme of schemes.items("'schemes'")) {
        if (scheme.value === 'http' || scheme.value === 'ws') report(scheme);
      }
    }
    return found;
  },
};

const isPlain = (url: string): boolean => /^(http|ws):\/\//i.test(url) && !isLoopback(hostOf(url));
const hostOf = (url: string): string => URL.parse(url.replace(/[{}]/g, ''))?.hostname ?? '';
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || inRange(host, '127.0.0.0/8') || inRange(host, '::1');
