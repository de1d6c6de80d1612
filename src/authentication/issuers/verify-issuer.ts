import type { Services } from '../../gateway/services.ts';
import { LoadError } from '../../shared/finding.ts';
import { openIssuer } from './open-issuer.ts';
import type { IssuerSettings } from './settings.ts';

/** What was found out about an issuer by asking it now. */
export interface IssuerReport {
  readonly issuer: string;
  /** The document that its metadata stands in; undefined where none is needed, or none was found. */
  readonly metadata: string | undefined;
  readonly keySet: string | undefined;
  /** Keys that can be used. */
  readonly keys: number | undefined;
  readonly introspection: string | undefined;
  readonly problems: readonly string[];
}

/**
 * Asks an issuer for everything its tokens are judged by, as a starting gate would: for `check --online`. Of the
 * introspection endpoint it asks about a token that cannot exist.
 */
export async function verifyIssuer(settings: IssuerSettings, services: Services): Promise<IssuerReport> {
  const problems: string[] = [];
  const told: string[] = [];
  const event: Services['event'] = ({ evidence }) => {
    if (typeof evidence?.['problem'] === 'string') told.push(evidence['problem']);
    if (Array.isArray(evidence?.['left'])) told.push(...evidence['left'].map(String));
  };
  const none = {
    issuer: settings.issuer,
    metadata: undefined,
    keySet: undefined,
    keys: undefined,
    introspection: undefined,
  };
  let issuer: ReturnType<typeof openIssuer>;
  try {
    issuer = openIssuer(settings, { ...services, event });
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return { ...none, problems: error.findings.map(({ message }) => message) };
  }
  const { keys, discovery, introspector } = issuer;
  // The keys need the metadata: both are under way already.
  await discovery?.fresh.renew();
  await keys?.renewed();
  problems.push(...told);
  if (keys?.loaded && keys.size === 0) problems.push('the key set has no key that can be used');
  const problem = await introspector?.test();
  if (problem !== undefined && !problems.includes(problem)) problems.push(`introspection: ${problem}`);
  return {
    issuer: settings.issuer,
    metadata: discovery?.metadata?.url,
    keySet: keys === undefined ? undefined : (settings.jwks ?? discovery?.metadata?.jwks),
    keys: keys?.loaded === true ? keys.size : undefined,
    introspection:
      introspector === undefined ? undefined : (settings.introspection?.url ?? discovery?.metadata?.introspection),
    problems,
  };
}
