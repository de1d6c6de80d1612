import type { Exchange } from '../../model/exchange.ts';
import type { ScanFinding } from '../../model/report.ts';
import type { ShownBody } from '../body.ts';
import type { Piece } from '../marks.ts';
import { exchangeLine, type ShownMessage, shownAnswer, shownRequest } from '../message.ts';
import { counted } from '../severity.ts';
import { type Html, html } from './escape.ts';

/** Exchanges of one finding that are shown: the last ones, which decide. */
const EXCHANGES = 6;
/** Characters of one command. */
const COMMAND = 6_000;

/** Request and answer of each exchange of a finding; the last one shows it, those before are for comparison. */
export function evidenceOf({ exchanges, marks }: ScanFinding): Html {
  const shown = exchanges.slice(-EXCHANGES);
  const left = exchanges.length - shown.length;
  const parts = shown.map((exchange, index) => pair(exchange, index === shown.length - 1, shown.length > 1, marks));
  return html`${left > 0 ? html`<p class="soft">${counted(left, 'exchange')} before these ${left === 1 ? 'is' : 'are'} left out.</p>` : undefined}${parts}`;
}

function pair(exchange: Exchange, last: boolean, several: boolean, marks: readonly string[]): Html {
  const decisive = last ? marks : [];
  const what = last ? (several ? 'What shows it: ' : '') : 'For comparison: ';
  return html`<h5>${what}${exchangeLine(exchange)}</h5>
<div class="pair"><div>${message('Request', shownRequest(exchange, decisive))}</div><div>${message('Answer', shownAnswer(exchange, decisive))}</div></div>`;
}

const message = (title: string, { head, body }: ShownMessage): Html =>
  html`<h5>${title}</h5><pre>${head.map(piece)}${bodyOf(body)}</pre>`;

function bodyOf({ kind, pieces, before, behind, size }: ShownBody): Html | undefined {
  if (kind === 'none') return undefined;
  const note = kind === 'binary' ? html`<span class="cutoff">(${counted(size, 'byte')}, no text)</span>\n` : undefined;
  return html`

${note}${left(before)}${pieces.map(piece)}${left(behind)}`;
}

const left = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<span class="cutoff"> … ${text} … </span>`;

const piece = ({ text, marked }: Piece): Html => (marked ? html`<mark>${text}</mark>` : html`${text}`);

/** The commands that repeat a finding, in order. */
export function commandsOf({ curl }: ScanFinding): Html {
  return html`${curl.slice(-EXCHANGES).map((command) => html`<pre><code>${short(command)}</code></pre>`)}`;
}

const short = (command: string): string =>
  command.length <= COMMAND ? command : `# longer than ${COMMAND} characters: take it from the JSON report`;
