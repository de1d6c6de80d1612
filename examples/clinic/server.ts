// Careless on purpose: see weaknesses.ts. Made-up people, loopback only; never run it where others can reach it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Accounts } from './accounts.ts';
import { clinicServer } from './application.ts';
import { Database } from './database.ts';
import { Disk } from './disk.ts';
import { Limits } from './limits.ts';
import { Log } from './log.ts';
import { Outside } from './outside.ts';
import { seedDisk } from './seed.ts';
import { Tokens } from './tokens.ts';
import { ALL_WEAKNESSES, parseWeaknesses, switchBoard, WEAKNESSES } from './weaknesses.ts';

const USAGE = `Usage: node examples/clinic/server.ts [--port N] [--weak a,b,c | --careful] [--data FILE | --data :memory:] [--fresh]

  --port N     port on 127.0.0.1 (default 3000; 0 takes a free one)
  --host H     127.0.0.1, ::1 or localhost, nothing else
  --weak a,b   only these weaknesses (default: all)
  --careful    none of them
  --data FILE  SQLite file, with a directory FILE.disk beside it (default examples/clinic/data/clinic.sqlite)
               :memory: keeps nothing
  --fresh      begin with the demo data, whatever FILE holds
  --list       print the weaknesses and end
`;

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

function fail(message: string): never {
  process.stderr.write(`clinic: ${message}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '3000' },
        host: { type: 'string', default: '127.0.0.1' },
        weak: { type: 'string' },
        careful: { type: 'boolean', default: false },
        data: { type: 'string', default: join(import.meta.dirname, 'data', 'clinic.sqlite') },
        fresh: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`);
  }
}

function readWeaknesses(list: string | undefined, careful: boolean) {
  if (careful && list !== undefined) return fail('--weak and --careful exclude each other');
  if (careful) return [];
  try {
    return list === undefined ? ALL_WEAKNESSES : parseWeaknesses(list);
  } catch (error) {
    return fail((error as Error).message);
  }
}

const options = readArguments();
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (options.list) {
  for (const [name, { does, cwe, owasp }] of Object.entries(WEAKNESSES)) {
    process.stdout.write(`${name.padEnd(24)}${cwe.padEnd(10)}${owasp.padEnd(13)}${does}\n`);
  }
  process.exit(0);
}
const port = Number(options.port);
if (!/^\d{1,5}$/.test(options.port) || port > 65_535) fail(`--port ${options.port} is not a port`);
if (!LOOPBACK.includes(options.host)) {
  fail(`--host ${options.host} is refused: the clinic is careless on purpose and listens on loopback only`);
}
const weak = switchBoard(readWeaknesses(options.weak, options.careful));

const memory = options.data === ':memory:';
const directory = memory ? mkdtempSync(join(tmpdir(), 'clinic-')) : `${options.data}.disk`;
let database: Database;
let disk: Disk;
try {
  if (!memory) mkdirSync(dirname(options.data), { recursive: true, mode: 0o700 });
  database = new Database(options.data, options.fresh);
  if (database.fresh) rmSync(directory, { recursive: true, force: true });
  disk = new Disk(directory);
  if (database.fresh) seedDisk(disk);
} catch (error) {
  fail(`cannot use --data ${options.data}: ${(error as Error).message}`);
}

const gateSecret = process.env.CLINIC_GATE_SECRET || undefined;
const limits = new Limits();
const server = clinicServer({
  weak,
  database,
  disk,
  tokens: new Tokens(disk, weak, database),
  accounts: new Accounts(database, weak, limits),
  limits,
  log: new Log(weak),
  outside: new Outside(),
  gateSecret,
});

function end(code: number): void {
  if (server.listening) server.close();
  server.closeAllConnections();
  database.close();
  if (memory) rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}

server.on('error', (error: NodeJS.ErrnoException) => {
  const mend = error.code === 'EADDRINUSE' ? '; take another with --port, or --port 0 for a free one' : '';
  process.stderr.write(`clinic: cannot listen on ${options.host}:${port}: ${error.message}${mend}\n`);
  end(2);
});
server.listen(port, options.host, () => {
  const { address, port: bound, family } = server.address() as AddressInfo;
  process.stdout.write(`clinic listening on http://${family === 'IPv6' ? `[${address}]` : address}:${bound}\n`);
});
process.on('SIGTERM', () => end(0));
process.on('SIGINT', () => end(0));
