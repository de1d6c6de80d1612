import { formatDuration } from '../../shared/duration.ts';
import { type IssuerSettings, takesJwt, takesOpaque } from './settings.ts';

/** What is in force for the tokens of an issuer, in a few words. */
export function issuerText(settings: IssuerSettings): string {
  const { issuer, audience, jwks, introspection, maxAge } = settings;
  const ways: string[] = [];
  if (takesJwt(settings)) ways.push(jwks === undefined ? 'signed, keys by its metadata' : `signed, keys from ${jwks}`);
  if (takesOpaque(settings) && introspection !== undefined) {
    const whose = introspection.match === undefined ? '' : ` where ${introspection.match} fits`;
    ways.push(`asked about${whose}, believed for ${formatDuration(introspection.maxAge)}`);
  }
  if (maxAge !== undefined) ways.push(`at most ${formatDuration(maxAge)} old`);
  return `${issuer} for ${audience.join(', ')} (${ways.join('; ')})`;
}
