import { Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from './common/ground.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { word } from './common/words.ts';

/** Answers that are looked at after each write, at most. */
const READERS = 8;

export const check: Check = {
  id: 'prototype-pollution',
  group: 'injection',
  title: 'Prototype pollution',
  practice: 'validate',
  cwe: 'CWE-1321',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'A property called __proto__ of a body changes what every object of the process has. Callers give themselves rights, break the service for all, or run code.',
  mend: 'Copy declared properties only, into objects without a prototype or Maps; refuse __proto__, constructor and prototype as names. In the contract, say additionalProperties: false: the gate refuses what is not declared.',
  async run(context) {
    const grounds = await groundsOf(context, ({ body, method }) => body !== undefined && method !== 'DELETE');
    const json = grounds.filter(({ sample, login }) => !login && /[/+]json$/.test(sample.call.body?.type ?? ''));
    if (json.length === 0) return;
    const readers = (await groundsOf(context, ({ method }) => method === 'GET')).slice(0, READERS);
    // One after the other: what one leaves behind must not be taken for the next one's.
    for (const ground of json) {
      if (context.signal.aborted) return;
      await unlessGone(context, ground.operation, async () => await attack(context, ground, readers));
      await unlessGone(context, ground.operation, async () => await ground.end());
    }
  },
};

/** Two ways to an object's prototype. A name that nobody looks up harms nobody, and shows where properties are listed. */
const WAYS: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `"__proto__":{"${name}":"${value}"}`,
  (name, value) => `"constructor":{"prototype":{"${name}":"${value}"}}`,
];

async function attack(context: CheckContext, ground: Ground, readers: readonly Ground[]): Promise<void> {
  const { operation } = ground;
  const random = context.random(operation.key);
  for (const way of WAYS) {
    const show = again(context, ground, async () => await polluted(context, ground, readers, way, random));
    const proof = await show();
    if (!proof) continue;
    const message = `${operation.key} lets its body change the prototype of objects: a property that was sent showed in the answer to another request`;
    await context.report({ message, operation, place: 'the body', proof, again: show });
    return;
  }
}

async function polluted(
  context: CheckContext,
  ground: Ground,
  readers: readonly Ground[],
  way: (name: string, value: string) => string,
  random: () => number,
): Promise<Proof | undefined> {
  const [name, value] = [word(random, 10), word(random, 10)];
  const call = await ground.next();
  const request = context.render(call, ground.as);
  const text = typeof request.body === 'string' ? request.body.trim() : '';
  if (!text.startsWith('{')) return undefined;
  const rest = text.slice(1).trimStart();
  const body = new Verbatim(`{${way(name, value)}${rest.startsWith('}') ? '' : ','}${rest}`);
  const sent = await context.send(
    { ...call, body: { type: call.body?.type ?? 'application/json', value: body } },
    ground.as,
  );
  if (sent.answer.status === 0) return undefined;
  for (const reader of [...readers, ground]) {
    const later: Exchange = await context.send(await reader.next(), reader.as);
    // Stored and given back is no pollution: only where it stands outside of the object that was sent.
    if (isInherited(later.answer.json, name, value)) return { exchanges: [sent, later], marks: [name] };
  }
  return undefined;
}

/** Whether two or more objects of an answer have the property at their own top, or one whose sender never had it. */
function isInherited(json: unknown, name: string, value: string): boolean {
  let objects = 0;
  let having = 0;
  const walk = (here: unknown, depth: number): void => {
    if (typeof here !== 'object' || here === null || depth > 12 || objects > 5_000) return;
    if (!Array.isArray(here)) {
      objects++;
      if (Object.hasOwn(here, name) && Reflect.get(here, name) === value) having++;
    }
    for (const [key, inner] of Object.entries(here)) {
      if (key !== '__proto__' && key !== 'constructor') walk(inner, depth + 1);
    }
  };
  walk(json, 0);
  return having > 1 || (having === 1 && objects === 1);
}
