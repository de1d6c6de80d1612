import type { Operation, SecurityScheme } from '../contract/model.ts';
import type { CanonicalRequest } from '../gateway/exchange.ts';
import { credentialPlaces, withoutParameters } from '../shared/credential-places.ts';
import type { ForwardingSettings } from './settings.ts';
import { type HeaderBuilder, headerBuilder } from './upstream-headers.ts';

/** What forwarding knows of an operation, compiled at load. */
export interface Route {
  readonly headers: HeaderBuilder;
  /** Path and query for the upstream, without credentials. */
  readonly target: (request: CanonicalRequest) => string;
  /** Milliseconds until the answer must have begun. */
  readonly headersTimeout: number;
  /** Milliseconds between two pieces of the answer. */
  readonly bodyTimeout: number;
}

/** @param schemes all security schemes of the contract: what is a credential anywhere goes no further from anywhere */
export function compileRoute(
  operation: Operation,
  schemes: readonly SecurityScheme[],
  settings: ForwardingSettings,
): Route {
  const names = new Set(settings.credentials === 'strip' ? credentialPlaces(operation, schemes).query : []);
  return {
    headers: headerBuilder(operation, schemes, settings),
    target: ({ path, query }) => {
      if (query === '') return path;
      const rest = names.size === 0 ? query : withoutParameters(query, names);
      return rest === '' ? path : `${path}?${rest}`;
    },
    headersTimeout: settings.timeout,
    bodyTimeout: settings.idleTimeout,
  };
}
