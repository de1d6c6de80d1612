import { type Call, Verbatim } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Ground } from './ground.ts';
import { isScalar } from './words.ts';

/** Properties of a JSON body that are written as elements, at most. */
const ELEMENTS = 40;

/** XML as the contract has it; a JSON operation may have a parser for it all the same. */
export function xmlTypesOf({ sample, operation }: Ground): string[] {
  const declared = operation.body?.content.map(({ type }) => type).filter((type) => /[/+]xml$/.test(type)) ?? [];
  if (declared.length > 0) return declared.slice(0, 2);
  return /[/+]json$/.test(sample.call.body?.type ?? '') ? ['application/xml'] : [];
}

/** A document type, and what of it stands in the document's text. */
export interface Declared {
  readonly subset: string;
  readonly reference: string;
  /** Which text holds the reference, from 0; undefined: every one. A date, or a short text, would be refused with it. */
  readonly at?: number | undefined;
}

/** Texts that are tried alone, at most. */
const ALONE = 8;

/** Where a reference can be put: everywhere at once, then in each text alone. */
export async function spotsOf(context: CheckContext, ground: Ground): Promise<(number | undefined)[]> {
  const parts = documentOf(context, await ground.next(), ground, { subset: '', reference: SPOT }).split(SPOT);
  const count = Math.min(parts.length - 1, ALONE);
  return [undefined, ...(count > 1 ? Array.from({ length: count }, (_, index) => index) : [])];
}

const SPOT = '&kspot;';

/** Sends a working call of the ground as XML with a document type, the reference in every text. @throws NoCall */
export async function sendXml(
  context: CheckContext,
  ground: Ground,
  type: string,
  declared: Declared,
): Promise<Exchange> {
  const base = await ground.next();
  const call: Call = { ...base, body: { type, value: new Verbatim(documentOf(context, base, ground, declared)) } };
  return await context.send(call, ground.as);
}

/** The call's own document, or its JSON as elements, with the reference in every text. */
function documentOf(context: CheckContext, base: Call, { as }: Ground, { subset, reference, at }: Declared): string {
  let index = 0;
  const put = (): string => (at === undefined || index++ === at ? reference : '');
  const own = /[/+]xml$/.test(base.body?.type ?? '') ? context.render(base, as).body : undefined;
  const text = typeof own === 'string' ? own : undefined;
  const root = text?.replace(/^\s*(?:<\?[^>]{0,200}\?>)?\s*(?:<!--[\s\S]{0,500}?-->\s*)?/, '');
  const name = /^<([A-Za-z_][\w:.-]{0,100})/.exec(root ?? '')?.[1];
  if (root !== undefined && name !== undefined) {
    return `<?xml version="1.0"?><!DOCTYPE ${name} [${subset}]>${root.replace(/>([^<>]{1,500})<\//g, (_, text: string) => `>${text}${put()}</`)}`;
  }
  return `<?xml version="1.0"?><!DOCTYPE root [${subset}]><root>${elements(base.body?.value, put)}</root>`;
}

function elements(value: unknown, put: () => string): string {
  if (typeof value !== 'object' || value === null) return put();
  let text = '';
  for (const [name, inner] of Object.entries(value).slice(0, ELEMENTS)) {
    if (!/^[A-Za-z_][\w.-]{0,60}$/.test(name) || /^xml/i.test(name)) continue;
    const content = typeof inner === 'string' ? `${escaped(inner)}${put()}` : isScalar(inner) ? String(inner) : put();
    text += `<${name}>${content}</${name}>`;
  }
  return text;
}

/** A text as it may stand in an element. */
export const escaped = (text: string): string => text.replace(/[^\w .,@:/+-]/g, (char) => `&#${char.codePointAt(0)};`);
