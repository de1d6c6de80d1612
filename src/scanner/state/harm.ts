import type { Operation } from '../../contract/model.ts';
import { deedOf } from './known.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** What operations that do harm by being called are called, whatever they are called with. */
const HARM = words(
  'delete remove purge wipe reset shutdown restart reboot destroy drop truncate clear erase flush uninstall terminate kill ' +
    'disable deactivate revoke ban suspend rollback factory halt poweroff stop expire evict cleanup prune empty',
);
/** Of what only reads by its method, only the unmistakable ones: `GET /createdb`, `GET /debug/reset`. */
const HARMFUL_READ = words('reset shutdown restart reboot purge wipe truncate populate reseed factory poweroff');
const DATABASE = /(create|init|reset|seed|populate|drop|wipe|clear|setup|reload|rebuild)(db|database|data)$/;
const ENDING_READ = /^(delete|remove|destroy|drop|erase)$/;
const READS = words('GET HEAD OPTIONS TRACE QUERY');

/** Whether the name of an operation says that calling it deletes, resets or stops something. */
export function isHarmful(operation: Operation): boolean {
  if (operation.method === 'DELETE') return false;
  const { id, last } = deedOf(operation);
  const database = DATABASE.test(last.join('')) || DATABASE.test(id.join(''));
  if (!READS.has(operation.method)) return database || [...last, ...id].some((word) => HARM.has(word));
  const harms = (list: readonly string[]): boolean =>
    ENDING_READ.test(list[0] ?? '') || list.some((word) => HARMFUL_READ.has(word));
  return database || harms(last) || (harms(id) && !/^(get|list|read|find|show)$/.test(id[0] ?? ''));
}
