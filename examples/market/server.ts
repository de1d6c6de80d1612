// Careless on purpose: see weaknesses.ts. Made-up people, loopback only; never run it where others can reach it.
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { openMarket } from './open.ts';
import { ALL_WEAKNESSES, parseWeaknesses, WEAKNESSES } from './weaknesses.ts';

const USAGE = `Usage: node examples/market/server.ts [--port N] [--weak a,b,c | --careful]

  --port N     port on 127.0.0.1 (default 3100; 0 takes a free one)
  --host H     127.0.0.1, ::1 or localhost, nothing else
  --weak a,b   only these weaknesses (default: all)
  --careful    none of them
  --list       print the weaknesses and end

It keeps everything in memory: each start begins with the demo data.
`;

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

function fail(message: string): never {
  process.stderr.write(`market: ${message}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '3100' },
        host: { type: 'string', default: '127.0.0.1' },
        weak: { type: 'string' },
        careful: { type: 'boolean', default: false },
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
    process.stdout.write(`${name.padEnd(25)}${cwe.padEnd(10)}${owasp.padEnd(13)}${does}\n`);
  }
  process.exit(0);
}
const port = Number(options.port);
if (!/^\d{1,5}$/.test(options.port) || port > 65_535) fail(`--port ${options.port} is not a port`);
if (!LOOPBACK.includes(options.host)) {
  fail(`--host ${options.host} is refused: the market is careless on purpose and listens on loopback only`);
}
const server = openMarket(readWeaknesses(options.weak, options.careful));

function end(code: number): void {
  if (server.listening) server.close();
  server.closeAllConnections();
  process.exit(code);
}

server.on('error', (error: NodeJS.ErrnoException) => {
  const mend = error.code === 'EADDRINUSE' ? '; take another with --port, or --port 0 for a free one' : '';
  process.stderr.write(`market: cannot listen on ${options.host}:${port}: ${error.message}${mend}\n`);
  end(2);
});
server.listen(port, options.host, () => {
  const { address, port: bound, family } = server.address() as AddressInfo;
  process.stdout.write(`market listening on http://${family === 'IPv6' ? `[${address}]` : address}:${bound}\n`);
});
process.on('SIGTERM', () => end(0));
process.on('SIGINT', () => end(0));
