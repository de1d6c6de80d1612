import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import { hstsValue } from './hsts.ts';
import { type EncryptionSettings, settings } from './settings.ts';
import { inspectTls } from './tls.ts';

/** Practice 4: encrypt everything, in transit. The listener takes its TLS from here; there is no stage for it. */
export const encryption: Room<typeof settings> = {
  name: 'encryption',
  settings,
  perOperation: [],
  extensions: {},
  inspect: ({ settings }) => inspectTls(settings),
  explain: (policy) => lines(policy),
  stages: () => ({}),
};

function lines({ settings, origins }: Policy<EncryptionSettings>): PolicyLine[] {
  const { certificate, minVersion, hsts, plainHttp, upstream } = settings;
  const made =
    'files' in certificate
      ? `from ${certificate.files.certificate}, followed`
      : `development, for ${['localhost', ...certificate.development.names].join(', ')}`;
  const plain =
    plainHttp === 'off'
      ? 'no listener'
      : `port ${plainHttp.port}: ${plainHttp.answer === 'refuse' ? 'refused' : 'redirected without credentials, else refused'}; credentials seen are recorded${plainHttp.revokeExposed ? ' and revoked' : ''}`;
  const toApi = [
    upstream.verify ? 'verified' : 'NOT VERIFIED',
    upstream.ca === undefined ? 'public CAs' : `CA ${upstream.ca}`,
    ...(upstream.certificate === undefined ? [] : ['with client certificate']),
  ].join(', ');
  const rows: [string, string, keyof EncryptionSettings][] = [
    ['certificate', made, 'certificate'],
    ['TLS to the client', `${minVersion.replace('TLSv', '')} or later`, 'minVersion'],
    ['HSTS', hstsValue(hsts) ?? 'off', 'hsts'],
    ['plain HTTP', plain, 'plainHttp'],
    ['TLS to the API', toApi, 'upstream'],
  ];
  return rows.map(([part, value, key]) => ({ part, value, origin: origins[key] ?? 'default' }));
}
