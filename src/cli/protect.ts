import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import { composeConfiguration } from '../config/load.ts';
import { loadContract } from '../contract/contract.ts';
import type { Contract } from '../contract/model.ts';
import { knownExtensions } from '../gateway/plan.ts';
import { createKey, listKeys } from '../identity/keys.ts';
import { createOutbound } from '../outbound/guarded.ts';
import { systemClock } from '../shared/clock.ts';
import { ensureDataDirectory } from '../shared/data-directory.ts';
import { openStore } from '../storage/sqlite-store.ts';
import type { CliContext } from './context.ts';
import { runGate, stopOnSignal } from './run-gate.ts';
import { namesSecurity, protectionFor } from './suggest-configuration.ts';

interface ProtectOptions {
  upstream: string;
  port: number;
  data: string;
}

/** `portcullis protect openapi.yaml --upstream URL`: the gate without any configuration file, all practices on. */
export function protectVerb(program: Command, context: CliContext): void {
  program
    .command('protect')
    .argument('<contract>', 'OpenAPI file or URL')
    .requiredOption('--upstream <url>', 'URL of the API')
    .option('--port <n>', 'port to listen on', portNumber, 8443)
    .option('--data <directory>', 'directory for keys, counters and the audit log', '.portcullis')
    .description('stand in front of an API at once, without a configuration file, with safe defaults')
    .addHelpText('after', '\nExample:\n  portcullis protect openapi.yaml --upstream http://127.0.0.1:3000')
    .action(async (source: string, options: ProtectOptions) => {
      const say = (line: string): void => context.err(`portcullis: ${line}`);
      const contract = await loadContract(source, { outbound: createOutbound(), extensions: knownExtensions });
      const load = (): Configuration => configurationFor(source, contract, options);
      const configuration = load();
      const gate = await runGate({ load, workers: 1, say });
      // Before anything is printed: whoever reads that the gate runs may end it at once.
      const ended = stopOnSignal(() => gate.stop(), say);
      for (const note of gate.notes) say(note);
      const key = firstKey(resolve(configuration.directory, configuration.data), contract);
      context.out(
        `gate    https://localhost:${gate.port}  in front of  ${options.upstream}  (${contract.operations.length} operations of "${contract.title}")`,
      );
      if (gate.caFile !== undefined) context.out(`CA      ${gate.caFile}`);
      context.out(
        key === undefined
          ? 'key     the keys made before are in force (portcullis keys list)'
          : `key     ${key}   (shown once; send it as ${howToSend(contract)})`,
      );
      if (gate.adminPort !== undefined)
        context.out(`admin   http://127.0.0.1:${gate.adminPort} (token in ${gate.adminTokenFile})`);
      const closed = contract.operations.filter(
        (operation) => namesSecurity(contract) && operation.security === undefined,
      );
      if (closed.length > 0)
        say(
          `the contract says nothing about security for ${closed.length} operations: they are refused (portcullis check ${source} names them)`,
        );
      if (contract.findings.length > 0)
        say(`${contract.findings.length} things in the contract are worth a look: portcullis check ${source}`);
      context.out(`try     curl --cacert ${gate.caFile ?? 'CA'} ${sample(contract, gate.port)}`);
      await ended;
    });
}

function configurationFor(source: string, contract: Contract, options: ProtectOptions): Configuration {
  return composeConfiguration(
    {
      contract: source,
      upstream: options.upstream,
      data: options.data,
      listen: { port: options.port },
      admin: { port: 0 },
      ...protectionFor(contract),
    },
    { file: undefined, directory: process.cwd(), placeOf: () => undefined },
  );
}

/** Makes the first key; undefined where there are keys already. */
function firstKey(dataDirectory: string, contract: Contract): string | undefined {
  const store = openStore(join(ensureDataDirectory(dataDirectory), 'store.db'));
  try {
    if (listKeys(store, systemClock).some((key) => key.state === 'valid')) return undefined;
    const scopes = new Set(
      contract.operations.flatMap((operation) =>
        (operation.security ?? []).flatMap((alternative) => alternative.schemes.flatMap((scheme) => scheme.scopes)),
      ),
    );
    return createKey(store, systemClock, {
      roles: ['everything', ...namedRoles(contract)],
      scopes: [...scopes],
      note: 'first key, made by protect',
    }).secret;
  } finally {
    store.close();
  }
}

/** Roles that the contract itself names: where it does, no other role is let in. */
function namedRoles(contract: Contract): string[] {
  const roles = contract.operations.flatMap((operation) => operation.extensions.get('x-portcullis-roles')?.value ?? []);
  return [...new Set(roles.filter((role): role is string => typeof role === 'string'))];
}

function howToSend(contract: Contract): string {
  const scheme = contract.securitySchemes.find((each) => each.type === 'apiKey');
  if (scheme !== undefined && namesSecurity(contract)) return `${scheme.in} ${scheme.parameter}`;
  return 'Authorization: Bearer';
}

function sample(contract: Contract, port: number): string {
  const scheme = contract.securitySchemes.find((each) => each.type === 'apiKey' && each.in === 'header');
  const header =
    scheme !== undefined && namesSecurity(contract) ? `${scheme.parameter}: KEY` : 'Authorization: Bearer KEY';
  const operation =
    contract.operations.find((each) => each.method === 'GET' && !each.template.includes('{')) ?? contract.operations[0];
  return `-H '${header}' https://localhost:${port}${operation?.template ?? '/'}`;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535');
  return port;
}
