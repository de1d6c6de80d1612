import type { Configuration } from '../config/configuration.ts';

/** What is fixed when the gate starts, by key; everything else is swapped with the plan. */
function fixed(configuration: Configuration): Record<string, unknown> {
  const { hosts, basePath, trustedProxies, maxTarget, maxHeaders, bodyTimeout, drain, cors, ...listen } =
    configuration.listen;
  const { paths, queryValues, ...audit } = configuration.audit;
  const keys: Record<string, unknown> = {
    data: configuration.data,
    'encryption.plainHttp': configuration.encryption.plainHttp,
    'encryption.clients.mode': configuration.encryption.clients?.mode,
  };
  for (const [room, settings] of Object.entries({
    listen,
    admin: configuration.admin,
    audit,
    'identity.server': configuration.identity.server,
  })) {
    for (const [key, value] of Object.entries(settings)) keys[`${room}.${key}`] = value;
  }
  return keys;
}

/** Keys that differ and come into force only with a restart. */
export function needsRestart(old: Configuration, next: Configuration): string[] {
  const before = fixed(old);
  return Object.entries(fixed(next)).flatMap(([key, value]) =>
    JSON.stringify(before[key]) === JSON.stringify(value) ? [] : [key],
  );
}
