import type { Exchange } from '../gateway/exchange.ts';
import type { AuditEvent } from '../gateway/services.ts';
import type { Clock } from '../shared/clock.ts';
import { addressForm } from './address.ts';
import { Checkpointer } from './checkpointer.ts';
import { AuditError, unwritable } from './errors.ts';
import type { SigningKey } from './keys.ts';
import type { Lock } from './lock.ts';
import type { AuditLog } from './log.ts';
import type { Verifier } from './note.ts';
import { eventBody, Recorder } from './record.ts';
import type { Recovered, Repair } from './recover.ts';
import { findPrunable, prune } from './retention.ts';
import type { AuditSettings } from './settings.ts';
import { Writer } from './writer.ts';

export interface LiveLogParts {
  readonly directory: string;
  readonly settings: AuditSettings;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly key: SigningKey;
  readonly verifier: Verifier;
  readonly recovered: Recovered;
}

/** A log that is open for writing: the writer appends, the checkpointer signs, retention deletes. */
export class LiveLog implements AuditLog {
  readonly directory: string;
  readonly origin: string;
  readonly repaired: Repair | undefined;
  readonly #parts: LiveLogParts;
  readonly #settings: AuditSettings;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #writer: Writer;
  readonly #checkpointer: Checkpointer;
  /** Why the last checkpoint could not be written. */
  #unsigned: AuditError | undefined;
  #pruning: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: LiveLogParts) {
    const { directory, settings, clock, recovered, verifier, key } = parts;
    this.#parts = parts;
    this.directory = directory;
    this.origin = verifier.name;
    this.repaired = recovered.repaired;
    this.#settings = settings;
    this.#clock = clock;
    this.#recorder = new Recorder(settings, addressForm(settings.clientAddress, key.seed));
    this.#checkpointer = new Checkpointer({
      directory,
      tree: recovered.tree,
      verifier,
      key,
      every: settings.checkpointEvery,
      signed: recovered.signed,
      pending: recovered.full,
      sync: () => this.#beforeSigning(),
      done: (error) => {
        if (error === undefined) this.#unsigned = undefined;
        else this.#unsigned = error instanceof AuditError ? error : unwritable('checkpoint', error);
      },
    });
    this.#writer = new Writer({
      directory,
      settings,
      clock,
      tree: recovered.tree,
      segment: recovered.segment,
      grown: () => this.#checkpointer.grown(),
      rotated: () => this.#prune(),
    });
  }

  get size(): number {
    return this.#parts.recovered.tree.size;
  }

  get failure(): AuditError | undefined {
    return this.#writer.failure ?? this.#unsigned;
  }

  get healthy(): boolean {
    return this.failure === undefined;
  }

  /** Records the start and what it found, and signs it: a log that can do neither is not opened. */
  async open(tampered: { reason: string; aside: string } | undefined): Promise<void> {
    const { recovered } = this.#parts;
    if (recovered.signed === -1) await this.#checkpointer.run();
    const events: AuditEvent[] = [
      {
        event: 'audit/opened',
        note: 'the log was opened',
        evidence: { size: recovered.tree.size, signed: recovered.signed },
      },
    ];
    if (recovered.repaired !== undefined)
      events.push({
        event: 'audit/repaired',
        note: 'the last process ended in the middle of a write; what was incomplete was set aside',
        evidence: { bytes: recovered.repaired.bytes, files: recovered.repaired.files },
      });
    if (recovered.rebuilt)
      events.push({
        event: 'audit/tiles-rebuilt',
        note: 'tiles were missing or damaged; they were made again from the records',
      });
    if (tampered !== undefined)
      events.push({ event: 'audit/tampered', note: tampered.reason, evidence: { aside: tampered.aside } });
    const now = this.#clock.now();
    await Promise.all(events.map((event) => this.#writer.add(eventBody(event, now), now, true)));
    if (this.#writer.failure !== undefined && this.#settings.onFailure === 'refuse') throw this.#writer.failure;
    if (recovered.rebuilt || tampered !== undefined || recovered.repaired !== undefined) await this.#checkpointer.run();
    this.#prune();
  }

  record(exchange: Exchange): Promise<void> {
    if (this.#closing !== undefined) return this.#refuse(new AuditError('closed', 'the audit log is closed'));
    if (this.#checkpointer.overrun)
      return this.#refuse(
        this.#unsigned ?? new AuditError('overrun', 'too many records wait for a checkpoint; mend: a faster disk'),
      );
    return this.#writer.add(this.#recorder.body(exchange, this.#clock.monotonic()), exchange.time, false);
  }

  event(event: AuditEvent): void {
    if (this.#closing !== undefined) return;
    const now = this.#clock.now();
    this.#writer.add(eventBody(event, now), now, true).catch(() => {});
  }

  #refuse(error: AuditError): Promise<void> {
    return this.#settings.onFailure === 'continue' ? Promise.resolve() : Promise.reject(error);
  }

  async #beforeSigning(): Promise<void> {
    const changed = await this.#writer.inspect();
    if (changed !== undefined) {
      if (this.#settings.onTampered === 'refuse') {
        this.#writer.stick(changed);
        throw changed;
      }
      this.#writer.abandon();
      this.event({ event: 'audit/tampered', note: changed.message });
    }
    await this.#writer.sync();
  }

  /** Deletes what is past its time: first the record of it, then its signature, then the files. */
  #prune(): void {
    if (this.#pruning !== undefined || this.#closing !== undefined) return;
    this.#pruning = this.#pruneNow()
      .catch((error: unknown) =>
        this.event({ event: 'audit/prune-failed', note: 'old segments could not be deleted', evidence: { error } }),
      )
      .finally(() => {
        this.#pruning = undefined;
      });
  }

  async #pruneNow(): Promise<void> {
    const now = this.#clock.now();
    const prunable = await findPrunable(this.directory, this.#settings, now);
    if (prunable === undefined) return;
    const event: AuditEvent = {
      event: 'audit/pruned',
      note: 'segments past their time were deleted; their tiles stay',
      evidence: {
        before: prunable.before,
        segments: prunable.segments.map((segment) => segment.name),
        reason: prunable.reason,
      },
    };
    await this.#writer.add(eventBody(event, now), now, true);
    await this.#checkpointer.run();
    await prune(this.directory, prunable);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  checkpoint(): Promise<void> {
    return this.#checkpointer.run();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#pruning;
    const now = this.#clock.now();
    this.#writer.add(eventBody({ event: 'audit/closed', note: 'the log was closed' }, now), now, true).catch(() => {});
    await this.#writer.flush();
    this.#checkpointer.stop();
    // What cannot be signed now is signed at the next start.
    await this.#checkpointer.run().catch(() => {});
    this.#checkpointer.stop();
    await this.#writer.close();
    this.#parts.lock.release();
  }
}
