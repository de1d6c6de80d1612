import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { Baits, isCalled } from './common/called.ts';
import { waits } from './common/delayed.ts';
import { echoes, type Probe } from './common/echo.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { named, product } from './common/words.ts';

/** Places whose values often end in a command line. */
const LIKELY: ReadonlySet<string> = new Set([
  ...[
    'host',
    'hostname',
    'ip',
    'address',
    'domain',
    'target',
    'cmd',
    'command',
    'exec',
    'file',
    'filename',
    'path',
    'dir',
  ],
  ...[
    'folder',
    'url',
    'uri',
    'ping',
    'format',
    'device',
    'interface',
    'args',
    'option',
    'name',
    'printer',
    'branch',
    'repo',
    'font',
  ],
]);

export const check: Check = {
  id: 'command-injection',
  group: 'injection',
  title: 'Operating system command injection',
  practice: 'validate',
  cwe: 'CWE-78',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'A value of the request becomes part of a command line. Callers run programs of their own choice on the server, with all its rights.',
  mend: 'Start programs with a list of arguments and no shell, or use a library in place of a program; take values from a fixed list. In the contract, give the value a pattern without ; | & $ ` and line ends.',
  async run(context) {
    const baits = new Baits<{ target: Target; write: (url: string) => string }>(context);
    await overPlaces(
      context,
      ({ ground }) => ground.effect !== 'remove',
      async (target) => {
        if (await computed(context, target)) return;
        await delayed(context, target);
        for (const write of fetches(target)) await target.send(write(await baits.lay({ target, write })));
      },
    );
    for (const { target, write } of await baits.caught(
      ({ target: { operation, label } }) => `${operation.key} ${label}`,
    )) {
      await called(context, target, write);
    }
  },
};

type Write = (a: number, b: number) => string;

/** The shell computes a product. The first fits no quotes, single ones and double ones at once. */
function shells(text: string, likely: boolean): Write[] {
  const writes: Write[] = [
    (a, b) => `${text};echo $((${a}*${b})) #';echo $((${a}*${b})) #";echo $((${a}*${b})) #`,
    (a, b) => `${text}$((${a}*${b}))`,
  ];
  if (!likely) return writes;
  return [
    ...writes,
    (a, b) => `${text}|echo $((${a}*${b}))`,
    (a, b) => `${text}&&echo $((${a}*${b}))`,
    (a, b) => `${text}||echo $((${a}*${b}))`,
    (a, b) => `${text}\necho $((${a}*${b}))\n`,
    (a, b) => `$(expr ${a} \\* ${b})`,
    (a, b) => `\`expr ${a} \\* ${b}\``,
    (a, b) => `;echo $((${a}*${b}))`,
    (a, b) => `${text}&set /a ${a}*${b}&`,
    (a, b) => `${text}"&set /a ${a}*${b}&"`,
  ];
}

async function computed(context: CheckContext, target: Target): Promise<boolean> {
  const { operation, label, random, text } = target;
  const message = `${operation.key} puts ${label} into a command line: the shell computed what was sent along`;
  for (const write of shells(text, named(target.place, LIKELY))) {
    const make = (): Probe => {
      const { a, b, text: result } = product(random);
      return {
        value: write(a, b),
        shown: ({ answer }) => (answer.text.includes(result) ? result : undefined),
      };
    };
    if (await echoes(context, target, message, make)) return true;
  }
  return false;
}

/** Blind: the shell waits. Only where a command line is likely: each request could cost seconds. */
async function delayed(context: CheckContext, target: Target): Promise<void> {
  if (!named(target.place, LIKELY)) return;
  const { operation, label, text } = target;
  const writes = [
    (s: number) => `${text};sleep ${s} #';sleep ${s} #";sleep ${s} #`,
    (s: number) => `${text}$(sleep ${s})`,
    (s: number) => `${text}|sleep ${s}`,
  ];
  for (const write of writes) {
    const proof = await waits(context, target, write);
    if (!proof) continue;
    const show = async (): Promise<Proof | undefined> => await waits(context, target, write);
    const message = `${operation.key} puts ${label} into a command line: the shell waits as long as it is told to`;
    if (await context.report({ message, operation, place: label, proof, again: again(context, target, show) })) return;
  }
}

/** Blind: the shell calls the scanner's bait, with whatever program is there. */
function fetches({ text, place }: Target): ((url: string) => string)[] {
  const call = (url: string): string => `curl -s -m 2 ${url}||wget -q -T 2 -O- ${url}`;
  const all = [(url: string) => `${text};${call(url)} #';${call(url)} #";${call(url)} #`];
  return named(place, LIKELY) ? [...all, (url: string) => `${text}$(${call(url)})`] : all;
}

async function called(context: CheckContext, target: Target, write: (url: string) => string): Promise<void> {
  const { operation, label } = target;
  const show = async (): Promise<Proof | undefined> => {
    const plain = await context.bait();
    // A place that fetches every URL it meets runs no commands.
    const control = await target.send(`${target.text} ${plain.url}`);
    if (await isCalled(context, plain)) return undefined;
    const bait = await context.bait();
    const exchange = await target.send(write(bait.url));
    return (await isCalled(context, bait)) ? { exchanges: [control, exchange], marks: [bait.url] } : undefined;
  };
  const shown = again(context, target, show);
  const proof = await shown();
  if (!proof) return;
  const message = `${operation.key} puts ${label} into a command line: a command that was sent along called the scanner's listener`;
  await context.report({ message, operation, place: label, proof, again: shown });
}
