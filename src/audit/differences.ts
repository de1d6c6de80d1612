import { type Difference, diffLines } from './diff.ts';
import type { Findings } from './findings.ts';
import { HASH_BYTES, leafHashIn } from './merkle.ts';
import { claimedIndex, type Segment, scanLines, segmentName } from './segments.ts';
import type { SignedTiles } from './signed-tiles.ts';
import { TILE_WIDTH } from './tiles.ts';

/** What is kept of a line to name it. */
interface Line {
  readonly claimed: number;
  readonly offset: number;
}

/**
 * Finds, segment by segment, which lines are not the records that were signed. A segment that is right costs its
 * hashing; one that is not is compared as a whole, so that one inserted line does not make all after it wrong.
 */
export async function findDifferences(
  segments: readonly Segment[],
  size: number,
  tiles: SignedTiles,
  findings: Findings,
): Promise<void> {
  for (const [i, segment] of segments.entries()) {
    const end = Math.min(segments[i + 1]?.first ?? size, size);
    await compareSegment(segment, Math.max(end, segment.first), i === segments.length - 1, size, tiles, findings);
  }
  if (segments.length === 0 && size > 0)
    findings.add('removed', `records 0 to ${size - 1} are missing: there is no segment`, { index: 0, last: size - 1 });
}

async function compareSegment(
  segment: Segment,
  end: number,
  newest: boolean,
  size: number,
  tiles: SignedTiles,
  findings: Findings,
): Promise<void> {
  const hashes: string[] = [];
  const lines: Line[] = [];
  await scanLines(segment.path, (bytes, start, stop, offset) => {
    hashes.push(leafHashIn(bytes, start, stop).toString('latin1'));
    lines.push({ claimed: claimedIndex(bytes, start, stop), offset });
    return true;
  });
  if (newest) dropUnsigned(segment, lines, hashes, size, end, findings);

  const { expected, doubtful } = await expectedHashes(segment.first, end, tiles);
  const differences = diffLines(hashes, expected);
  const touched = new Set<number>();
  for (const difference of differences) {
    if (difference.kind !== 'inserted') touched.add(Math.floor((segment.first + difference.index) / TILE_WIDTH));
    await report(segment, difference, lines, expected, hashes, tiles, size, findings);
  }
  for (const index of doubtful) {
    if (touched.has(index)) continue;
    const first = Math.max(index * TILE_WIDTH, segment.first);
    const last = Math.min((index + 1) * TILE_WIDTH, end) - 1;
    findings.add(
      'changed',
      `${segment.name} lines ${first - segment.first + 1} to ${last - segment.first + 1}: records ${first} to ${last} and the tile over them were changed together; which of them cannot be told`,
      { segment: segment.name, line: first - segment.first + 1, index: first, last },
    );
  }
}

/** Takes the lines off the end that come after the checkpoint; they must at least carry their numbers. */
function dropUnsigned(
  segment: Segment,
  lines: Line[],
  hashes: string[],
  size: number,
  end: number,
  findings: Findings,
): void {
  let from = lines.length;
  while (from > 0 && lines[from - 1]!.claimed >= size) from--;
  const missing = end - segment.first - from;
  // Nothing to say of lines after a part that is wrong in number anyway.
  const first = Math.max(size, segment.first) - from;
  for (let i = from; i < lines.length && missing === 0; i++)
    if (lines[i]!.claimed !== first + i)
      findings.add('changed', `${segment.name} line ${i + 1}: not signed yet, and it is not record ${first + i}`, {
        segment: segment.name,
        line: i + 1,
        index: first + i,
      });
  lines.length = from;
  hashes.length = from;
}

/** Hashes the records should have; `doubtful` are tiles that the signed root does not vouch for though it could. */
async function expectedHashes(
  start: number,
  end: number,
  tiles: SignedTiles,
): Promise<{ expected: string[]; doubtful: number[] }> {
  const expected: string[] = [];
  const doubtful: number[] = [];
  for (let index = Math.floor(start / TILE_WIDTH); index * TILE_WIDTH < end; index++) {
    const tile = await tiles.leaves(index);
    if (!tile.signed && tiles.anchored) doubtful.push(index);
    const from = Math.max(start - index * TILE_WIDTH, 0);
    const to = Math.min(end - index * TILE_WIDTH, TILE_WIDTH);
    for (let i = from; i < to; i++)
      expected.push(tile.bytes?.toString('latin1', i * HASH_BYTES, (i + 1) * HASH_BYTES) ?? '');
  }
  return { expected, doubtful };
}

async function report(
  segment: Segment,
  difference: Difference,
  lines: readonly Line[],
  expected: readonly string[],
  hashes: readonly string[],
  tiles: SignedTiles,
  size: number,
  findings: Findings,
): Promise<void> {
  const { line } = difference;
  const where = `${segment.name} line ${line + 1}`;
  const id = line < lines.length ? await idAt(segment, lines[line]!) : undefined;
  const named = id === undefined ? '' : ` (${id})`;
  const at = { segment: segment.name, line: line + 1, ...(id === undefined ? {} : { id }) };
  if (difference.kind === 'changed') {
    const index = segment.first + difference.index;
    findings.add('changed', `${where}: record ${index}${named} was changed`, { ...at, index });
  } else if (difference.kind === 'reordered') {
    const index = segment.first + difference.index;
    findings.add('reordered', `${where}: record ${index}${named} is in the wrong place`, { ...at, index });
  } else if (difference.kind === 'inserted') {
    const { claimed } = lines[line]!;
    if (claimed >= 0 && claimed < size && (await hashOf(claimed, tiles)) === hashes[line])
      findings.add('reordered', `${where}: record ${claimed}${named} is a copy, or in the wrong place`, {
        ...at,
        index: claimed,
      });
    else findings.add('inserted', `${where}: a line${named} was inserted`, at);
  } else {
    const index = segment.first + difference.index;
    const last = segment.first + difference.last;
    const what = index === last ? `record ${index} was` : `records ${index} to ${last} were`;
    const atEnd = difference.last === expected.length - 1;
    const whole = difference.index === 0 && atEnd;
    const hint = whole
      ? ' (the whole segment)'
      : atEnd
        ? ` (the end of the segment was cut, or ${segmentName(index)} was deleted)`
        : '';
    findings.add('removed', `${where}: before it, ${what} removed${hint}`, {
      segment: segment.name,
      line: line + 1,
      index,
      last,
    });
  }
}

async function hashOf(index: number, tiles: SignedTiles): Promise<string | undefined> {
  const { bytes } = await tiles.leaves(Math.floor(index / TILE_WIDTH));
  const i = index % TILE_WIDTH;
  return bytes?.toString('latin1', i * HASH_BYTES, (i + 1) * HASH_BYTES);
}

/** The exchange id that a line carries, if it still does. */
async function idAt(segment: Segment, { offset }: Line): Promise<string | undefined> {
  let id: string | undefined;
  await scanLines(
    segment.path,
    (bytes, start, end) => {
      const text = bytes.toString('utf8', start, Math.min(end, start + 400));
      id = /"kind":"exchange","id":"([A-Za-z0-9_-]{1,64})"/.exec(text)?.[1];
      return false;
    },
    { from: offset },
  );
  return id;
}
