import { eventBody } from './record.ts';
import { segmentName } from './segments.ts';

/** What was lost, and since when (epoch milliseconds). */
export interface Losses {
  readonly lost: number;
  readonly lostEvents: number;
  readonly from: number;
}

/** The record that stands where records are missing. */
export function gapBody({ lost, lostEvents, from }: Losses, reason: string, now: number): string {
  return eventBody(
    {
      event: 'audit/gap',
      note: 'records are missing here: they could not be written',
      evidence: { lost, lostEvents, from: new Date(from), until: new Date(now), reason },
    },
    now,
  );
}

/** The last record of a segment: what is in it, so that a search need not open it. */
export function sealBody(first: number, records: number, from: number, to: number, now: number): string {
  return eventBody(
    {
      event: 'audit/sealed',
      note: 'the segment is complete',
      evidence: { segment: segmentName(first), first, records, from: new Date(from), to: new Date(to) },
    },
    now,
  );
}
