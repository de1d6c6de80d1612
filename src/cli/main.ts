import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { OutboundError } from '../outbound/outbound.ts';
import { LoadError } from '../shared/finding.ts';
import { auditVerb } from './audit.ts';
import { bansVerb } from './bans.ts';
import { checkVerb } from './check.ts';
import { clientsVerb } from './clients.ts';
import { CliExit, makeContext } from './context-of-process.ts';
import { detectVerb } from './detect.ts';
import { explainVerb } from './explain.ts';
import { formatFindings } from './findings.ts';
import { grantsVerb } from './grants.ts';
import { initVerb } from './init.ts';
import { keysVerb } from './keys.ts';
import { protectVerb } from './protect.ts';
import { proveVerb } from './prove.ts';
import { revokeVerb } from './revoke.ts';
import { scanVerb } from './scan.ts';
import { schemaVerb } from './schema.ts';
import { signVerb } from './sign.ts';
import { startVerb } from './start.ts';
import { usersVerb } from './users.ts';
import { verifyVerb } from './verify.ts';

/** Every verb, in the order in which a newcomer meets them. */
const VERBS = [
  protectVerb,
  initVerb,
  checkVerb,
  startVerb,
  explainVerb,
  keysVerb,
  usersVerb,
  revokeVerb,
  clientsVerb,
  grantsVerb,
  bansVerb,
  auditVerb,
  signVerb,
  verifyVerb,
  detectVerb,
  scanVerb,
  proveVerb,
  schemaVerb,
];

/** Beside the working tree's `src/`, or on top of the published package. */
const packageFile = ['..', join('..', '..')]
  .map((up) => join(import.meta.dirname, up, 'package.json'))
  .find((file) => existsSync(file)) as string;
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

const program = new Command('portcullis')
  .description('A gate in front of your API: eight security practices from its OpenAPI contract and a short policy.')
  .version(version)
  .option('-c, --config <file>', 'configuration file', 'portcullis.yaml')
  .exitOverride()
  .showHelpAfterError('(portcullis VERB --help shows an example)')
  .configureHelp({ showGlobalOptions: true });

const context = makeContext(program);
for (const verb of VERBS) verb(program, context);

// A reader that closes the pipe (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CliExit) process.exitCode = error.code;
  else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.exitCode = 2;
    if (error instanceof LoadError) process.stderr.write(`${formatFindings(error.findings)}\n`);
    else if (error instanceof OutboundError || (error as { name?: string }).name?.endsWith('Error')) {
      const known = (error as Error).constructor !== TypeError && (error as Error).constructor !== ReferenceError;
      process.stderr.write(
        `portcullis: ${known && !process.env['PORTCULLIS_DEBUG'] ? (error as Error).message : (error as Error).stack}\n`,
      );
    } else process.stderr.write(`portcullis: ${String(error)}\n`);
  }
}
