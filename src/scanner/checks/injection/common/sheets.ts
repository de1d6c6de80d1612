import type { Operation } from '../../../../contract/model.ts';
import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange, ScanRequest } from '../../../model/exchange.ts';
import type { Identity } from '../../../model/identity.ts';
import type { Ground } from './ground.ts';
import { readersOf } from './readers.ts';
import { groundsOf } from './targets.ts';
import { schemaField } from './words.ts';

const SHEET = /csv|tab-separated|ms-excel|spreadsheetml/;
/** Values of a parameter that ask for a table. */
const FORMATS = /^(csv|tsv|xls|excel)$/i;

/** A file of rows and cells that an operation answers with, and how it is read. */
export interface SheetFile {
  readonly operation: Operation;
  /** Requests that may show what was just written. */
  readings(written: Call, put: Exchange, writer: Ground): readonly (() => Promise<Exchange>)[];
}

/** GETs that answer with a table: by their sample, by their contract (asked for with `Accept`), or by a parameter. */
export async function filesOf(context: CheckContext): Promise<SheetFile[]> {
  const files: SheetFile[] = [];
  for (const ground of await groundsOf(context, ({ method }) => method === 'GET')) {
    const { operation, sample } = ground;
    const declared = operation.responses
      .filter(({ status }) => /^2/.test(status))
      .flatMap(({ content }) => content.map(({ type }) => type))
      .find((type) => SHEET.test(type));
    const plain = SHEET.test(sample.exchange.answer.mediaType);
    const place = context
      .places(sample.call)
      .find((one) => one.in === 'query' && formatOf(schemaField(one, 'enum')) !== undefined);
    if (!plain && !declared && !place) continue;
    const asked = place ? context.put(sample.call, place, formatOf(schemaField(place, 'enum'))) : sample.call;
    files.push(sheet(context, { ...ground, sample: { ...sample, call: asked } }, plain ? undefined : declared));
  }
  return files;
}

const formatOf = (values: unknown): unknown =>
  Array.isArray(values) ? values.find((value) => typeof value === 'string' && FORMATS.test(value)) : undefined;

function sheet(context: CheckContext, page: Ground, type: string | undefined): SheetFile {
  const { operation } = page;
  const ask = async (call: Call, as: Identity | null): Promise<Exchange> => {
    if (type === undefined) return await context.send(call, as);
    return await context.request(accepting(context.render(call, as), type), { operation, as: as?.name });
  };
  return {
    operation,
    readings: (written, put, writer) =>
      // Who exports is seldom who writes.
      readersOf(context, page, written, put).flatMap((call) =>
        [...new Set([page.as, writer.as])].map((as) => async () => await ask(call, as)),
      ),
  };
}

const accepting = (request: ScanRequest, type: string): ScanRequest => ({
  ...request,
  headers: [...request.headers.filter(([name]) => name.toLowerCase() !== 'accept'), ['Accept', type]],
});

/**
 * The formula as it stands at the beginning of a cell (RFC 4180: quoted or not); undefined where something stands
 * before it, or the answer is no table.
 */
export function formulaIn({ answer }: Exchange, formula: string): string | undefined {
  const { text, mediaType } = answer;
  if (
    !SHEET.test(mediaType) &&
    !/filename[^;]*\.(csv|tsv|xls)\b/i.test(answer.headers.get('content-disposition') ?? '')
  )
    return undefined;
  const between = mediaType.includes('tab-separated') ? '\t' : ',;|';
  const opens = (at: number): boolean => {
    if (at === 0) return true;
    const before = text[at - 1] ?? '';
    return before === '\n' || before === '\r' || between.includes(before) || (before === '\ufeff' && at === 1);
  };
  for (let at = text.indexOf(formula); at >= 0; at = text.indexOf(formula, at + 1)) {
    if (opens(at)) return formula;
    if (text[at - 1] === '"' && opens(at - 1)) return `"${formula}`;
  }
  return undefined;
}
