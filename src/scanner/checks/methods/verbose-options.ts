import type { Check } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { pathsOf } from './paths.ts';

/** Paths on which it is tried. */
const TRIED = 12;
/** A description of what may be sent: WADL, or the forms and fields that a framework knows. */
const DESCRIBES =
  /<application\b[^<>]{0,300}wadl|"(?:actions|parameters|parses|renders|fields|properties)"\s{0,4}:\s{0,4}[{[]/;

/** OPTIONS describes more than it must. */
export const check: Check = {
  id: 'verbose-options',
  group: 'methods',
  title: 'OPTIONS describes operations to anyone',
  practice: 'necessary-only',
  cwe: 'CWE-200',
  owasp: 'API8:2023',
  severity: 'informational',
  why: 'Some frameworks answer OPTIONS with a description of every parameter and property, of hidden ones too, and ask for no credential first.',
  mend: 'Answer OPTIONS with Allow and nothing else. Portcullis does so from the contract.',

  async run(context) {
    const paths = pathsOf(context).filter(({ declared, read }) => read !== undefined && !declared.has('OPTIONS'));
    await context.each(paths.slice(0, TRIED), async ({ read }) => {
      if (!read) return;
      const { operation } = read.call;
      const plain = context.render(read.call, null);
      const attempt = async (): Promise<Proof | undefined> => {
        const shown = await context.request({ ...plain, method: 'OPTIONS' }, { operation });
        if (shown.answer.status !== 200) return undefined;
        const found = DESCRIBES.exec(shown.answer.text.slice(0, 65_536))?.[0];
        return found === undefined ? undefined : { exchanges: [shown], marks: [found] };
      };
      const proof = await attempt();
      if (!proof) return;
      await context.report({
        message: 'OPTIONS is answered with a description of the operation, without a credential',
        operation,
        place: 'method OPTIONS',
        cause: 'described',
        proof,
        again: attempt,
      });
    });
  },
};
