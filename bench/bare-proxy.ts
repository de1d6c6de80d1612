/**
 * The yardstick: a Node proxy that does nothing but what any must: node:http, undici's dispatch, and, for a POST, the
 * JSON read and parsed. Port in argv[2], upstream origin in argv[3].
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[3] as string, { connections: 256, pipelining: 1 });

createServer((req, res) => {
  if (req.method !== 'POST') return send(null);
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const body = Buffer.concat(chunks);
    JSON.parse(body.toString('utf8'));
    send(body);
  });

  function send(body: Buffer | null): void {
    const headers = ['content-type', req.headers['content-type'] ?? 'application/json', 'accept', '*/*'];
    pool.dispatch(
      { path: req.url as string, method: req.method as 'GET', headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, answer) {
          res.writeHead(status, {
            'content-type': answer['content-type'] as string,
            'content-length': answer['content-length'] as string,
          });
        },
        onResponseData(_controller, chunk) {
          res.write(chunk);
        },
        onResponseEnd() {
          res.end();
        },
        onResponseError(_controller, error) {
          res.destroy(error);
        },
      },
    );
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
