import type { Room } from '../gateway/room.ts';
import { formatDuration } from '../shared/duration.ts';
import { settings } from './settings.ts';

/** Sends what was judged, and nothing else, to the upstream. Has no stage: it stands between the two halves of the way. */
export const forwarding: Room<typeof settings> = {
  name: 'forwarding',
  settings,
  perOperation: ['timeout', 'idleTimeout', 'credentials', 'headers'],
  extensions: {},
  explain: ({ settings: s, origins }) => [
    {
      part: 'upstream time limit',
      value: `${formatDuration(s.timeout)} to begin, ${formatDuration(s.idleTimeout)} between pieces`,
      origin: origins.timeout ?? 'default',
    },
    {
      part: 'caller’s credentials',
      value: s.credentials === 'strip' ? 'not forwarded' : 'forwarded',
      origin: origins.credentials ?? 'default',
    },
  ],
  stages: () => ({}),
};
