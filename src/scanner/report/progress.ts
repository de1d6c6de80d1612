import type { ScanWatch } from '../model/plan.ts';
import { paintOf } from './colour.ts';
import { counted, whereOf } from './severity.ts';
import { columnsOf, fit, obeyedByNobody, oneLine, pad } from './visible.ts';

/** Where progress is shown. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** Columns of a terminal, as they are now. */
  readonly columns?: number | undefined;
}

export interface ProgressOptions {
  /** A line that is redrawn; else a line for each phase. */
  readonly live: boolean;
  readonly colours: boolean;
  /** Milliseconds that never go back; default `performance.now`. */
  readonly now?: () => number;
}

/** Milliseconds between two drawings, between two lines of life in a log, and over which the rate is measured. */
const REDRAW = 100;
const HEARTBEAT = 30_000;
const WINDOW = 3_000;
/** Findings and notes that are told as they come. */
const TOLD = 50;

const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';
const CLEAR = '\r\x1b[2K';

/** Whether a stream is a terminal on which a line can be redrawn: not in CI, not a dumb one. */
export const canRedraw = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean =>
  stream.isTTY === true &&
  environment['TERM'] !== 'dumb' &&
  (environment['CI'] === undefined || environment['CI'] === '' || environment['CI'] === 'false');

/**
 * Shows how a scan goes on. `close` clears the line and gives the cursor back; it may be called twice, and is called
 * at the exit of the process where nobody did.
 */
export function createProgress(output: ProgressOutput, options: ProgressOptions): ScanWatch & { close(): void } {
  return options.live ? liveProgress(output, options) : plainProgress(output, options);
}

function plainProgress(
  output: ProgressOutput,
  { now = () => performance.now() }: ProgressOptions,
): ScanWatch & { close(): void } {
  const line = (text: string): void => {
    output.write(`${obeyedByNobody(text)}\n`);
  };
  const teller = once(line);
  let last = now();
  return {
    phase: (name, index, total) => {
      last = now();
      line(`phase ${index + 1}/${total}: ${oneLine(name)}`);
    },
    progress: (_done, _total, requests, findings) => {
      if (now() - last < HEARTBEAT) return;
      last = now();
      line(`  ${counted(requests, 'request')}, ${counted(findings, 'finding')} so far`);
    },
    finding: (finding) => teller(`  found: ${oneLine(`${finding.severity} ${finding.check.id}, ${whereOf(finding)}`)}`),
    note: (text) => teller(`  note: ${oneLine(text)}`),
    close: () => undefined,
  };
}

/** Tells what is handed in until it is too much, and then says so once. */
function once(line: (text: string) => void): (text: string) => void {
  let told = 0;
  return (text) => {
    told++;
    if (told <= TOLD) line(text);
    else if (told === TOLD + 1) line('  further findings and notes stand in the report');
  };
}

function liveProgress(
  output: ProgressOutput,
  { colours, now = () => performance.now() }: ProgressOptions,
): ScanWatch & { close(): void } {
  const paint = paintOf(colours);
  const rate = rateOver(WINDOW);
  let phase = 'starting';
  let index = 0;
  let phases = 1;
  let done = 0;
  let requests = 0;
  let found = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let open = true;

  const draw = (): void => {
    drawn = now();
    // One column less than there are: a terminal would begin a new line behind the last.
    const width = Math.max(20, (output.columns ?? 80) - 1);
    const share = Math.max(0, Math.min(1, done / phases));
    const cells = Math.max(6, Math.min(24, Math.floor(width / 5)));
    const full = Math.round(share * cells);
    const bar = '█'.repeat(full) + '░'.repeat(cells - full);
    const facts = `${rate.at(drawn, requests)}/s  ${counted(requests, 'request')}  ${counted(found, 'finding')}`;
    const left = width - cells - 6;
    const room = left - columnsOf(facts) - 2;
    const name = `${index + 1}/${phases} ${phase}`;
    // What is said first gives way last: on narrow terminals the facts, then the phase.
    const text = room >= 10 ? `${pad(fit(name, Math.min(room, 44)), Math.min(room, 44))}  ${facts}` : fit(name, left);
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    output.write(`${CLEAR}${paint('good', bar)} ${percent} ${text}`);
  };
  const above = (text: string): void => {
    output.write(`${CLEAR}${fit(text, Math.max(20, (output.columns ?? 80) - 1))}\n`);
    draw();
  };
  const teller = once(above);
  const restore = (): void => {
    if (!open) return;
    open = false;
    clearInterval(life);
    process.off('exit', restore);
    output.write(`${CLEAR}${SHOW}`);
  };
  // An API that hangs calls nobody back: the line must go on all the same.
  const life = setInterval(() => {
    if (now() - drawn >= REDRAW) draw();
  }, 500);
  life.unref();
  process.once('exit', restore);
  output.write(HIDE);
  draw();
  return {
    phase: (name, at, total) => {
      phase = oneLine(name);
      index = at;
      phases = Math.max(1, total);
      done = at;
      if (open) draw();
    },
    progress: (at, total, sent, findings) => {
      done = at;
      phases = Math.max(1, total);
      requests = sent;
      found = findings;
      if (open && now() - drawn >= REDRAW) draw();
    },
    finding: (finding) => {
      found++;
      if (open) teller(`${pad(finding.severity, 13)}  ${oneLine(`${finding.check.id}, ${whereOf(finding)}`)}`);
    },
    note: (text) => {
      if (open) teller(`${pad('note', 13)}  ${oneLine(text)}`);
    },
    close: restore,
  };
}

/** Counts per second over the last span, from counts at moments: a ring of some thirty. */
function rateOver(span: number): { at(moment: number, count: number): number } {
  let samples: { readonly moment: number; readonly count: number }[] = [];
  return {
    at(moment, count) {
      samples = samples.filter((sample) => moment - sample.moment <= span).slice(-64);
      const first = samples[0];
      samples.push({ moment, count });
      if (first === undefined || moment <= first.moment) return 0;
      return Math.round(((count - first.count) * 1_000) / (moment - first.moment));
    },
  };
}
