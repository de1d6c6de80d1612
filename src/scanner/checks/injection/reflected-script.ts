import type { Check } from '../../model/check.ts';
import { echoes, type Probe } from './common/echo.ts';
import { isPage, MARKER, scriptIn, scriptsFor, severityOf } from './common/markup.ts';
import { overPlaces, type Target, unlessGone } from './common/targets.ts';
import { word } from './common/words.ts';

export const check: Check = {
  id: 'reflected-script',
  group: 'injection',
  title: 'Reflected script',
  practice: 'validate',
  cwe: 'CWE-79',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'What a link says comes back as a part of a page, script included. Whoever opens the link runs the script of whoever made it, with the rights of the site.',
  mend: 'Escape values where a page is made, or answer with JSON. Send X-Content-Type-Options: nosniff and a Content-Security-Policy without inline scripts. In the contract, give the value a pattern without < > " \'.',
  async run(context) {
    await overPlaces(
      context,
      (target) =>
        target.ground.effect !== 'remove' && target.place.in !== 'cookie' && (target.reads || answersPage(target)),
      async (target) => {
        const { operation, label, random } = target;
        const message = `${operation.key} writes ${label} into a page as it is: a script that was sent came back as one`;
        for (const write of scriptsFor(target.place)) {
          const make = (): Probe => {
            const marker = word(random, MARKER);
            return { value: write(marker), shown: (exchange) => scriptIn(exchange, marker) };
          };
          if (await echoes(context, target, message, make, severityOf)) return;
        }
      },
    );
    await unknownPath(context);
  },
};

/** What makes things (201) is asked only where it answers with pages: each request leaves something behind. */
const answersPage = ({ operation, ground }: Target): boolean =>
  ground.sample.exchange.answer.status === 200 ||
  isPage(ground.sample.exchange) ||
  operation.responses.some(({ content }) => content.some(({ type }) => /html|svg/.test(type)));

/** The page for a path that is not there. */
async function unknownPath(context: Parameters<NonNullable<Check['run']>>[0]): Promise<void> {
  const random = context.random('unknown path');
  const base = context.base.pathname.replace(/\/+$/, '');
  const show = async () => {
    const marker = word(random, 11);
    const ask = async (tail: string) =>
      await context.request({
        method: 'GET',
        target: `${base}/${marker}${tail}`,
        headers: [['accept', 'text/html,*/*']],
      });
    const control = await ask('');
    // Browsers encode < > " in paths; servers that decode before they write are the weak ones.
    const exchange = await ask(encodeURIComponent(`'"><svg/onload=${marker}>`));
    const mark = scriptIn(exchange, marker);
    return mark === undefined ? undefined : { exchanges: [control, exchange], marks: [mark] };
  };
  await unlessGone(context, context.operations[0]!, async () => {
    const proof = await show();
    if (!proof) return;
    const message = 'The page for an unknown path holds the path as it is: a script in it came back as one';
    await context.report({
      message,
      place: 'the path',
      cause: 'unknown path',
      severity: severityOf(proof.exchanges[1]!),
      proof,
      again: show,
    });
  });
}
