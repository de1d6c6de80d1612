import type { Command } from 'commander';
import { configurationJsonSchema } from '../config/load.ts';
import type { CliContext } from './context.ts';

/** `portcullis schema`: the JSON Schema of portcullis.yaml, for editors. */
export function schemaVerb(program: Command, context: CliContext): void {
  program
    .command('schema')
    .description('print the JSON Schema of portcullis.yaml, for editors')
    .addHelpText('after', '\nExample:\n  portcullis schema > portcullis.schema.json')
    .action(() => context.out(JSON.stringify(configurationJsonSchema(), null, 2)));
}
