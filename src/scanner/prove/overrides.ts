import type { Configuration } from '../../config/configuration.ts';

/** A lock that nothing of a scan reaches. */
const NEVER = 1_000_000_000;
/**
 * Selector of all operations that no configuration has as a key of its own: later entries win, so it must be the last,
 * and entries go before what the contract says (x-portcullis-limits).
 */
const EVERYTHING = '** ';
/** Milliseconds for running exchanges to end when the gate is stopped. */
const DRAIN = 5_000;

export interface Overrides {
  /** Where keys, certificates and the log of this gate lie: a directory of its own. */
  readonly data: string;
  /** Rates and lockout as configured; false: lifted, since they would stop the scan. */
  readonly throttled: boolean;
}

/**
 * The configuration as the gate under proof runs by it: the same policy for every operation, in a place where it
 * disturbs nobody and nobody is banned.
 */
export function underProof(configuration: Configuration, { data, throttled }: Overrides): Configuration {
  const { listen, throttling, authentication, encryption, identity } = configuration;
  const bans = throttling.bans === 'off' ? throttling.bans : { ...throttling.bans, mode: 'report' as const };
  const own: Configuration = {
    ...configuration,
    data,
    listen: {
      ...listen,
      host: '127.0.0.1',
      port: 0,
      // The scanner speaks to an address of this machine; names that are answered for stay those of the configuration.
      hosts: listen.hosts.length === 0 ? [] : [...new Set([...listen.hosts, '127.0.0.1', 'localhost'])],
      drain: Math.min(listen.drain, DRAIN),
    },
    admin: { ...configuration.admin, enabled: false },
    identity: { ...identity, server: { ...identity.server, port: 0 } },
    encryption: { ...encryption, plainHttp: 'off' },
    audit: { ...configuration.audit, directory: '' },
    throttling: { ...throttling, bans },
  };
  if (throttled) return own;
  const { account, address, network, password } = authentication.lockout;
  const never = <Rule extends object>(rule: Rule): Rule & { failures: number } => ({ ...rule, failures: NEVER });
  return {
    ...own,
    throttling: {
      ...own.throttling,
      address: 'off',
      anonymous: 'off',
      principal: 'off',
      operation: 'off',
      quotas: { day: 'off', month: 'off', roles: {} },
    },
    authentication: {
      ...authentication,
      lockout: { account: never(account), address: never(address), network: never(network), password: never(password) },
    },
    operations: { ...configuration.operations, [EVERYTHING]: { throttling: { operation: 'off' } } },
  };
}

/** What differs from the configured gate, for the report. */
export function overridesSaid(configuration: Configuration): readonly string[] {
  const { throttling, listen, audit } = configuration;
  return [
    'the gate under proof has the configured policy, on a free port of this machine, with keys, counters and log of its own; the configured ones are untouched',
    'its rates, quotas and lockouts are lifted while the other practices are tried, since they would stop the scan, and stand as configured while throttling is tried',
    ...(throttling.bans !== 'off' && throttling.bans.mode === 'enforce'
      ? ['its bans by harm are recorded, not enforced']
      : []),
    ...(listen.host !== '127.0.0.1' ? [`it listens on 127.0.0.1, not on ${listen.host}`] : []),
    ...(audit.onFailure === 'continue'
      ? ['records that cannot be written do not stop an exchange (audit.onFailure)']
      : []),
  ];
}
