import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import { hstsValue } from './hsts.ts';
import { type EncryptionSettings, settings } from './settings.ts';
import { signStage } from './sign-answers.ts';
import { inspectTls } from './tls.ts';

/**
 * Practice 4: encrypt everything, in transit. The listener takes its TLS from here; there is no stage for it. The one stage
 * signs answers, so that they cannot be changed beyond the end of TLS either.
 */
export const encryption: Room<typeof settings> = {
  name: 'encryption',
  settings,
  perOperation: ['signAnswers'],
  extensions: { 'x-portcullis-sign-answers': 'signAnswers' },
  inspect: ({ settings }) => inspectTls(settings),
  explain: (policy) => lines(policy),
  stages: ({ settings }, _operation, services) =>
    settings.signAnswers === 'off' ? {} : { sign: signStage(settings.signingKey, services) },
};

function clientsText(clients: EncryptionSettings['clients']): string {
  if (clients === undefined) return 'not asked for';
  const revoked = clients.crl === undefined ? 'no revocation list' : `revocation lists ${clients.crl.join(', ')}`;
  return `${clients.mode === 'require' ? 'required' : 'asked for'}, of the CAs in ${clients.ca.join(', ')}; ${revoked}`;
}

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
    ['client certificates', clientsText(settings.clients), 'clients'],
    ['HSTS', hstsValue(hsts) ?? 'off', 'hsts'],
    ['plain HTTP', plain, 'plainHttp'],
    ['TLS to the API', toApi, 'upstream'],
  ];
  if (settings.signAnswers !== 'off')
    rows.push([
      'answers',
      `signed${settings.signAnswers === 'whole' ? ' with a digest, streams are read whole' : '; streams without a digest'}`,
      'signAnswers',
    ]);
  return rows.map(([part, value, key]) => ({ part, value, origin: origins[key] ?? 'default' }));
}
