import type { Services } from '../../gateway/services.ts';
import { ownIssuer } from '../../identity/server/own-issuer.ts';
import type { AuthenticationSettings } from '../settings.ts';
import { issuer } from './settings.ts';

/**
 * The settings with the embedded authorization server among the issuers, where there is one: what it issues for this API is
 * good here without an entry. An entry that names it wins.
 */
export function withOwnIssuer(settings: AuthenticationSettings, services: Services): AuthenticationSettings {
  const own = ownIssuer(services);
  if (own === undefined || settings.issuers.some((one) => one.issuer === own.issuer)) return settings;
  const entry = issuer.parse({
    issuer: own.issuer,
    jwks: own.jwks,
    audience: own.resource,
    algorithms: ['ES256'],
    typ: 'at+jwt',
  });
  return { ...settings, issuers: [...settings.issuers, entry] };
}
