import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { configurationJsonSchema } from '../config/load.ts';
import { loadContract } from '../contract/contract.ts';
import { knownExtensions } from '../gateway/plan.ts';
import { createOutbound } from '../outbound/guarded.ts';
import type { CliContext } from './context.ts';
import { suggestConfiguration } from './suggest-configuration.ts';

/** `portcullis init openapi.yaml`: writes a short commented portcullis.yaml and its JSON Schema. */
export function initVerb(program: Command, context: CliContext): void {
  program
    .command('init')
    .argument('<contract>', 'OpenAPI file or URL')
    .option('--upstream <url>', 'URL of the API', 'http://127.0.0.1:3000')
    .option('--force', 'overwrite files that are there', false)
    .description('write a short commented portcullis.yaml for a contract')
    .addHelpText('after', '\nExample:\n  portcullis init openapi.yaml --upstream http://127.0.0.1:3000')
    .action(async (source: string, options: { upstream: string; force: boolean }) => {
      if (!URL.canParse(options.upstream))
        context.fail(2, `"${options.upstream}" is not a URL: write it as http://127.0.0.1:3000`);
      const contract = await loadContract(source, { outbound: createOutbound(), extensions: knownExtensions });
      const file = program.opts<{ config: string }>().config;
      const flag = options.force ? 'w' : 'wx';
      try {
        writeFileSync(file, suggestConfiguration(contract, options.upstream), { flag });
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        context.fail(
          2,
          code === 'EEXIST'
            ? `${file} is there already: use --force to overwrite it, or name another with --config`
            : `${file} cannot be written (${code})`,
        );
      }
      writeFileSync('portcullis.schema.json', `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
      context.out(
        `wrote ${file} (and portcullis.schema.json, for editors) for ${contract.operations.length} operations of "${contract.title}"`,
      );
      context.out('next: portcullis check, then portcullis keys create --role everything, then portcullis start');
    });
}
