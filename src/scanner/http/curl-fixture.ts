import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exchange, ScanRequest } from '../model/exchange.ts';
import { type TcpServer, tcpServer } from '../testing/tcp-server.ts';
import { Answer } from './answer.ts';
import { curlOf } from './curl.ts';
import { encode } from './encode.ts';

/** For the tests of commands: runs them in a shell against a server that keeps what it got. */

export const NO_SECRETS: ReadonlyMap<string, string> = new Map();
export const present = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;
/** Why commands cannot be tried on this machine. */
export const skip = process.platform === 'win32' ? 'no POSIX shell' : present('curl') ? false : 'curl is not installed';

export const json: ScanRequest['headers'] = [
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json'],
];

export const exchangeOf = (request: ScanRequest): Exchange => ({
  id: 1,
  request,
  answer: new Answer({ status: 200, milliseconds: 1 }),
  operation: undefined,
  as: undefined,
  check: '',
});

/** A stand-in for nc, which many machines lack: sends its input, ends with the connection. */
const NC = `#!/bin/sh
exec "$NODE" -e '
const socket = require("node:net").connect(Number(process.argv[2]), process.argv[1]);
process.stdin.pipe(socket, { end: false });
socket.pipe(process.stdout);
socket.on("error", () => {});
socket.on("close", () => process.exit());
' -- "$@"
`;

export interface Shell {
  readonly server: TcpServer;
  /** Runs a command. @returns all that the server got by it */
  run(command: string, variables?: Record<string, string>): Promise<Buffer>;
  /** Runs the command of a request, and fails where anything else is sent, or a secret is told. @returns the command */
  repeats(request: ScanRequest, secrets?: ReadonlyMap<string, string>): Promise<string>;
  close(): Promise<void>;
}

export async function openShell(): Promise<Shell> {
  // Answers whatever comes, and closes: what was received is what counts.
  const server = await tcpServer(
    (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  );
  const tools = mkdtempSync(join(tmpdir(), 'scan-curl-'));
  writeFileSync(join(tools, 'nc'), NC);
  chmodSync(join(tools, 'nc'), 0o755);
  const run = async (command: string, variables: Record<string, string> = {}): Promise<Buffer> => {
    const first = server.connections;
    const env = { ...variables, PATH: `${tools}:${process.env['PATH']}`, NODE: process.execPath, HOME: tools };
    const script = join(tools, 'command');
    writeFileSync(script, command);
    const child = execFile('sh', [script], { env, timeout: 20_000 });
    await new Promise((resolve) => child.on('close', resolve));
    return Buffer.concat(server.received.slice(first));
  };
  return {
    server,
    run,
    async repeats(request, secrets = NO_SECRETS) {
      const command = curlOf(exchangeOf(request), server.base, secrets);
      const { head, body } = encode(request, server.base.host);
      const sent = Buffer.concat([head, body ?? Buffer.alloc(0)]);
      const got = await run(command, Object.fromEntries([...secrets].map(([secret, name]) => [name, secret])));
      assert.equal(got.toString('latin1'), sent.toString('latin1'), command);
      for (const secret of secrets.keys()) assert.ok(!command.includes(secret), command);
      return command;
    },
    async close() {
      rmSync(tools, { recursive: true });
      await server.close();
    },
  };
}
