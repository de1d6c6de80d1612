import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from './common/ground.ts';
import { isPage, MARKER, scriptIn, scriptsFor, severityOf } from './common/markup.ts';
import { readersOf } from './common/readers.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { isPassword, labelOf, schemaField, typesOf, word } from './common/words.ts';

/** Pages read after one write, and texts of one body tried alone, at most. */
const PAGES = 24;
const ALONE = 12;

export const check: Check = {
  id: 'stored-script',
  group: 'injection',
  title: 'Stored script',
  practice: 'validate',
  cwe: 'CWE-79',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'What one caller stores is written into a page that others open, script included. It runs with the rights of whoever reads.',
  mend: 'Escape values where a page is made; clean markup that users may write with a list of what is allowed. Send a Content-Security-Policy without inline scripts, and serve stored files as attachments.',
  async run(context) {
    const pages = await pageOperations(context);
    if (pages.length === 0) {
      context.skip('no operation answers with a page');
      return;
    }
    const grounds = await groundsOf(
      context,
      ({ method }) => method === 'POST' || method === 'PUT' || method === 'PATCH',
    );
    // One after the other: what one stores is looked for before the next stores something.
    for (const ground of grounds) {
      if (context.signal.aborted) return;
      if (ground.effect === 'read') continue;
      await unlessGone(context, ground.operation, async () => await attack(context, ground, pages));
      await unlessGone(context, ground.operation, async () => await ground.end());
    }
  },
};

/** GETs that answer with a page, by their contract or by their sample. */
async function pageOperations(context: CheckContext): Promise<Ground[]> {
  const grounds = await groundsOf(context, ({ method }) => method === 'GET');
  return grounds.filter(
    ({ operation, sample }) =>
      isPage(sample.exchange) ||
      operation.responses.some(
        ({ status, content }) => /^2/.test(status) && content.some(({ type }) => /html|svg/.test(type)),
      ),
  );
}

async function attack(context: CheckContext, ground: Ground, pages: readonly Ground[]): Promise<void> {
  const random = context.random(ground.operation.key);
  const names = textsOf(context, ground.sample.call);
  if (names.length === 0) return;
  // All texts at once; where that is refused, each alone.
  const sets = [names, ...(names.length > 1 ? names.slice(0, ALONE).map((name) => [name]) : [])];
  for (const [index, set] of sets.entries()) {
    const result = await stored(context, ground, pages, set, random);
    if (result.proof) {
      const label = set.length === 1 ? set[0] : await smallest(context, ground, pages, set, random);
      await report(context, ground, pages, label === undefined ? set : [label], random);
      return;
    }
    if (index === 0 && result.taken) return;
  }
}

/** Pointers of the texts of a body that may hold anything. */
function textsOf(context: CheckContext, call: Call): string[] {
  return context
    .places(call)
    .filter((place) => place.in === 'body' && place.name !== '' && !place.readOnly && !isPassword(place))
    .filter(
      (place) => typeof place.value === 'string' || (place.value === undefined && typesOf(place).includes('string')),
    )
    .filter((place) => schemaField(place, 'enum') === undefined && schemaField(place, 'format') === undefined)
    .filter((place) => Number(schemaField(place, 'maxLength') ?? 100) >= 20)
    .map(({ name }) => name);
}

async function smallest(
  context: CheckContext,
  ground: Ground,
  pages: readonly Ground[],
  set: readonly string[],
  random: () => number,
): Promise<string | undefined> {
  for (const name of set.slice(0, ALONE)) {
    if ((await stored(context, ground, pages, [name], random)).proof) return name;
  }
  return undefined;
}

async function report(
  context: CheckContext,
  ground: Ground,
  pages: readonly Ground[],
  set: readonly string[],
  random: () => number,
): Promise<void> {
  const { operation } = ground;
  const show = again(context, ground, async () => (await stored(context, ground, pages, set, random)).proof);
  const proof = await show();
  if (!proof) return;
  const reader = proof.exchanges.at(-1)?.operation?.key ?? 'a page';
  const place = set
    .map((name) => labelOf({ in: 'body', name, word: '', schema: undefined, required: false, value: '' }))
    .join(', ');
  const message = `${operation.key} stores ${place} as it is, and ${reader} writes it into a page: a script that was stored came back as one`;
  const severity = severityOf(proof.exchanges.at(-1)!);
  await context.report({ message, operation, place, severity, proof, again: show });
}

/** Stores a text and reads the pages. */
async function stored(
  context: CheckContext,
  ground: Ground,
  pages: readonly Ground[],
  names: readonly string[],
  random: () => number,
): Promise<{ readonly taken: boolean; readonly proof: Proof | undefined }> {
  const marker = word(random, MARKER);
  let call = await ground.next();
  for (const place of context.places(call)) {
    if (place.in === 'body' && names.includes(place.name)) {
      call = context.put(call, place, scriptsFor(place)[0]?.(marker));
    }
  }
  const put = await context.send(call, ground.as);
  if (context.outcome(put) !== 'success') return { taken: false, proof: undefined };
  let read = 0;
  for (const page of pages) {
    for (const asked of readersOf(context, page, call, put)) {
      // Who wrote it may see it where others may not.
      for (const as of new Set([ground.as, page.as])) {
        if (read++ >= PAGES) return { taken: true, proof: undefined };
        const exchange = await context.send(asked, as);
        const mark = scriptIn(exchange, marker);
        if (mark !== undefined) return { taken: true, proof: { exchanges: [put, exchange], marks: [mark] } };
      }
    }
  }
  return { taken: true, proof: undefined };
}
