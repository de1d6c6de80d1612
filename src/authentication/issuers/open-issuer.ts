import { hash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Services } from '../../gateway/services.ts';
import { LoadError } from '../../shared/finding.ts';
import { KeySet } from '../jwt/key-set.ts';
import { fileSource, isUrl, urlSource } from '../jwt/key-source.ts';
import type { Opening } from '../scheme.ts';
import { type Discovery, openDiscovery } from './discovery.ts';
import { Introspector } from './introspector.ts';
import { OpaqueTokens } from './opaque-tokens.ts';
import { type IssuerSettings, needsKeys, needsMetadata, takesOpaque } from './settings.ts';

/** One issuer with all that is needed to judge its tokens. What it learned outlives a plan. */
export interface Issuer {
  readonly settings: IssuerSettings;
  /** Of signed tokens, or of signed answers. */
  readonly keys: KeySet | undefined;
  readonly introspector: Introspector | undefined;
  readonly discovery: Discovery | undefined;
}

/** The issuers of one plan. */
export interface OpenIssuers {
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** Where some issuer is asked about tokens. */
  readonly opaque: OpaqueTokens | undefined;
}

/** Whatever tries by itself until it has been loaded once. */
type Restless = Discovery | KeySet;

interface Last {
  list: readonly IssuerSettings[] | undefined;
  opened: OpenIssuers | undefined;
  used: ReadonlySet<Restless>;
}

/**
 * Opens all issuers of a plan, once for all schemes. An issuer that is down is no reason not to start: its tokens are
 * refused until it answers. Those of an older plan that are not in this one no longer try by themselves.
 * @throws LoadError where a file cannot be used
 */
export function openIssuers({ settings, services, lockout }: Opening): OpenIssuers {
  const last = services.keep<Last>('authentication/issuers', () => ({
    list: undefined,
    opened: undefined,
    used: new Set(),
  }));
  if (last.list === settings.issuers && last.opened !== undefined) return last.opened;
  const issuers = new Map(settings.issuers.map((one) => [one.issuer, openIssuer(one, services)]));
  const used = new Set<Restless>();
  for (const { keys, discovery } of issuers.values()) {
    if (keys !== undefined) used.add(keys);
    if (discovery !== undefined) used.add(discovery);
  }
  for (const one of last.used) if (!used.has(one)) one.rest();
  last.used = used;
  last.list = settings.issuers;
  const asked = [...issuers.values()].some(({ introspector }) => introspector !== undefined);
  last.opened = { issuers, opaque: asked ? new OpaqueTokens(issuers.values(), services, lockout) : undefined };
  return last.opened;
}

export function openIssuer(settings: IssuerSettings, services: Services): Issuer {
  const ca = settings.ca === undefined ? undefined : readCa(settings.ca, services.baseDirectory);
  const discovery = needsMetadata(settings) ? openDiscovery(settings, services, ca) : undefined;
  const keys = needsKeys(settings) ? openKeys(settings, discovery, ca, services) : undefined;
  // Begun now, so that the first token need not wait. The keys ask for the metadata themselves.
  if (keys === undefined || settings.jwks !== undefined) void discovery?.fresh.check();
  const introspector = takesOpaque(settings)
    ? openIntrospector({ settings, discovery, keys, ca, services })
    : undefined;
  return { settings, keys, introspector, discovery };
}

/** One for all plans that ask in the same way: it knows how the issuer has been doing. */
function openIntrospector(parts: {
  settings: IssuerSettings;
  discovery: Discovery | undefined;
  keys: KeySet | undefined;
  ca: string | undefined;
  services: Services;
}): Introspector {
  const { settings, ca, services } = parts;
  const { introspection, issuer, metadata, jwks, algorithms, clockTolerance, refresh } = settings;
  const how = { ca, introspection, issuer, metadata, jwks, algorithms, clockTolerance, refresh };
  // As a digest: it holds a secret.
  const id = hash('sha256', JSON.stringify([how, services.baseDirectory]), 'base64url');
  return services.keep(
    `authentication/introspector ${id}`,
    () => new Introspector({ ...parts, keys: introspection?.signed === true ? parts.keys : undefined }),
  );
}

/**
 * A key set lives longer than a plan. One in a file is read now, so that a wrong name is found at load.
 * @throws LoadError
 */
function openKeys(
  settings: IssuerSettings,
  discovery: Discovery | undefined,
  ca: string | undefined,
  services: Services,
): KeySet {
  const { jwks, algorithms, issuer, metadata, refresh } = settings;
  const local = jwks !== undefined && !isUrl(jwks);
  const source = () => {
    if (jwks === undefined) return (discovery as Discovery).keySource(refresh);
    return local ? fileSource(jwks, services.baseDirectory) : urlSource(jwks, services.outbound, refresh, ca);
  };
  const from = jwks ?? { issuer, metadata: metadata ?? null };
  const keys = services.keep(
    `authentication/key-set ${JSON.stringify([from, services.baseDirectory, refresh, algorithms, ca ?? null])}`,
    () =>
      new KeySet(source(), algorithms, services.clock, (note, evidence) =>
        services.event({ event: 'authentication/key-set', note, evidence: { issuer, ...evidence } }),
      ),
  );
  void keys.check(local || !keys.loaded);
  if (local && (!keys.loaded || keys.size === 0)) {
    throw new LoadError([
      {
        rule: 'authentication/key-set',
        severity: 'error',
        message: `The key set ${jwks} of the issuer ${issuer} ${keys.loaded ? 'has no key that can be used' : 'cannot be read'}`,
        mend: 'name a JWK set (RFC 7517) with public keys for signatures: the issuer publishes it as jwks_uri',
      },
    ]);
  }
  return keys;
}

/** @throws LoadError where the file holds no certificate */
function readCa(name: string, baseDirectory: string): string {
  let problem = 'holds no certificate';
  try {
    const text = readFileSync(resolve(baseDirectory, name), 'utf8');
    new X509Certificate(text);
    return text;
  } catch (error) {
    problem = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : problem;
  }
  throw new LoadError([
    {
      rule: 'authentication/issuer-ca',
      severity: 'error',
      message: `the file ${name} ${problem}`,
      mend: 'name a PEM file with the certificate of the CA, or take ca away where the CA is a public one',
    },
  ]);
}
