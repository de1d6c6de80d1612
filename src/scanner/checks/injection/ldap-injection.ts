import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { type Form, follows, settle } from './common/pairs.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { word } from './common/words.ts';

/** What libraries say of a search filter that cannot be read (RFC 4515). */
const COMPLAINT =
  /bad search filter|invalid (?:ldap )?search filter|invalid ldap filter|invalidsearchfilterexception|ldap_search\(\)[^\n]{0,40}: search: bad|the search filter is invalid|com\.sun\.jndi\.ldap|ldapexception|ldap[^\n]{0,80}(?:unbalanced parenthes[ei]s|filter error)/i;
const FAR = 200_000;

export const check: Check = {
  id: 'ldap-injection',
  group: 'injection',
  title: 'LDAP injection',
  practice: 'validate',
  cwe: 'CWE-90',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'A value of the request becomes part of the filter of a directory search. Callers can widen the search to entries and attributes that are not theirs, and log in as others.',
  mend: 'Escape ( ) * \\ and NUL in values as RFC 4515 clause 3 says, or use a library that takes the filter in parts. In the contract, give the value a pattern without them.',
  async run(context) {
    await overPlaces(
      context,
      (target) => target.reads && !/^-?\d+$/.test(target.text),
      async (target) => await attack(context, target),
    );
  },
};

async function attack(context: CheckContext, target: Target): Promise<void> {
  const { operation, label, text, random } = target;
  const complaint = async (): Promise<Proof | undefined> => {
    const exchange = await target.send(`${text})(`);
    const words = COMPLAINT.exec(exchange.answer.text.slice(0, FAR))?.[0];
    if (words === undefined) return undefined;
    const control = await target.send(`${text}-.`);
    if (COMPLAINT.test(control.answer.text.slice(0, FAR))) return undefined;
    return { exchanges: [control, exchange], marks: [words] };
  };
  const proof = await complaint();
  if (proof) {
    const message = `${operation.key} puts ${label} into an LDAP filter: brackets in it make the filter unreadable`;
    if (await context.report({ message, operation, place: label, proof, again: again(context, target, complaint) }))
      return;
  }
  const settled = await settle(context, target);
  if (!settled) return;
  const [none, other] = [word(random, 8), word(random, 8)];
  const form: Form = {
    name: 'an LDAP filter',
    plain: true,
    pairs: [
      { yes: `${text})(objectClass=*`, no: `${text})(${none}Xyz=*` },
      { yes: `${text})(!(${none}Xyz=*)`, no: `${text})(!(objectClass=*)` },
      { yes: `${text})(|(objectClass=*)(${other}Xy=1)`, no: `${text})(&(objectClass=*)(${other}Xy=1)` },
    ],
  };
  const followed = await follows(context, target, form, settled.likeness, settled.control);
  if (!followed) return;
  await context.report({
    message: `${operation.key} puts ${label} into an LDAP filter: conditions sent along change the answer as their truth says`,
    operation,
    place: label,
    proof: followed,
    again: again(context, target, async () => {
      const once = await settle(context, target);
      return once && (await follows(context, target, form, once.likeness, once.control));
    }),
  });
}
