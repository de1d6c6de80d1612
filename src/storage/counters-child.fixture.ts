/** A worker of shared-counters.test.ts: does with its shared counters what the parent says, one message at a time. */
import { systemClock } from '../shared/clock.ts';
import { createCounters } from './memory-counters.ts';
import { type IpcEnd, ipcChannel, shareCounters } from './shared-counters.ts';

const shared = shareCounters(createCounters({ clock: systemClock }), ipcChannel(process as IpcEnd));
await shared.ready;
process.on('message', async (message: { order?: string; key: string; times: number }) => {
  const { order, key, times } = message;
  if (order === undefined) return;
  let answer: unknown;
  if (order === 'take') {
    const limit = { count: 10, window: 3_600_000, burst: 10 };
    let allowed = 0;
    for (let i = 0; i < times; i++) if (shared.take(key, limit).allowed) allowed++;
    answer = allowed;
  } else if (order === 'add') answer = shared.add(key, times, 3_600_000);
  else if (order === 'get') answer = shared.get(key);
  else if (order === 'once') answer = await shared.once(key, 3_600_000);
  else if (order === 'end') process.exit(0);
  process.send!({ answer });
});
process.send!({ answer: 'ready' });
