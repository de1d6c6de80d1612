import { createInterface } from 'node:readline';
import { Argument, type Command, Option } from 'commander';
import { SENSITIVITIES, type Sensitivity, SOURCES, type Source } from '../detection/classes/class.ts';
import { CLASSES } from '../detection/classes/index.ts';
import { Judge } from '../detection/judge.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';

interface Options {
  readonly plain: boolean;
  readonly in: Source;
  readonly sensitivity: Sensitivity;
}

/** Characters of one line of input. */
const MAX_LINE = 16 * 1024 * 1024;

/** `portcullis detect [value]`: whether values are harmful, one verdict a line. */
export function detectVerb(program: Command, context: CliContext): void {
  program
    .command('detect')
    .addArgument(new Argument('[value]', 'a value; without one, lines of standard input are read'))
    .option('--plain', 'lines of standard input are values, not JSON', false)
    .addOption(new Option('--in <where>', 'where plain values stand').choices([...SOURCES]).default('query'))
    .addOption(new Option('--sensitivity <level>', 'how strict').choices([...SENSITIVITIES]).default('default'))
    .description('judge values as the gate would: JSON lines {"value", "in", "name"} in, a verdict a line out')
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis detect "1\' or \'1\'=\'1"\n  printf \'{"value":"../../etc/passwd","in":"filename"}\\n\' | portcullis detect\n\nExit codes: 0 nothing found, 1 something harmful, 2 input that cannot be read.',
    )
    .action(async (value: string | undefined, options: Options) => {
      const judge = new Judge(CLASSES, options.sensitivity);
      let harmful = false;
      const verdict = (text: string, source: Source, name: string | undefined): void => {
        const found = judge.find(text, { source, name: name ?? '', key: false });
        if (found !== undefined) harmful = true;
        context.out(
          JSON.stringify({
            harmful: found !== undefined,
            in: source,
            ...(name === undefined ? {} : { name }),
            ...found,
          }),
        );
      };
      if (value !== undefined) verdict(value, options.in, undefined);
      else {
        let line = 0;
        for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
          line++;
          if (text.length > MAX_LINE) context.fail(2, `line ${line} is longer than ${MAX_LINE} characters`);
          if (options.plain) verdict(text, options.in, undefined);
          else if (text.trim() !== '') {
            const read = readLine(text);
            if (typeof read === 'string') context.fail(2, `line ${line}: ${read}`);
            verdict(read.value, read.in, read.name);
          }
        }
      }
      if (harmful) throw new CliExit(1);
    });
}

interface Line {
  readonly value: string;
  readonly in: Source;
  readonly name: string | undefined;
}

/** A line as an object; a sentence where it is none. */
function readLine(text: string): Line | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'is not JSON; use --plain for plain values';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'is not an object with "value"';
  const { value, in: where = 'query', name } = parsed as Record<string, unknown>;
  if (typeof value !== 'string') return '"value" is not a string';
  if (!SOURCES.includes(where as Source)) return `"in" is not one of ${SOURCES.join(', ')}`;
  return { value, in: where as Source, name: typeof name === 'string' ? name : undefined };
}
