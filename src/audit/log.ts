import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '../gateway/exchange.ts';
import type { AuditEvent } from '../gateway/services.ts';
import type { Clock } from '../shared/clock.ts';
import { AuditError, unwritable } from './errors.ts';
import { openIdentity, readHead } from './head.ts';
import { openSigningKey } from './keys.ts';
import { LiveLog } from './live-log.ts';
import { type Lock, takeLock } from './lock.ts';
import { type Repair, recover } from './recover.ts';
import type { AuditSettings } from './settings.ts';

export interface AuditLogOptions {
  /** The audit directory: one log a worker lies in it, and the key they share. */
  readonly directory: string;
  /** Name of this worker's log: letters, digits, `-`, `_`. */
  readonly slot: string;
  readonly settings: AuditSettings;
  readonly clock: Clock;
  /**
   * Who signs, as a URL without scheme: `gate.example/audit`. A digest of the key and the slot are appended, so that no
   * two logs share an origin. A log keeps its first one.
   */
  readonly origin: string;
}

/** Where records go. */
export interface AuditLog {
  /** Where the log lies. */
  readonly directory: string;
  /** Name of the log in its checkpoints. */
  readonly origin: string;
  /** Records written. */
  readonly size: number;
  readonly healthy: boolean;
  /** Why it is not healthy; names the file and the mend. */
  readonly failure: AuditError | undefined;
  /** What the start set aside after an unclean end. */
  readonly repaired: Repair | undefined;
  /**
   * Records an exchange. The promise is resolved when the record is written (see `durability`) and rejected with an
   * AuditError where it could not be; with `onFailure: continue` it is always resolved. Never throws.
   */
  record(exchange: Exchange): Promise<void>;
  /** Records an event. Never throws, never blocks; kept and tried again while the disk is full. */
  event(event: AuditEvent): void;
  /** Waits until everything taken so far is written (or has failed). */
  flush(): Promise<void>;
  /** Signs a checkpoint now. */
  checkpoint(): Promise<void>;
  /** Writes what is waiting, signs it and lets go of the log. Never throws. */
  close(): Promise<void>;
}

const SLOT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Opens (or begins) the log of one worker: takes its lock, repairs the tail an unclean end has left, makes sure that
 * the log is the one its checkpoint signed.
 *
 * @throws AuditError `locked`, `tampered` or `unwritable`, naming the directory and the mend
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { directory, slot, settings } = options;
  if (!SLOT.test(slot)) throw new RangeError(`"${slot}" is not a name for a slot`);
  const own = join(directory, slot);
  try {
    mkdirSync(join(own, 'segments'), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(own, error);
  }
  const lock = takeLock(own);
  try {
    return await begin(options, own, lock, undefined);
  } catch (error) {
    lock.release();
    if (!(error instanceof AuditError) || error.code !== 'tampered' || settings.onTampered !== 'continue')
      throw error instanceof AuditError ? error : unwritable(own, error);
    return beginAnew(options, own, error);
  }
}

/** Sets a log that was tampered with aside, whole, and begins a new one under another origin. */
async function beginAnew(options: AuditLogOptions, own: string, reason: AuditError): Promise<AuditLog> {
  const aside = `${options.slot}.tampered-${new Date(options.clock.now()).toISOString().replace(/[:.]/g, '')}`;
  try {
    renameSync(own, join(options.directory, aside));
    mkdirSync(join(own, 'segments'), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(own, error);
  }
  const lock = takeLock(own);
  try {
    return await begin(options, own, lock, { reason: reason.message, aside });
  } catch (error) {
    lock.release();
    throw error instanceof AuditError ? error : unwritable(own, error);
  }
}

async function begin(
  options: AuditLogOptions,
  own: string,
  lock: Lock,
  tampered: { reason: string; aside: string } | undefined,
): Promise<AuditLog> {
  const { directory, slot, settings, clock } = options;
  const key = openSigningKey(directory);
  const head = await readHead(own);
  const fresh = head.source === undefined && !existsSync(join(own, 'tile'));
  // Two logs under one origin would be a fork: each directory and each generation has its own.
  const generation = readdirSync(directory).filter((name) => name.startsWith(`${slot}.tampered-`)).length + 1;
  const place = hash('sha256', key.publicKey, 'hex').slice(0, 12);
  const origin = `${options.origin}/${place}/${slot}${generation === 1 ? '' : `/${generation}`}`.replace(/[\s+]/g, '-');
  const verifier = await openIdentity(own, origin, key, fresh);
  const recovered = await recover(own);
  const log = new LiveLog({ directory: own, settings, clock, lock, key, verifier, recovered });
  try {
    await log.open(tampered);
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}
