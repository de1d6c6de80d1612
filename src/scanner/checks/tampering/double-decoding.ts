import { Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { settle } from '../injection/common/pairs.ts';
import { again, overPlaces, type Target } from '../injection/common/targets.ts';

export const check: Check = {
  id: 'double-decoding',
  group: 'tampering',
  title: 'Values are decoded twice',
  practice: 'validate',
  cwe: 'CWE-174',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'A value that is percent-encoded twice is decoded twice. What looks at requests before the API, and decodes once, sees something harmless where the API sees an attack.',
  mend: 'Decode once, where the request is read, and nowhere else. The gate refuses values with a second layer of encoding where the contract gives them a pattern.',
  async run(context) {
    await overPlaces(
      context,
      ({ reads, ground, place, text }) =>
        reads && !ground.login && (place.in === 'query' || place.in === 'path') && /^[A-Za-z]/.test(text),
      async (target) => await attack(context, target),
    );
  },
};

const hex = (char: string): string => `%25${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;

async function attack(context: CheckContext, target: Target): Promise<void> {
  const { operation, label } = target;
  const show = again(context, target, async () => await decodes(context, target));
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} decodes ${label} twice: a letter that was percent-encoded twice was taken for the letter`;
  await context.report({ message, operation, place: label, proof, again: show });
}

/** The first letter encoded twice means the letter; another letter encoded twice does not, and neither does nonsense. */
async function decodes(context: CheckContext, target: Target): Promise<Proof | undefined> {
  const [first = '', ...rest] = target.text;
  const tail = encodeURIComponent(rest.join(''));
  const other = first === 'q' ? 'z' : 'q';
  const twice = await target.send(new Verbatim(hex(first) + tail));
  if (context.outcome(twice) !== 'success') return undefined;
  const settled = await settle(context, target);
  if (!settled) return undefined;
  const { likeness, control } = settled;
  const same = (exchange: typeof twice, sent: string): boolean => likeness.same({ exchange, sent }, control);
  if (!same(twice, `%${hex(first).slice(3)}${rest.join('')}`)) return undefined;
  for (const text of [hex(other) + tail, `%25zz${tail}`]) {
    const wrong = await target.send(new Verbatim(text));
    if (same(wrong, text)) return undefined;
  }
  const repeated = await target.send(new Verbatim(hex(first) + tail));
  if (!same(repeated, '')) return undefined;
  return { exchanges: [control.exchange, repeated], marks: [hex(first)] };
}
