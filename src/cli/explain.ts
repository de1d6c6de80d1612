import type { Command } from 'commander';
import { explainOperation } from '../gateway/plan.ts';
import { compileSelector, inspectSelector } from '../shared/selector.ts';
import type { CliContext } from './context.ts';
import { planFor } from './inspect.ts';
import { printable } from './printable.ts';

/** `portcullis explain "GET /patients/{id}"`: the policy in force, part by part, with its origin. */
export function explainVerb(program: Command, context: CliContext): void {
  program
    .command('explain')
    .argument('<operation>', 'operationId, "METHOD /path" as the contract spells it, "tag:NAME" or a pattern')
    .option('--contract <source>', 'explain this contract alone, under all defaults')
    .option('--json', 'for machines', false)
    .description('show the policy in force for an operation, part by part, with its origin')
    .addHelpText('after', '\nExample:\n  portcullis explain "GET /patients/{id}"')
    .action(async (selector: string, options: { contract?: string; json: boolean }) => {
      const plan = await planFor(program.opts<{ config: string }>().config, options.contract);
      const operations = plan.contract.operations;
      const problem = inspectSelector(selector, operations);
      if (problem !== undefined) context.fail(2, `${problem.message} ${problem.mend}`);
      const matches = compileSelector(selector);
      const found = [...plan.operations.values()].filter((operation) => matches(operation.operation));
      if (options.json) {
        context.json(
          found.map((operation) => ({ operation: operation.operation.key, inForce: explainOperation(operation) })),
        );
        return;
      }
      for (const operation of found) {
        const { key, operationId, summary } = operation.operation;
        context.out(
          printable([key, operationId && `(${operationId})`, summary && `- ${summary}`].filter(Boolean).join(' ')),
        );
        for (const { room, lines } of explainOperation(operation)) {
          context.out(`  ${room}`);
          for (const line of lines)
            context.out(printable(`    ${line.part.padEnd(26)} ${line.value}  [${line.origin}]`));
        }
        const stages = [...operation.before, operation.open, ...operation.after].flatMap((stage) => stage?.name ?? []);
        context.out(`  stages: ${stages.join(', ')}\n`);
      }
    });
}
