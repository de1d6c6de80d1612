import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Operations on which it is tried. */
const TRIED = 16;
/** What makes a path look like that of a file that anyone may have. */
const DISGUISES: readonly { readonly name: string; of(path: string, word: string): string }[] = [
  { name: 'a segment', of: (path, word) => `${path.replace(/\/$/, '')}/${word}.css` },
  { name: 'a path parameter', of: (path, word) => `${path.replace(/\/$/, '')};${word}.css` },
  { name: 'an encoded line end', of: (path, word) => `${path.replace(/\/$/, '')}%0A${word}.css` },
  { name: 'an encoded question mark', of: (path, word) => `${path.replace(/\/$/, '')}%3F${word}.css` },
  { name: 'an extension', of: (path) => `${path.replace(/\/$/, '')}.css` },
];

/** Private data is answered under a path that caches take for a public file. */
export const check: Check = {
  id: 'cache-deception',
  group: 'answers',
  title: 'Private answers come under names of public files',
  practice: 'necessary-only',
  cwe: 'CWE-524',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Caches keep what ends in .css for everybody. Whoever gets a user to open such an address finds the answer to that user in the cache.',
  mend: 'Answer 404 to paths that the API does not have, and no-store with private answers. Portcullis does both.',

  async run(context) {
    const samples = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation): Sample[] => {
        const all = context.samples(operation);
        return all.some(({ as }) => as === undefined) ? [] : all.slice(0, 1);
      })
      .slice(0, TRIED);
    await context.each(samples, async (sample) => await judge(context, sample));
  },
};

async function judge(context: CheckContext, sample: Sample): Promise<void> {
  const { operation } = sample.call;
  const word = `s${Math.floor(context.random(operation.key)() * 36 ** 6).toString(36)}`;
  const { as } = sample;
  if (!as) return;
  for (const { name, of } of DISGUISES) {
    const attempt = async (): Promise<(Proof & { readonly severity: Severity }) | undefined> => {
      const plain = context.render(sample.call, as);
      const [path = '', query] = plain.target.split(/\?(.*)/s);
      const target = of(path, word) + (query === undefined ? '' : `?${query}`);
      const origin = { operation, as: as.name };
      const control = await context.request(plain, origin);
      if (context.outcome(control) !== 'success' || control.answer.body.length < 3) return undefined;
      const shown = await context.request({ ...plain, target }, origin);
      // The same answer under both: the end of the path is not looked at.
      if (context.outcome(shown) !== 'success' || shown.answer.text !== control.answer.text) return undefined;
      const nobody = await context.request(context.render(sample.call, null), { operation });
      if (context.outcome(nobody) === 'success') return undefined;
      const said = shown.answer.headers.get('cache-control')?.toLowerCase() ?? '';
      // Without a word on it, it depends on the cache: many a framework reads `2.css` as the number 2.
      const open = !/no-store|private|no-cache/.test(said) && /public|(?:s-maxage|max-age)="?0*[1-9]/.test(said);
      const severity = open ? 'medium' : 'informational';
      return { exchanges: [control, shown], marks: [`${target.split('?')[0]}`, said], severity };
    };
    const proof = await attempt();
    if (!proof) continue;
    await context.report({
      message: `${operation.key} is answered under ${proof.marks[0]} too${proof.severity === 'medium' ? ', and may be kept' : ''}`,
      operation,
      place: `path with ${name}`,
      cause: proof.severity === 'medium' ? 'kept' : 'answered',
      severity: proof.severity,
      proof,
      again: attempt,
    });
    return;
  }
}
