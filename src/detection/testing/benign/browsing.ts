// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates are what is written about
import type { Kit, Makers } from './kit.ts';

const json = (value: unknown): string => JSON.stringify(value);
const packed = (text: string): string => Buffer.from(text).toString('base64');
const stamp = (k: Kit): number => 1_700_000_000_000 + k.int(90_000_000_000);
const agent = (k: Kit): string =>
  `Mozilla/5.0 (${k.pick(['Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7', 'X11; Linux x86_64', 'iPhone; CPU iPhone OS 18_1 like Mac OS X'])}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14${k.int(9)}.0.0.0 Safari/537.36`;
const url = (k: Kit): string =>
  `https://${k.host()}/${k.noun()}/${k.int(999)}?ref=${k.verb()}&utm_source=${k.noun()}#${k.adjective()}`;
const fence = (language: string, ...lines: readonly string[]): string =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;

/** What browsers, apps and the people behind them send to shops, networks, mail, search, news, travel, code and offices. */
export const BROWSING: Makers = {
  'cart of a shop': (k) =>
    json({
      items: [{ sku: `${k.hex(4)}-${k.noun()}'s/XL`, qty: k.int(9), price: { amount: k.int(9999), currency: 'EUR' } }],
      coupon: `SAVE${k.int(50)}%OFF;now`,
      gift: `For ${k.name()} -- happy birthday! & many more <3`,
    }),
  'facets of a shop': (k) =>
    `color:("${k.adjective()}" OR "${k.adjective()}") AND price:[${k.int(50)} TO *] AND NOT brand:'${k.last()}'`,
  'size table': (k) => `EU ${k.int(50)} = US ${k.int(15)} (men's) | UK ${k.int(12)}; 32"x34" or W32/L34`,
  'review of a product': (k) =>
    `5/5 - "Best ${k.noun()} ever"; works && looks great!! Pros: cheap, quick | Cons: none... ${k.sentence()} Update: it's dead :-( `,
  'tracking of an order': (k) => `SELECT * ABOVE or drop off at: ${k.name()}, c/o #${k.int(99)}; then; call | text me`,
  'post in a network': (k) =>
    `${k.sentence()} @${k.noun()}_${k.int(99)} #${k.adjective()} ¯\\_(ツ)_/¯ ${url(k)} (via @${k.noun()}) ❤️ <3 >:( &c.`,
  'comment with quotes': (k) =>
    `> ${k.sentence()}\n>> "${k.word()} ${k.word()}" -- ${k.last()}\nNo; it's '${k.word()}' or "${k.word()}", and that's 1 of 2 = half.`,
  'chat with a fence': (k) =>
    `try this:\n${fence('sh', `cd ${k.noun()} && npm ci; npm test | tail -n 5`, 'cat package.json | jq .version', 'rm -rf ./dist; ls -la')}\nand tell me`,
  'chat with SQL': (k) =>
    `${fence('sql', `SELECT id, name FROM ${k.noun()}s WHERE state = 'new' AND owner_id = 42 ORDER BY id DESC LIMIT 10;`, `UPDATE ${k.noun()}s SET done = true WHERE id = 7; -- by hand`)}\nwhy is this slow?`,
  'SQL question in a forum': (k) =>
    `How do I write a query that joins ${k.noun()}s and ${k.noun()}s? I tried\n\nSELECT a.id, b.total FROM ${k.noun()} a LEFT JOIN ${k.noun()} b ON a.id = b.${k.noun()}_id WHERE b.total > 100 OR b.total IS NULL;\n\nbut it's wrong: "${k.word()}" is ambiguous.`,
  'Excel question in a forum': (k) =>
    `=IF(AND(A${k.int(9)}>10;B2<>"");VLOOKUP(A2;Sheet2!$A$1:$D$${k.int(99)};3;FALSE)&" pcs";"-") gives #N/A, why?`,
  'shell question in a forum': (k) =>
    `When I run \`find . -name "*.${k.pick(['ts', 'log', 'py'])}" -exec grep -l ${k.noun()} {} \\;\` it says: Permission denied. With $(pwd) or \${HOME} it's the same; sudo doesn't help.`,
  'regex question in a forum': (k) =>
    `Why does /^(?:${k.noun()}|${k.noun()})[\\w.'-]{1,${k.int(60)}}(\\s+|$)/gi match "${k.last()}" but not '${k.first()}'? (?<=a)b works.`,
  'query of a search engine': (k) =>
    `"${k.noun()} ${k.noun()}" site:${k.host()} -${k.word()} filetype:pdf OR intitle:"${k.adjective()}" ${k.int(9)}..${10 + k.int(90)}`,
  'search in code': (k) => `repo:${k.noun()}/${k.noun()} path:src/**/*.ts "import {" NOT is:archived /get[A-Z]\\w+\\(/`,
  'search in mail': (k) =>
    `from:(${k.email()}) subject:"${k.verb()} or ${k.verb()}" has:attachment after:${k.day()} {a b}`,
  'headline of news': (k) =>
    `'${k.adjective()} ${k.noun()}': ${k.last()} says union select committee should 'drop' ${k.noun()} plan; where now? -- live`,
  'booking of a journey': (k) =>
    json({
      legs: [{ from: 'DUB', to: "L'Aquila", at: `${k.day()}T${k.clock()}+01:00` }],
      pax: [{ name: k.name(), meal: 'VGML;no nuts/soy' }],
      fare: 'Y<26|flex',
    }),
  'GraphQL persisted query': (k) =>
    json({
      operationName: `${k.verb()}Page`,
      variables: { id: packed(`${k.noun()}:${k.int(9999)}`), first: 20, where: { state: { in: ['NEW', 'OPEN'] } } },
      extensions: { persistedQuery: { version: 1, sha256Hash: k.hex(64) } },
    }),
  'GraphQL fragment': (k) =>
    `query ($id: ID!, $n: Int = 10) { node(id: $id) { ... on ${k.noun()} { edges(first: $n, orderBy: {field: NAME, direction: ASC}) { nodes { id name } } } } }`,
  'analytics hit': (k) =>
    `v=2&tid=G-${k.hex(10).toUpperCase()}&_p=${stamp(k)}&cid=${k.int(1e9)}.${k.int(1e9)}&ul=en-gb&sr=1920x1080&dl=${encodeURIComponent(url(k))}&dt=${encodeURIComponent(k.sentence())}&en=page_view&_ee=1`,
  'analytics event': (k) =>
    json([
      {
        e: 'ue',
        p: 'web',
        url: url(k),
        ue_px: packed(json({ schema: 'iglu:com.example/x/jsonschema/1-0-0' })),
        ua: agent(k),
      },
    ]),
  'pixel of a network': (k) =>
    `id=${k.int(1e9)}&ev=ViewContent&dl=${encodeURIComponent(url(k))}&cd[content_ids]=%5B%22${k.int(999)}%22%5D&cd[value]=${k.int(99)}.00&fbp=fb.1.${stamp(k)}.${k.int(1e9)}`,
  'session recording': (k) =>
    json({
      type: 3,
      data: { source: 2, id: k.int(999), x: k.int(999), attributes: { style: 'left:10px;top:2px', onclick: null } },
      timestamp: stamp(k),
    }),
  'cookie of preferences': (k) =>
    encodeURIComponent(
      json({ theme: 'dark', tz: 'Europe/Dublin', seen: [k.int(9), k.int(9)], ab: { [k.noun()]: 'B|2;x' } }),
    ),
  'cookie of consent': (k) =>
    `isGpcEnabled=0&datestamp=${encodeURIComponent(`Mon Nov 23 2026 ${k.clock()} GMT+0000 (Greenwich Mean Time)`)}&version=202409.1.0&groups=C0001%3A1%2CC0002%3A0&geolocation=IE%3BL`,
  'protobuf as text': (k) =>
    `name: "${k.noun()}" id: ${k.int(99)} [ext.${k.noun()}]: { kind: KIND_NEW value: -1.5e3 } tags: ['${k.word()}', '${k.word()}'] # ${k.verb()}`,
  'protobuf in a URL': (k) =>
    `!1m18!1m12!1m3!1d${k.int(9999)}.5!2d-6.26!3d53.34!2m3!1f0!2f0!3f0!3m2!1i1024!2i768!4f13.1!3m3!1m2!1s0x${k.hex(16)}:0x${k.hex(16)}!2s${k.noun()}`,
  'base64 of a picture': (k) => `data:image/png;base64,${k.bytes(200 + k.int(400)).toString('base64')}`,
  'autosave of a document': (k) =>
    json({
      rev: k.int(999),
      html: `<h1>${k.noun()}</h1><p style="margin:0;color:#333">${k.sentence()}&nbsp;<a href="${url(k).replaceAll('&', '&amp;')}" target="_blank" rel="noopener">${k.noun()}</a></p><ul><li>a &lt; b &amp;&amp; c</li></ul>`,
    }),
  'operations of an editor': (k) =>
    json({
      ops: [
        { retain: k.int(99) },
        { insert: `${k.sentence()}\n` },
        { attributes: { link: url(k) }, insert: k.noun() },
        { delete: 2 },
      ],
    }),
  'formula of a notebook': (k) =>
    `df = df[(df["${k.noun()}"] > ${k.int(9)}) & (df['state'] == 'new') | df.x.isnull()].groupby("${k.noun()}").agg({'n': 'sum'})\nprint(df.head())\n!pip install ${k.noun()}`,
  'stack trace of a browser': (k) =>
    `TypeError: Cannot read properties of undefined (reading '${k.noun()}')\n    at ${k.verb()} (${url(k)}:${k.int(99)}:${k.int(99)})\n    at Array.map (<anonymous>)\n    at async Promise.all (index 0)\n    at eval (webpack-internal:///./src/${k.noun()}.tsx:3:1)`,
  'stack trace of Go': (k) =>
    `panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.${k.verb()}(0xc000012345, 0x2)\n\t/home/${k.noun()}/src/main.go:${k.int(99)} +0x1d\nexit status 2`,
  'configuration of nginx': (k) =>
    `server { listen 443 ssl; server_name ${k.host()}; location ~ \\.php$ { fastcgi_pass unix:/run/php/php8.3-fpm.sock; include fastcgi_params; } location / { proxy_pass http://backend:8080; proxy_set_header Host $host; } }`,
  'pipeline of a DevOps page': (k) =>
    `on: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    env:\n      TOKEN: \${{ secrets.${k.noun().toUpperCase()}_TOKEN }}\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm ci && npm test -- --grep "${k.noun()}"\n      - if: \${{ github.ref == 'refs/heads/main' && success() }}\n        run: echo "\${{ github.sha }}" > out.txt`,
  'manifest of a DevOps page': (k) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${k.noun()}\ndata:\n  app.properties: |\n    db.url=jdbc:postgresql://db.${k.noun()}.svc:5432/app?sslmode=require\n    greeting=Hello, \${user.name}!\n    path=/etc/${k.noun()}/app.conf`,
  'XML of a DevOps page': (k) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0"><groupId>com.example</groupId><artifactId>${k.noun()}</artifactId><properties><java.version>21</java.version><x>\${project.version}</x></properties></project>`,
  'alert rule': (k) =>
    `sum by (job) (rate(http_requests_total{code=~"5..", job!="${k.noun()}"}[5m])) / sum(rate(http_requests_total[5m])) > 0.0${k.int(9)} and on() vector(1) or absent(up == 0)`,
  'filter of a dashboard': (k) =>
    `(status = "open" and owner != "${k.first()}") or (created > now-7d and title like "%${k.noun()}%") | sort by id desc`,
  subtitles: (k) =>
    `${k.int(99)}\n00:01:${k.two(59)},100 --> 00:02:${k.two(59)},900\n<i>- Where's ${k.first()}?</i>\n- Gone; or dead...`,
  'signature of a mail': (k) =>
    `-- \n${k.name()} | Head of ${k.noun()}s & ${k.noun()}s\nT: +353 (0)1 ${k.int(9999)} | ${k.email()}\n"${k.sentence()}"`,
  'deep link of an app': (k) =>
    `${k.noun()}://open?screen=${k.verb()}&params=${encodeURIComponent(json({ id: k.int(999), from: 'push', q: `${k.first()}'s` }))}`,
  'JSON in a query': (k) =>
    encodeURIComponent(
      json({
        filters: [{ field: 'name', op: 'like', value: `%${k.last()}%` }],
        sort: { created: -1 },
        page: { size: 50 },
      }),
    ),
};
