import type { Place } from '../../classes/class.ts';
import { type Case, casesOf } from './case.ts';

const of = casesOf('header-injection');
const at = (place: Partial<Place>, cases: readonly Case[]): Case[] => cases.map((each) => ({ ...each, place }));

export const HEADER_INJECTION: readonly Case[] = [
  ...of(
    'fields of an answer',
    'en\r\nSet-Cookie: role=admin',
    'en%0d%0aSet-Cookie:%20role=admin',
    'en%0aset-cookie:role=admin',
    'en%0dContent-Length: 0',
    '%250d%250aContent-Type:text/html',
    '%25%30%61Set-Cookie:a=b',
    '%%0a0aSet-Cookie:a=b',
    '%u000d%u000aX-Injected:1',
    '/%0d%0aLocation:%20https://other.example/',
    '?%0d%0afield:value',
    '%0afield:value',
    'a\r\n\tAccess-Control-Allow-Origin: *',
    'a\\r\\nSet-Cookie: a=b',
    'a\u560d\u560aSet-Cookie: a=b',
    'a\u2028Set-Cookie: a=b',
    'a\u010d\u010aSet-Cookie: a=b',
  ),
  ...of(
    'messages',
    'a%0d%0a%0d%0a<script>x</script>',
    'a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x',
    'a%20HTTP/1.1%0d%0aHost:%20inner%0d%0a%0d%0aGET%20/admin%20HTTP/1.1',
  ),
  ...of(
    'lines of logs',
    'a%0Aclinic INFO forged',
    'help\n2026-11-24T02:00:00Z INFO user admin logged in',
    'Anna Shaw\r\n127.0.0.1 - - [24/Nov/2026:02:00:00 +0000] "GET / HTTP/1.1" 200 7',
    'a\n[ERROR] disk full',
    'a\nWARN: login of root',
    'a\nNov 24 02:00:01 host sshd[7]: Accepted password for root',
    'a\n<34>1 2026-11-24T02:00:00Z host app - - -',
    'a\n{"level":"info","msg":"ok"}',
    'a\nlevel=info msg=ok',
    '\n02:00:01.204 [main] DEBUG ok',
  ),
  ...of(
    'mails',
    'anna@shop.example\nBcc: many@other.example',
    'anna@shop.example%0aCc:many@other.example',
    'Question%0d%0aBcc:%20many@other.example',
    'anna@shop.example>\r\nRCPT TO:<many@other.example>\r\nDATA\r\n',
    'x%0d%0aA1 LOGIN a b',
  ),
  ...of(
    'stores',
    'key\r\nFLUSHALL\r\n',
    'key%0d%0a*1%0d%0a$8%0d%0aFLUSHALL',
    'key\r\nset session:1 0 900 5\r\nadmin\r\n',
  ),
  ...at({ source: 'path' }, of('in a path', 'x\nclinic INFO forged', 'x\r\nany: thing', 'x\nSet-Cookie: a=b')),
  ...at({ source: 'cookie' }, of('in a cookie', 'x%0d%0aany: thing', '1\r\n\r\n<html>')),
  ...at({ source: 'filename' }, of('in the name of a file', 'a.txt\r\nContent-Type: text/html')),
  ...at(
    { source: 'body' },
    of(
      'in a field of a body',
      'anna@shop.example\r\nBcc: many@other.example',
      'Anna Shaw\nBcc: many@other.example',
      'anna@shop.example\r\nContent-Type: text/html\r\n\r\n<b>x</b>',
      'en\r\nSet-Cookie: role=admin',
      '/home\r\nX: y\r\nSet-Cookie: role=admin',
      'x1\r\nHTTP/1.1 200 OK\r\nContent-Length: 0',
      'key\r\n*1\r\n$8\r\nFLUSHALL\r\n',
    ),
  ),
];
