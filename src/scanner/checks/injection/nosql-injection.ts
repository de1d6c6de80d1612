import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Heard, Likeness } from './common/alike.ts';
import { type Form, follows, settle } from './common/pairs.ts';
import { withQuery } from './common/request.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { typesOf, word } from './common/words.ts';

export const check: Check = {
  id: 'nosql-injection',
  group: 'injection',
  title: 'NoSQL injection',
  practice: 'validate',
  cwe: 'CWE-943',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'The database takes an object such as {"$ne": ""} where the API expects a text. A condition that is always true logs in without a password, or finds the records of everybody.',
  mend: 'Take single values as texts or numbers and refuse anything else; never hand a parsed body or query to the database as it is. In the contract give every value a type: the gate refuses an object where a text belongs.',
  async run(context) {
    await overPlaces(context, wanted, async (target) => await attack(context, target));
  },
};

/** A place the contract gives to a single value; operators may be asked of what only reads. */
function wanted(target: Target): boolean {
  const { place, reads } = target;
  const types = typesOf(place);
  if (types.includes('object') || types.includes('array')) return false;
  return place.in === 'body' ? reads || onlyAsks(target) : reads && place.in === 'query';
}

/** A POST that answers 200 may ask, as one that is known to. It gets operators that match no more than the plain value. */
const onlyAsks = ({ ground }: Target): boolean =>
  ground.effect === 'make' && ground.sample.exchange.answer.status === 200;

async function attack(context: CheckContext, target: Target): Promise<void> {
  const settled = await settle(context, target);
  if (!settled) return;
  const { likeness, control } = settled;
  const { place, random } = target;
  const plain: unknown = place.value ?? target.text;
  if (place.in === 'body') {
    const strange = typeof plain === 'number' ? plain + 7_654_321 : word(random);
    const operators: Form = {
      name: 'operators',
      plain: true,
      pairs: [
        { yes: { $eq: plain }, no: { $eq: strange } },
        { yes: { $in: [plain] }, no: { $in: [strange] } },
        { yes: { $not: { $ne: plain } }, no: { $not: { $ne: strange } } },
      ],
    };
    const wide: Form = {
      name: 'operators',
      plain: false,
      pairs: [
        { yes: { $ne: strange }, no: { $eq: strange } },
        { yes: { $nin: [strange] }, no: { $in: [strange] } },
        { yes: { $exists: true }, no: { $exists: false } },
      ],
    };
    for (const form of target.reads ? [operators, wide] : [operators]) {
      if (await tried(context, target, form, likeness, control)) return;
    }
  } else if (await asQuery(context, target, likeness, control)) return;
  if (typeof plain !== 'string' || !target.reads) return;
  const quote = random() < 0.5 ? "'" : '"';
  for (const mark of [quote, quote === '"' ? "'" : '"']) {
    const [left, right] = [word(random, 5), word(random, 5)];
    // `==` with texts is JavaScript and no SQL.
    const script: Form = {
      name: 'JavaScript',
      plain: true,
      pairs: [
        {
          yes: `${plain}${mark} && ${mark}${left}${mark}===${mark}${left}`,
          no: `${plain}${mark} && ${mark}${left}${mark}===${mark}${right}`,
        },
        {
          yes: `${plain}${mark} && typeof ${mark}${left}${mark}===${mark}string`,
          no: `${plain}${mark} && typeof ${mark}${left}${mark}===${mark}number`,
        },
        {
          yes: `${plain}${mark} && ${left.length}===${mark}${left}${mark}.length && ${mark}${left}${mark}!==${mark}`,
          no: `${plain}${mark} && ${left.length + 1}===${mark}${left}${mark}.length && ${mark}${left}${mark}!==${mark}`,
        },
      ],
    };
    if (await tried(context, target, script, likeness, control)) return;
  }
}

async function tried(
  context: CheckContext,
  target: Target,
  form: Form,
  likeness: Likeness,
  control: Heard,
): Promise<boolean> {
  const proof = await follows(context, target, form, likeness, control);
  if (!proof) return false;
  return await found(context, target, form.name, proof, async () => {
    const once = await settle(context, target);
    return once && (await follows(context, target, form, once.likeness, once.control));
  });
}

async function found(
  context: CheckContext,
  target: Target,
  what: string,
  proof: Proof,
  show: () => Promise<Proof | undefined>,
): Promise<boolean> {
  const { operation, label } = target;
  return await context.report({
    message: `${operation.key} hands ${label} to its database as a part of the query: ${what} in it change the answer as their truth says`,
    operation,
    place: label,
    proof,
    again: again(context, target, show),
  });
}

/** `name[$eq]=value`: what many readers of query strings make an object of. */
async function asQuery(context: CheckContext, target: Target, likeness: Likeness, control: Heard): Promise<boolean> {
  const strange = word(target.random);
  const pairs = [
    [`[$eq]`, target.text, strange],
    [`[$in][]`, target.text, strange],
    [`[$not][$ne]`, target.text, strange],
  ] as const;
  const ask = async (operator: string, value: string): Promise<Heard> => {
    const base = context.render(await target.call(undefined), target.as);
    const request = withQuery(base, `${target.place.name}${operator}`, value);
    const exchange = await context.request(request, { operation: target.operation, as: target.as?.name });
    return { exchange, sent: value };
  };
  const shown = async (alike: Likeness, plain: Heard): Promise<Proof | undefined> => {
    let last: Proof | undefined;
    for (const [operator, right, wrong] of pairs) {
      const yes = await ask(operator, right);
      if (!alike.same(yes, plain)) return undefined;
      const no = await ask(operator, wrong);
      if (alike.same(no, plain)) return undefined;
      // The same name with an operator that there is not: an API that looks at the value alone takes it too.
      const none = await ask(operator.replace('$', ''), right);
      if (alike.same(none, plain)) return undefined;
      last = { exchanges: [plain.exchange, no.exchange, yes.exchange], marks: [`${target.place.name}${operator}`] };
    }
    return last;
  };
  const proof = await shown(likeness, control);
  if (!proof) return false;
  return await found(context, target, 'operators', proof, async () => {
    const once = await settle(context, target);
    return once && (await shown(once.likeness, once.control));
  });
}
