import type { Makers } from './kit.ts';

const encode = encodeURIComponent;

/** What browsers, libraries and other programs put into URLs, headers and cookies. */
export const WEB: Makers = {
  URL: (k) =>
    `https://${k.noun()}.example.com/${k.noun()}/${k.int(999)}?q=${encode(`${k.name()} & ${k.noun()}`)}&page=${k.int(9)}#${k.word()}`,
  'URL in a URL': (k) =>
    `https://id.example.com/login?return=${encode(`https://app.example.com/${k.noun()}?filter=${encode(`name eq '${k.last()}'`)}&sort=-date`)}`,
  'URL in a URL in a URL': (k) =>
    `https://${k.host()}/r?u=${encode(`https://${k.host()}/s?v=${encode(`https://${k.host()}/?q=${encode(`"${k.noun()}" & <${k.noun()}>`)}`)}`)}`,
  'URL with a trailing question mark': (k) => `https://${k.host()}/${k.noun()}/${k.int(99)}?`,
  'OAuth callback': (k) =>
    k.pick([
      `https://${k.host()}/cb?code=${k.letters(40)}&state=${k.letters(20)}%3D%3D&scope=openid+email&iss=${encode(`https://${k.host()}`)}`,
      `com.example.${k.noun()}:/oauth2redirect`,
      `http://localhost:${3000 + k.int(999)}/callback`,
      `http://127.0.0.1:${3000 + k.int(999)}/auth/${k.noun()}`,
      `urn:ietf:wg:oauth:2.0:oob`,
    ]),
  'OAuth state': (k) =>
    Buffer.from(JSON.stringify({ n: k.letters(12), r: `/${k.noun()}?a=1&b='2'` })).toString('base64url'),
  'SAML request': (k) =>
    Buffer.from(
      `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_${k.hex(20)}" Version="2.0" IssueInstant="${k.day()}T${k.clock()}Z"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://${k.host()}/sp</saml:Issuer></samlp:AuthnRequest>`,
    ).toString('base64'),
  path: (k) =>
    k.pick([
      '/package.json',
      `/api/v1/${k.noun()}s/${k.int(99)}`,
      `src/${k.noun()}/index.ts`,
      `./${k.noun()}.md`,
      `C:\\Users\\${k.first()}\\Documents\\${k.noun()}.docx`,
      '~/.profile',
      `docs/${k.noun()}s.v2.pdf`,
      '/??/a.js,b.js',
      'http/1.1',
      'and/or',
      '1/2',
      '24/7',
      'n/a',
      'w/o',
      `/home/${k.noun()}/${k.noun()}.txt`,
      `s3://${k.noun()}-bucket/${k.day()}/${k.noun()}.parquet`,
      `/${k.noun()}/@${k.noun()}/${k.noun()};v=1`,
      `gs://${k.noun()}/**/*.csv`,
      `/${k.noun()}s/{id}/${k.noun()}s/:${k.noun()}Id`,
    ]),
  'file name': (k) =>
    k.pick([
      `${k.name()} (${k.int(9)}).pdf`,
      `Invoice #${k.int(999)} - ${k.last()}.xlsx`,
      'photo...final.jpg',
      `${k.noun()}..txt`,
      `report_${k.word()}.csv`,
      '.gitignore',
      'a;b.txt',
      `${k.noun()} & ${k.noun()} [v${k.int(9)}] $final.docx`,
      `${k.noun()}.tar.gz`,
      `${k.day()} ${k.noun()}'s ${k.noun()}.eml`,
      `${k.language().slice(0, 20)}.png`,
      `Screenshot ${k.day()} at ${k.clock().replaceAll(':', '.')}.png`,
      `${k.noun()}.php.bak.txt`,
      `index.html`,
    ]),
  'user agent': (k) =>
    k.pick([
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + k.int(40)}.0.0.0 Safari/537.36`,
      `Mozilla/5.0 (iPhone; CPU iPhone OS 17_${k.int(9)} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/${k.int(99)}.0;FBSN/iOS;FBLC/en_US]`,
      `curl/8.${k.int(9)}.0`,
      `python-requests/2.${k.int(30)}.0`,
      `okhttp/4.${k.int(12)}.0; ${k.noun()}-android/1.${k.int(9)} (Pixel ${k.int(9)}; Android 1${k.int(4)})`,
      `Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
      `Dalvik/2.1.0 (Linux; U; Android 1${k.int(4)}; SM-G99${k.int(9)}B Build/TP1A.${k.int(999999)})`,
      `PostmanRuntime/7.${k.int(40)}.0`,
      `Java/17.0.${k.int(9)}`,
      `git/2.${k.int(40)}.1 (Apple Git-${k.int(150)})`,
      `Mozilla/5.0 (X11; Linux x86_64; rv:1${k.int(30)}.0) Gecko/20100101 Firefox/1${k.int(30)}.0`,
      `Wget/1.21 (linux-gnu)`,
      `${k.noun()}/1.0 (+https://${k.host()}/bot; ${k.email()})`,
    ]),
  'client hints': (k) =>
    `"Not_A Brand";v="8", "Chromium";v="${100 + k.int(40)}", "Google Chrome";v="${100 + k.int(40)}"`,
  accept: (k) =>
    k.pick([
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      `application/vnd.${k.noun()}.v${k.int(9)}+json; charset=utf-8`,
      'application/json, text/plain, */*',
      `en-GB,en;q=0.9,de;q=0.${k.int(9)},*;q=0.1`,
      'gzip, deflate, br;q=1.0, *;q=0',
      'image/webp,image/apng,image/svg+xml,*/*;q=0.8',
    ]),
  'content security policy': (k) =>
    `default-src 'self' https://${k.host()}; script-src 'self' 'unsafe-inline' 'nonce-${k.letters(12)}=='; img-src * data: blob:; frame-ancestors 'none'; report-uri /csp`,
  'permissions policy': (k) => `geolocation=(self "https://${k.host()}"), camera=(), fullscreen=*`,
  'link header': (k) =>
    `<https://${k.host()}/${k.noun()}?page=${k.int(9)}>; rel="next", </style.css>; rel=preload; as=style`,
  'content disposition': (k) =>
    `attachment; filename="${k.noun()} (${k.int(9)}).pdf"; filename*=UTF-8''${encode(k.name()).replaceAll("'", '%27')}.pdf`,
  'cache control': () => 'no-cache, max-age=0, must-revalidate="x", private',
  'trace headers': (k) =>
    k.pick([
      `00-${k.hex(32)}-${k.hex(16)}-01`,
      `${k.noun()}=${k.hex(16)},${k.noun()}@vendor=${k.letters(12)};x=1`,
      `Root=1-${k.hex(8)}-${k.hex(24)};Parent=${k.hex(16)};Sampled=1`,
      `${k.hex(32)}:${k.hex(16)}:0:1`,
      `userId=${k.letters(8)},serverNode=DF%2028,isProduction=false;${k.noun()}=a%3Db`,
      `{"v":[0,1],"d":{"ty":"App","ac":"${k.int(9999)}","tr":"${k.hex(16)}"}}`,
    ]),
  'forwarding headers': (k) =>
    k.pick([
      `for="[2001:db8::${k.hex(2)}]:${k.int(9999)}";proto=https;by=203.0.113.${k.int(99)}, for=192.0.2.${k.int(99)}`,
      `203.0.113.${k.int(255)}, 198.51.100.${k.int(255)}`,
      `1.1 ${k.noun()}.example (CloudFront), 2 ${k.host()} "edge"`,
    ]),
  'entity tag': (k) =>
    k.pick([`"${k.letters(8)}"`, `W/"${k.letters(12)}"`, `"${k.letters(4)}", "${k.letters(4)}"`, '*']),
  'signature header': (k) =>
    `sig1=("@method" "@target-uri" "content-digest");created=${k.int(2 ** 31)};keyid="${k.noun()}-1";alg="ed25519"`,
  'digest header': (k) => `SHA-256=${k.bytes(32).toString('base64')}, sha-512=:${k.bytes(64).toString('base64')}:`,
  authorization: (k) =>
    k.pick([
      `Basic ${Buffer.from(`${k.noun()}:${k.letters(12)}`).toString('base64')}`,
      `Digest username="${k.noun()}", realm="a@b", nonce="${k.hex(32)}", uri="/${k.noun()}?a=b", qop=auth, nc=00000001, response="${k.hex(32)}"`,
      `AWS4-HMAC-SHA256 Credential=AKIA${k.letters(16)}/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${k.hex(64)}`,
      `Hawk id="${k.letters(6)}", ts="${k.int(2 ** 31)}", nonce="${k.letters(6)}", mac="${k.bytes(32).toString('base64')}"`,
    ]),
  'cookie value': (k) =>
    k.pick([
      `GA1.2.${k.int(1e9)}.${k.int(1e9)}`,
      '1---',
      `%7B%22a%22%3A%22${k.noun()}%22%2C%22n%22%3A${k.int(9)}%7D`,
      `"${k.letters(20)}="`,
      `${k.letters(10)}!${k.letters(6)}==`,
      `s%3A${k.letters(24)}.${k.letters(30)}%2B${k.letters(8)}`,
      `v1.${k.letters(12)}|${k.int(1e9)}|${k.hex(40)}`,
      `${k.letters(6)}~${k.int(99)}~${k.letters(8)}-${k.letters(4)}~`,
      `fb.1.${k.int(2 ** 31)}.${k.int(1e9)}`,
      `a:1:{s:4:"lang";s:2:"en";}`,
      `lang=en&tz=Europe%2FDublin&dark=1`,
      `${k.int(99)}|MCIDTS|${k.int(99999)}|vVersion|5.${k.int(9)}.0`,
    ]),
  'advertising cookie': (k) =>
    k.pick([
      `AMCV_${k.hex(20).toUpperCase()}%40AdobeOrg=${k.int(1e9)}%7CMCIDTS%7C${k.int(99999)}%7CMCMID%7C${k.int(1e9)}`,
      `_gcl_au=1.1.${k.int(1e9)}.${k.int(2 ** 31)}`,
      `{"distinct_id":"${k.hex(12)}","$device_id":"${k.hex(12)}","$initial_referrer":"$direct","__mps":{},"__mpso":{}}`,
      `%7B%22distinct_id%22%3A%20%22${k.hex(12)}%22%2C%22%24initial_referrer%22%3A%20%22%24direct%22%7D`,
      `!${k.letters(40)}|!${k.letters(20)}==;path=/`,
      `_ga_${k.letters(10)}=GS1.1.${k.int(2 ** 31)}.${k.int(9)}.1.${k.int(2 ** 31)}.0.0.0`,
      `utmcsr=${k.noun()}|utmccn=(organic)|utmcmd=organic|utmctr=(not%20provided)`,
      `uid=${k.hex(16)}&v=${k.int(9)}&u=https%3A%2F%2F${k.host()}%2F%3Fq%3D%2527`,
    ]),
  'consent string': (k) =>
    k.pick([
      `CP${k.letters(28)}.${k.letters(30)}.YAAAAAAAAAAA`,
      '1YNN',
      `DBABMA~BAAAAAAAA.QA~1YNN`,
      `isGpcEnabled=0&datestamp=Mon+Nov+23+2026+10%3A0${k.int(9)}%3A00+GMT%2B0100+(GMT%2B01%3A00)&version=6.${k.int(30)}.0&groups=C0001%3A1%2CC0002%3A0&AwaitingReconsent=false`,
      `{stamp:%27${k.letters(12)}==%27%2Cnecessary:true%2Cpreferences:false%2Cver:1%2Cutc:${k.int(2 ** 31)}}`,
    ]),
  'query of an analytics beacon': (k) =>
    `v=2&tid=G-${k.letters(8)}&gtm=45je&_p=${k.int(1e9)}&cid=${k.int(1e9)}.${k.int(1e9)}&ul=en-gb&sr=1920x1080&dl=${encode(`https://${k.host()}/?a='b'&c="d"`)}&dt=${encode(k.sentence())}&en=page_view&ep.x=(not%20set)`,
  'broken escapes': (k) =>
    k.pick([
      '100% sure',
      '50%off',
      '%u4F60%u597D',
      '5% or 10%',
      '%zz',
      'a%20b%2',
      '&nbsp &foo; &#;',
      '\\u00zz \\x',
      'C:\\new\\table',
      `${k.int(99)}%ABV & ${k.int(9)}%VAT`,
      'D:\\users\\u00ser\\x.txt',
      '%USERPROFILE%\\Desktop',
      '&copy2026 &reg &lt3',
      '%-5s %03d%%',
    ]),
  'telemetry of a graphics card': (k) =>
    k.pick([
      `ANGLE (Intel, Intel(R) UHD Graphics ${k.int(900)} (0x0000${k.hex(4)}) Direct3D11 vs_5_0 ps_5_0, D3D11)`,
      `WebKit WebGL; Apple M${k.int(4)}; {"max":16384,"ext":["WEBGL_lose_context"]}`,
      `Mali-G7${k.int(9)} || Adreno (TM) ${k.int(700)}`,
    ]),
  token: (k) => k.letters(20 + k.int(40)),
  base64: (k) => Buffer.from(k.letters(30 + k.int(200))).toString('base64'),
  'base64 of prose': (k) => Buffer.from(k.sentence()).toString('base64'),
  'base64 of JSON': (k) =>
    Buffer.from(JSON.stringify({ id: k.int(999), cursor: k.uuid(), order: [k.noun(), 'desc'], n: k.name() })).toString(
      'base64',
    ),
  'base64 bytes': (k) => k.bytes(20 + k.int(300)).toString(k.pick(['base64', 'base64url'])),
  'data URL': (k) => `data:image/png;base64,${k.bytes(200).toString('base64')}`,
  'data URL of SVG': (k) =>
    `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${k.int(99)} 8'%3E%3Cpath d='M4 0v${k.int(9)}z'/%3E%3C/svg%3E`,
  JWT: (k) =>
    [{ alg: 'RS256' }, { sub: k.letters(10), name: k.name(), exp: k.int(2 ** 31) }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(k.letters(86))
      .join('.'),
  'PEM certificate': (k) =>
    `-----BEGIN CERTIFICATE-----\n${k
      .bytes(400 + k.int(400))
      .toString('base64')
      .replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  'SSH key': (k) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${k.letters(43)} ${k.noun()}@${k.noun()}`,
  'gzip in base64': (k) => `H4sI${k.bytes(90).toString('base64')}`,
  'distinguished name': (k) =>
    k.pick([
      `CN=${k.name()},OU=${k.noun()}s,O="${k.last()}, Inc.",C=IE`,
      `uid=${k.noun()},ou=people,dc=example,dc=com`,
      `CN=Doe\\, ${k.first()},OU=R&D (${k.noun()}),DC=corp,DC=example`,
      `/C=IE/ST=Dublin/O=${k.noun()}/CN=*.${k.noun()}.example.com`,
    ]),
};
