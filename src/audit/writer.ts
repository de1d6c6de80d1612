import { fdatasync, write as fsWrite } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { Batch } from './batch.ts';
import { AuditError, unwritable } from './errors.ts';
import { syncDirectory } from './head.ts';
import { LineBuffer } from './line-buffer.ts';
import { gapBody, sealBody } from './own-events.ts';
import type { OpenSegment } from './recover.ts';
import { segmentName } from './segments.ts';
import type { AuditSettings } from './settings.ts';
import type { Tree } from './tree.ts';

/** UTF-16 units that may wait for the disk. */
const WAITING = 33_554_432;
/** Events kept when they could not be written. */
const KEPT_EVENTS = 1000;
/** A write that takes longer counts as failed for those who wait for it. */
const STALL = 10_000;
const RETRY = 1000;
/** Records that are worth a write of their own. */
const ENOUGH = 64;

export interface WriterParts {
  readonly directory: string;
  readonly settings: Pick<AuditSettings, 'durability' | 'onFailure' | 'segmentBytes'>;
  readonly clock: Clock;
  readonly tree: Tree;
  readonly segment: OpenSegment | undefined;
  /** The tree has grown. */
  readonly grown: () => void;
  /** A segment is complete. */
  readonly rotated: () => void;
}

/**
 * Appends records in batches: one write at a time, everything that comes meanwhile is the next batch. Indices are
 * given when a batch is written, so that a failed one leaves no hole. After a failure the segment is cut back to its
 * last good byte before anything else is written, and the number of lost records is recorded with the first that
 * can be.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #tree: Tree;
  #segment: OpenSegment | undefined;
  #file: FileHandle | undefined;
  /** Files of completed segments, open until they are synced. */
  #retired: FileHandle[] = [];
  #collecting: Batch | undefined;
  #inFlight: Batch | undefined;
  #waiting = 0;
  #writing = false;
  #scheduled: NodeJS.Immediate | undefined;
  #started = 0;
  #armed = 0;
  readonly #lines = new LineBuffer();
  #watch: NodeJS.Timeout;
  #retry: NodeJS.Timeout | undefined;
  /** Bytes of the write that failed: as much may stand after the last good byte. */
  #attempted = 0;
  #lost = 0;
  #lostEvents = 0;
  #lostFrom = 0;
  #keptEvents: { readonly body: string; readonly time: number }[] = [];
  #idle: (() => void)[] = [];
  #sticky = false;
  failure: AuditError | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
    this.#segment = parts.segment;
    this.#watch = setInterval(() => this.#lookAtStall(), RETRY);
    this.#watch.unref();
  }

  /** First index of the segment that is being written; undefined before the first record. */
  get openSegment(): number | undefined {
    return this.#segment?.first;
  }

  /**
   * Takes a record (from its time on) into the batch that is being collected.
   * @returns the batch's promise: resolved when it is written, rejected with an AuditError where it was not
   *   (with `onFailure: continue` it is resolved then too, and the loss counted)
   */
  add(body: string, time: number, event: boolean): Promise<void> {
    if (this.#sticky && !event) return this.#turnAway(this.failure!);
    if (this.#waiting + body.length > WAITING)
      return this.#turnAway(
        new AuditError('overrun', 'more records wait for the disk than may; mend: a faster disk, or fewer requests'),
        event,
      );
    const batch = (this.#collecting ??= new Batch());
    if (event) batch.events.push(batch.bodies.length);
    batch.bodies.push(body);
    batch.characters += body.length;
    this.#waiting += body.length;
    if (time < batch.from) batch.from = time;
    if (time > batch.to) batch.to = time;
    if (!this.#writing && this.#scheduled === undefined) this.#schedule();
    return batch.promise;
  }

  #turnAway(error: AuditError, event = false): Promise<void> {
    this.#countLoss(event ? 0 : 1, event ? 1 : 0);
    return this.#parts.settings.onFailure === 'continue' ? Promise.resolve() : Promise.reject(error);
  }

  #countLoss(records: number, events: number): void {
    if (this.#lost + this.#lostEvents === 0) this.#lostFrom = this.#parts.clock.now();
    this.#lost += records;
    this.#lostEvents += events;
  }

  /**
   * A lone record is written at the end of this turn of the event loop. While turns keep bringing more, their records
   * are written together, up to a millisecond's worth: handing a write to the disk's thread costs as much as several
   * records do.
   */
  #schedule(): void {
    this.#armed = performance.now();
    this.#arm();
  }

  #arm(): void {
    const seen = this.#collecting?.bodies.length ?? 0;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      const count = this.#collecting?.bodies.length ?? 0;
      if (count > seen && count < ENOUGH && performance.now() - this.#armed < 1) this.#arm();
      else void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#writing) return;
    const batch = this.#collecting ?? new Batch();
    this.#collecting = undefined;
    this.#waiting -= batch.characters;
    this.#writing = true;
    this.#started = performance.now();
    this.#inFlight = batch;
    try {
      if (this.#sticky) throw this.failure;
      if (this.#file === undefined) await this.#openFile();
      await this.#write(batch);
      if (!batch.settled) batch.settle(undefined);
    } catch (error) {
      this.#failed(batch, error instanceof AuditError ? error : unwritable(this.#segment?.path ?? 'segments', error));
    }
    this.#writing = false;
    this.#inFlight = undefined;
    if (this.#collecting !== undefined) this.#schedule();
    else for (const idle of this.#idle.splice(0)) idle();
  }

  /** Opens the segment, made if need be, and cuts it back to its last good byte. */
  async #openFile(): Promise<void> {
    this.#segment ??= this.#newSegment();
    const { path, offset } = this.#segment;
    const file = await open(path, 'a', 0o600);
    try {
      const { size } = await file.stat();
      if (size < offset) throw this.#tampered(`${path} has ${size} bytes, but ${offset} were written`);
      if (size - offset > this.#attempted) throw this.#tampered(`something else wrote to ${path}`);
      if (size > offset) await file.truncate(offset);
      if (offset === 0) await syncDirectory(join(this.#parts.directory, 'segments'));
      this.#file = file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #newSegment(): OpenSegment {
    const first = this.#tree.size;
    const path = join(this.#parts.directory, 'segments', segmentName(first));
    return { first, path, offset: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  }

  #tampered(what: string): AuditError {
    return new AuditError(
      'tampered',
      `the audit log was changed while it was written: ${what}; mend: keep the directory as evidence and run \`portcullis audit verify\``,
    );
  }

  async #write(batch: Batch): Promise<void> {
    const segment = this.#segment!;
    const now = this.#parts.clock.now();
    const bodies: string[] = [];
    const kept = this.#keptEvents;
    for (const { body } of kept) bodies.push(body);
    const lost = this.#lost;
    const lostEvents = this.#lostEvents;
    if (lost + lostEvents > 0) bodies.push(this.#gap(now));
    const own = bodies.length;
    const lines = own === 0 ? batch.bodies : bodies.concat(batch.bodies);
    if (lines.length === 0) return;

    let from = Math.min(segment.from, batch.from, kept[0]?.time ?? Number.POSITIVE_INFINITY);
    let to = Math.max(segment.to, batch.to);
    const buffer = this.#lines;
    buffer.clear();
    let index = this.#tree.size;
    for (let i = 0; i < lines.length; i++) buffer.add(lines[i]!, index++);
    const sealed = segment.offset + buffer.length >= this.#parts.settings.segmentBytes;
    if (sealed || own > 0) {
      from = Math.min(from, now);
      to = Math.max(to, now);
    }
    if (sealed) buffer.add(sealBody(segment.first, index + 1 - segment.first, from, to, now), index);

    this.#attempted = buffer.length;
    await this.#writeAll(this.#file!, buffer.bytes);
    for (const leaf of buffer.leaves) this.#tree.append(leaf);
    segment.offset += this.#attempted;
    segment.from = from;
    segment.to = to;
    this.#attempted = 0;
    if (own > 0) {
      this.#keptEvents = this.#keptEvents.slice(kept.length);
      this.#lost -= lost;
      this.#lostEvents -= lostEvents;
    }
    if (!this.#sticky) this.failure = undefined;
    if (sealed) {
      this.#retired.push(this.#file!);
      this.#file = undefined;
      this.#segment = undefined;
    }
    this.#parts.grown();
    if (sealed) this.#parts.rotated();
  }

  #gap(now: number): string {
    const losses = { lost: this.#lost, lostEvents: this.#lostEvents, from: this.#lostFrom };
    return gapBody(losses, this.failure?.message ?? 'unknown', now);
  }

  /** Appends the bytes, and waits for the disk where the settings say so. */
  #writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { fd } = file;
    const durable = this.#parts.settings.durability === 'fsync';
    let start = 0;
    const step = () =>
      fsWrite(fd, bytes, start, bytes.length - start, null, (error, written) => {
        if (error !== null) return reject(error);
        start += written;
        if (start < bytes.length) return step();
        if (!durable) return resolve();
        fdatasync(fd, (failed) => (failed === null ? resolve() : reject(failed)));
      });
    step();
    return promise;
  }

  #failed(batch: Batch, error: AuditError): void {
    this.failure ??= error;
    if (error.code === 'tampered') this.stick(error);
    for (const index of batch.events) {
      if (this.#keptEvents.length < KEPT_EVENTS)
        this.#keptEvents.push({ body: batch.bodies[index]!, time: batch.from });
      else this.#countLoss(0, 1);
    }
    this.#countLoss(batch.bodies.length - batch.events.length, 0);
    const file = this.#file;
    this.#file = undefined;
    // Opened and cut back anew before the next write.
    file?.close().catch(() => {});
    if (!batch.settled) batch.settle(this.#parts.settings.onFailure === 'continue' ? undefined : error);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.failure === undefined) return;
      if (!this.#writing && this.#scheduled === undefined) void this.#flush();
      if (!this.#sticky) this.#retryLater();
    }, RETRY);
    this.#retry.unref();
  }

  /** From now on nothing is recorded any more: the log on disk is not ours alone. */
  stick(error: AuditError): void {
    this.failure = error;
    this.#sticky = true;
  }

  /** Answers those who wait for a disk that does not answer; what it still writes counts. */
  #lookAtStall(): void {
    if (!this.#writing || performance.now() - this.#started < STALL) return;
    this.failure ??= new AuditError(
      'unwritable',
      `the disk of the audit log has not answered for ${STALL / 1000} s; mend: look at the disk`,
    );
    const failure = this.#parts.settings.onFailure === 'continue' ? undefined : this.failure;
    // Not counted as lost: it may yet be written.
    if (this.#inFlight?.settled === false) this.#inFlight.settle(failure);
    const batch = this.#collecting;
    if (batch === undefined) return;
    this.#collecting = undefined;
    this.#waiting -= batch.characters;
    this.#countLoss(batch.bodies.length - batch.events.length, batch.events.length);
    batch.settle(failure);
  }

  /** Leaves the segment to whoever changed it and goes on in a new one. */
  abandon(): void {
    const file = this.#file;
    this.#file = undefined;
    this.#segment = undefined;
    this.#attempted = 0;
    file?.close().catch(() => {});
  }

  /** Waits until nothing is being written or collected. */
  async flush(): Promise<void> {
    if (!this.#writing && this.#collecting === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push(resolve);
    await promise;
  }

  /** Makes everything written last on the disk. */
  async sync(): Promise<void> {
    const retired = this.#retired.splice(0);
    for (const [i, file] of retired.entries()) {
      try {
        await file.datasync();
      } catch (error) {
        this.#retired.unshift(...retired.slice(i));
        throw error;
      }
      await file.close();
    }
    await this.#file?.datasync();
  }

  /**
   * Whether the file at the segment's path still is the one that is being written, with as many bytes.
   * @returns what is wrong
   */
  async inspect(): Promise<AuditError | undefined> {
    const file = this.#file;
    const segment = this.#segment;
    if (file === undefined || segment === undefined) return undefined;
    const offset = segment.offset;
    try {
      const [own, there] = await Promise.all([file.stat(), stat(segment.path)]);
      if (file !== this.#file) return undefined;
      if (own.ino !== there.ino || own.dev !== there.dev) return this.#tampered(`${segment.path} was replaced`);
      if (own.size < offset) return this.#tampered(`${segment.path} was cut to ${own.size} bytes`);
      if (own.size > segment.offset && !this.#writing && segment.offset === offset)
        return this.#tampered(`something else wrote to ${segment.path}`);
      return undefined;
    } catch (error) {
      if (file !== this.#file) return undefined;
      return (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? this.#tampered(`${segment.path} was removed`)
        : undefined;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const files = this.#retired.splice(0);
    if (this.#file !== undefined) files.push(this.#file);
    this.#file = undefined;
    await Promise.all(files.map((file) => file.close().catch(() => {})));
  }
}
