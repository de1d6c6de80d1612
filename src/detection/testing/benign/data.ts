import type { Kit, Makers } from './kit.ts';

const record = (k: Kit): Record<string, unknown> => ({
  id: k.int(100000),
  name: k.name(),
  note: k.prose(),
  tags: [k.noun(), k.word()],
  at: `${k.day()}T${k.clock()}Z`,
  nested: { ok: true, path: `/v1/${k.noun()}/${k.int(99)}`, q: `${k.word()} ${k.noun()}` },
});

/** Data in data: what programs put into one string for another to take apart. */
export const DATA: Makers = {
  JSON: (k) => JSON.stringify(record(k)),
  'JSON twice': (k) => JSON.stringify(JSON.stringify(record(k))),
  'JSON in JSON': (k) => JSON.stringify({ type: k.noun(), payload: JSON.stringify(record(k)), v: 1 }),
  'long JSON': (k) =>
    JSON.stringify(
      Array.from({ length: 5 + k.int(25) }, () => record(k)),
      null,
      k.int(3),
    ),
  'broken JSON': (k) => JSON.stringify(record(k)).slice(0, 20 + k.int(120)),
  'JSON with quotes of another kind': (k) => `{'id': ${k.int(99)}, 'name': '${k.noun()}', 'ok': None, "it's": True}`,
  ndjson: (k) => k.some(2, 6, () => JSON.stringify({ level: 'info', msg: k.sentence(), t: k.int(2 ** 31) }), '\n'),
  GeoJSON: (k) =>
    `{"type":"Feature","geometry":{"type":"Point","coordinates":[${k.int(90)}.5,-${k.int(90)}.25]},"properties":{"name":"${k.noun()}"}}`,
  'JSON Patch': (k) =>
    `[{"op":"replace","path":"/${k.noun()}/0","value":"${k.word()}"},{"op":"test","path":"/a~1b","value":null}]`,
  'JSON Schema': (k) =>
    `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"${k.noun()}":{"type":"string","pattern":"^[a-z']+$","enum":["select","union"]}},"$defs":{}}`,
  JSONPath: (k) =>
    k.pick([
      `$.store.${k.noun()}[?(@.price < ${k.int(99)} && @.category == '${k.noun()}')].title`,
      `$..${k.noun()}[0,1]`,
      `.${k.noun()}[] | select(.id == ${k.int(9)}) | .name`,
      `/${k.noun()}/0/${k.noun()}~1x`,
      `people[?age > \`${k.int(30)}\`].{n: name, "a b": c}`,
    ]),
  'form schema': (k) =>
    `{"type":"select","name":"${k.noun()}","options":["${k.word()}","${k.word()}"],"validate":{"required":true,"custom":"valid = input != '';"}}`,
  'editor document': (k) =>
    JSON.stringify({
      ops: [
        { insert: `${k.sentence()}\n` },
        { attributes: { link: `https://${k.host()}`, code: true }, insert: k.code() },
      ],
    }),
  GraphQL: (k) =>
    `query { ${k.noun()}s(where: {name: {_like: "%${k.noun()}%"}}, order_by: {id: asc}, limit: ${k.int(50)}) { id name source sort } }`,
  'GraphQL with variables': (k) =>
    `query Get($id: ID!, $first: Int = ${k.int(99)}) {\n  ${k.noun()}(id: $id) {\n    id\n    sort\n    source\n    ... on ${k.noun()} @include(if: $x) { name }\n  }\n}\n\nfragment F on ${k.noun()} { __typename id }`,
  'GraphQL mutation': (k) =>
    `mutation($input: ${k.noun()}Input!) { update${k.noun()}(input: $input, note: "${k.noun()} isn't ${k.adjective()}") { ok errors { field message } } }`,
  OData: (k) =>
    `$filter=contains(Name,'${k.noun()}') and Price ${k.pick(['gt', 'lt'])} ${k.int(100)}&$select=Id,Name&$orderby=Name desc`,
  'OData filter': (k) =>
    k.pick([
      `Name eq '${k.noun()}' or startswith(Code,'${k.letters(2)}')`,
      `(Price lt ${k.int(99)} and not endswith(Name,'x')) or Id in (1,2,3)`,
      `createdDateTime ge ${k.day()}T00:00:00Z and status ne 'closed'`,
      `Items/any(d:d/Quantity gt ${k.int(99)})`,
    ]),
  'filter language': (k) =>
    `${k.noun()}:${k.word()} status:open -label:"won't fix" author:${k.first()} created:>2026-01-0${1 + k.int(9)}`,
  RSQL: (k) =>
    k.pick([
      `name==*${k.noun()}*;price=gt=${k.int(99)},status=in=(open,closed)`,
      `filter[name][like]=${k.noun()}&sort=-created_at,id&fields[a]=b,c`,
      `where=${k.noun()}.eq.${k.int(99)}&or=(age.gte.18,student.is.true)`,
      `q=${k.noun()}+OR+${k.noun()}&fq=price:[* TO ${k.int(99)}]&sort=score desc`,
      `project = ${k.noun().toUpperCase()} AND status in ("To Do", Done) AND text ~ "${k.noun()}" ORDER BY created DESC`,
      `+${k.noun()} -${k.noun()} "exact ${k.noun()}"~${k.int(9)} (${k.noun()}^2 OR ${k.noun()}*)`,
      `source="${k.noun()}" level=error | stats count by host | sort -count | head 10`,
      `sum(rate(http_requests_total{job="${k.noun()}",code!~"5.."}[5m])) by (le) > ${k.int(99)}`,
    ]),
  'words of Cypher': (k) =>
    `Which ${k.noun()} do I match (a)-[:KNOWS]->(b) where a.name is ${k.adjective()}? return to ${k.first()}`,
  'Mongo-like text': (k) =>
    k.pick([
      `{"status":"A","qty":{"min":${k.int(30)}},"$schema":"./s.json"}`,
      `costs $gt ${k.int(9)} or so, $regex is not a word`,
      `use $set to change a ${k.noun()} and $push to add one`,
      `{"$ref":"#/components/schemas/${k.noun()}","$id":"${k.noun()}"}`,
      `{"$type":"${k.noun()}.v1","$value":${k.int(9)}}`,
    ]),
  CSV: (k) => k.some(2, 5, () => `"${k.name()}","${k.noun()}",${k.int(99)},'${k.word()}'`, '\n'),
  'long CSV': (k) =>
    `id;name;"unit price";note\r\n${k.some(20, 80, () => `${k.int(9999)};"${k.last()}, ${k.first()}";${k.int(99)},5;"5"" ${k.noun()} - ${k.adjective()}"`, '\r\n')}`,
  TSV: (k) => k.some(2, 6, () => `${k.int(99)}\t${k.name()}\t${k.noun()}\t=${k.int(9)}`, '\n'),
  YAML: (k) =>
    `name: ${k.noun()}\non:\n  push: {branches: [main, 'rel/**']}\nenv:\n  A: \${{ secrets.${k.noun().toUpperCase()} }}\n  B: &x "it's"\nlist:\n  - *x\n  - !!str ${k.int(9)}  # ${k.sentence()}\n`,
  TOML: (k) =>
    `[tool.${k.noun()}]\nname = "${k.noun()}"\npath = '''C:\\${k.noun()}'''\ndeps = { a = "^1.${k.int(9)}", b = { git = "https://${k.host()}/x" } }\n`,
  INI: (k) => `; ${k.sentence()}\n[${k.noun()}]\nuser=${k.noun()}\npath=%(home)s/${k.noun()}\n# end\n`,
  environment: (k) =>
    `DATABASE_URL=postgres://u:p@db.${k.noun()}.example:5432/x?sslmode=require\nDEBUG=*\nNODE_ENV=production\nPATH=$PATH:/opt/${k.noun()}/bin\n`,
  XML: (k) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<order id="${k.int(99)}" xmlns="urn:${k.noun()}"><item sku='${k.letters(5)}'>${k.noun()} &amp; ${k.noun()}</item><![CDATA[${k.sentence()}]]><!-- ok --></order>`,
  SOAP: (k) =>
    `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><Get${k.noun()} xmlns="http://${k.host()}/"><id>${k.int(99)}</id></Get${k.noun()}></soap:Body></soap:Envelope>`,
  RSS: (k) =>
    `<rss version="2.0"><channel><title>${k.name()}'s ${k.noun()}</title><link>https://${k.host()}</link><item><description>&lt;p&gt;${k.sentence()}&lt;/p&gt;</description></item></channel></rss>`,
  calendar: (k) =>
    `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:${k.uuid()}\r\nDTSTART;TZID=Europe/Dublin:20260101T10${k.two(59)}00\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=${k.int(9)}\r\nSUMMARY:${k.noun()}\\, ${k.noun()}\\; ${k.name()}\r\nEND:VEVENT\r\nEND:VCALENDAR`,
  'visiting card': (k) =>
    `BEGIN:VCARD\nVERSION:4.0\nN:${k.last()};${k.first()};;Dr.;\nTEL;TYPE=work:+353-1-${k.int(9999)}\nADR;TYPE=home:;;1 ${k.noun()} St;Dublin;;D0${k.int(9)};IE\nEND:VCARD`,
  'serialized PHP': (k) => `a:2:{s:2:"id";i:${k.int(99)};s:4:"name";s:5:"${k.letters(5)}";}`,
  'multipart text': (k) =>
    `--${k.letters(12)}\r\nContent-Disposition: form-data; name="${k.noun()}"\r\n\r\n${k.noun()}\r\n--${k.letters(12)}--`,
  'e-mail with headers': (k) =>
    `From: "${k.name()}" <${k.email()}>\nTo: ${k.email()}\nSubject: Re: ${k.noun()} & ${k.noun()}\nDate: Mon, 23 Nov 2026 ${k.clock()} +0000\nMessage-ID: <${k.hex(12)}@${k.host()}>\n\nOn ${k.day()}, ${k.name()} wrote:\n> ${k.sentence()}\n>> ${k.sentence()}\n\n-- \n${k.name()}\n`,
  webhook: (k) =>
    JSON.stringify({
      event: `${k.noun()}.updated`,
      data: {
        object: {
          id: `evt_${k.letters(14)}`,
          description: k.sentence(),
          metadata: {},
          html_url: `https://${k.host()}/${k.noun()}#${k.int(9)}`,
        },
      },
      commits: [
        {
          id: k.hex(40),
          message: `fix(${k.noun()}): don't ${k.verb()} ${k.noun()} (#${k.int(999)})`,
          added: [`src/${k.noun()}/../x.ts`],
        },
      ],
    }),
  'CSP report': (k) =>
    `{"csp-report":{"document-uri":"https://${k.host()}/","violated-directive":"script-src-elem","original-policy":"default-src 'self'; script-src 'self'","blocked-uri":"inline","script-sample":"var a = '${k.noun()}"}}`,
  'source map': (k) =>
    `{"version":3,"sources":["webpack:///./src/${k.noun()}.js","webpack://${k.noun()}/./node_modules/x/index.js"],"names":["select","x","$el"],"mappings":"${k.some(10, 60, () => k.letters(5), k.pick([',', ';']))}","sourcesContent":["const a = '${k.noun()}';\\n"]}`,
  'state of a page': (k) =>
    `(filters:!(('$state':(store:appState),meta:(alias:!n,index:'${k.noun()}-*',key:level))),time:(from:now-15m,to:now))`,
};
