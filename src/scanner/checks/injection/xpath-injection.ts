import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { type Form, follows, settle } from './common/pairs.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { word } from './common/words.ts';

/** What libraries say of an expression that cannot be read (XPath 1.0 clause 3.7). */
const COMPLAINT =
  /xpath(?:syntax|eval|parser|expression|query)?(?:error|exception)|invalid xpath|xpath (?:syntax|parse|parser|error|expression|query)|xmlxpath(?:eval|compile)|simplexmlelement::xpath|domxpath::(?:query|evaluate)|javax\.xml\.xpath|org\.apache\.xpath|net\.sf\.saxon[^\n]{0,80}xpath|system\.xml\.xpath|has an invalid token\.|expression must evaluate to a node-set|(?:unterminated|unclosed) (?:string )?literal[^\n]{0,40}xpath/i;
const FAR = 200_000;

export const check: Check = {
  id: 'xpath-injection',
  group: 'injection',
  title: 'XPath injection',
  practice: 'validate',
  cwe: 'CWE-643',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'A value of the request becomes part of an XPath expression. XPath has no rights: whoever changes the expression reads the whole document, value by value, or is found in it without the right password.',
  mend: 'Bind values as variables of the expression, or refuse quotes and brackets. In the contract, give the value a pattern without them: the gate refuses the rest.',
  async run(context) {
    await overPlaces(
      context,
      // Logins are tried by `login-bypass`: each wrong answer counts there.
      (target) => target.reads && !target.ground.login,
      async (target) => await attack(context, target),
    );
  },
};

async function attack(context: CheckContext, target: Target): Promise<void> {
  const { operation, label, text, random } = target;
  const complaint = async (): Promise<Proof | undefined> => {
    const exchange = await target.send(`${text}'"]`);
    const words = COMPLAINT.exec(exchange.answer.text.slice(0, FAR))?.[0];
    if (words === undefined) return undefined;
    const control = await target.send(`${text}-.`);
    if (COMPLAINT.test(control.answer.text.slice(0, FAR))) return undefined;
    return { exchanges: [control, exchange], marks: [words] };
  };
  const proof = await complaint();
  if (proof) {
    const message = `${operation.key} puts ${label} into an XPath expression: quotes in it make the expression unreadable`;
    if (await context.report({ message, operation, place: label, proof, again: again(context, target, complaint) }))
      return;
  }
  const settled = await settle(context, target);
  if (!settled) return;
  for (const form of formsOf(text, random)) {
    const followed = await follows(context, target, form, settled.likeness, settled.control);
    if (!followed) continue;
    const found = await context.report({
      message: `${operation.key} puts ${label} into an XPath expression, as ${form.name}: conditions sent along change the answer as their truth says`,
      operation,
      place: label,
      proof: followed,
      again: again(context, target, async () => {
        const once = await settle(context, target);
        return once && (await follows(context, target, form, once.likeness, once.control));
      }),
    });
    if (found) return;
  }
}

/** Conditions in functions that XPath has and SQL has not, in a quoted text and behind a number. */
function formsOf(text: string, random: () => number): Form[] {
  const [one, other] = [word(random, 7), word(random, 4)];
  const part = one.slice(2, 5);
  const conditions: readonly (readonly [yes: string, no: string])[] = [
    [`string-length('${one}')=7`, `string-length('${one}')=8`],
    [`contains('${one}','${part}')`, `contains('${one}','${part}q')`],
    [`starts-with(concat('${other}','${part}'),'${other}')`, `starts-with(concat('${part}','${other}'),'${other}z')`],
    [`not(false())`, `not(true())`],
  ];
  const forms: Form[] = ["'", '"'].map((quote) => ({
    name: 'a quoted text',
    plain: true,
    pairs: conditions.map(([yes, no]) => {
      const write = (condition: string): string =>
        `${text}${quote} and ${condition.replaceAll("'", quote)} and ${quote}${other}${quote}=${quote}${other}`;
      return { yes: write(yes), no: write(no) };
    }),
  }));
  if (/^-?\d{1,12}$/.test(text)) {
    forms.unshift({
      name: 'a number',
      plain: true,
      pairs: conditions.map(([yes, no]) => ({ yes: `${text} and ${yes}`, no: `${text} and ${no}` })),
    });
  }
  return forms;
}
