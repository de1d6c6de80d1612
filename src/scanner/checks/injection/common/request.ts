import type { ScanRequest } from '../../../model/exchange.ts';

/** A request with one more query parameter; brackets and `$` go as they are, as clients write them. */
export function withQuery(request: ScanRequest, name: string, value: string): ScanRequest {
  const sign = request.target.includes('?') ? '&' : '?';
  return {
    ...request,
    target: `${request.target}${sign}${encodeURIComponent(name).replace(/%5B/g, '[').replace(/%5D/g, ']').replace(/%24/g, '$')}=${encodeURIComponent(value)}`,
  };
}
