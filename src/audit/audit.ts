import type { Room } from '../gateway/room.ts';
import { formatDuration } from '../shared/duration.ts';
import { keepPolicy } from './operations.ts';
import { settings } from './settings.ts';

const FAILURE = { refuse: 'refuse the exchange', continue: 'go on, count the loss' } as const;
const DURABILITY = { write: 'survives the end of the process', fsync: 'survives the loss of power' } as const;

/**
 * Practice 7: log all activity. It has no stage of its own: whatever happened to an exchange, the listener records it
 * last. What differs by operation is kept for that moment when the plan is built.
 */
export const audit: Room<typeof settings> = {
  name: 'audit',
  settings,
  perOperation: ['paths', 'queryValues'],
  extensions: { 'x-portcullis-audit-query-values': 'queryValues' },
  explain(policy) {
    const { settings: s, origins } = policy;
    const values = s.queryValues.length === 0 ? 'names only' : `names, and values of ${s.queryValues.join(', ')}`;
    return [
      {
        part: 'path in the record',
        value: s.paths === 'full' ? 'as called, credentials masked' : 'template only',
        origin: origins.paths ?? 'default',
      },
      { part: 'query in the record', value: values, origin: origins.queryValues ?? 'default' },
      { part: 'client address in the record', value: s.clientAddress, origin: origins.clientAddress ?? 'default' },
      { part: 'a record counts when', value: DURABILITY[s.durability], origin: origins.durability ?? 'default' },
      { part: 'record cannot be written', value: FAILURE[s.onFailure], origin: origins.onFailure ?? 'default' },
      {
        part: 'records are kept',
        value: `${s.keep === 0 ? 'for ever' : formatDuration(s.keep)}${s.keepBytes === 0 ? '' : `, at most ${s.keepBytes} bytes a worker`}`,
        origin: origins.keep ?? 'default',
      },
    ];
  },
  stages(policy, operation) {
    keepPolicy(operation, policy.settings);
    return {};
  },
};
