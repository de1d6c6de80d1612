import type { Kit, Makers } from './kit.ts';

const column = (k: Kit): string => `${k.noun()}_${k.pick(['id', 'name', 'at', 'count'])}`;

/**
 * What stands at places that a contract declares as code or as a query: whole statements, pages, scripts. They are what
 * attacks of their class are made of, so they are judged at sensitivity `low` only.
 */
export const CODE_PLACES: Makers = {
  'SQL: select': (k) =>
    `SELECT ${column(k)}, COUNT(*) AS n FROM ${k.noun()}s WHERE ${column(k)} = '${k.noun()}' GROUP BY ${column(k)} HAVING COUNT(*) > ${k.int(9)} ORDER BY n DESC LIMIT ${k.int(99)};`,
  'SQL: union': (k) =>
    `select ${column(k)} from ${k.noun()} union all select ${column(k)} from ${k.noun()}_old order by 1`,
  'SQL: tables': (k) =>
    `CREATE TABLE ${k.noun()} (\n  id INTEGER PRIMARY KEY,\n  name VARCHAR(80) NOT NULL DEFAULT '-'\n);\nINSERT INTO ${k.noun()} (name) VALUES ('${k.noun()}');\nDROP TABLE IF EXISTS ${k.noun()}_old;`,
  'SQL: tutorial': (k) =>
    `To read rows write \`SELECT * FROM ${k.noun()}\`; to change one, \`UPDATE ${k.noun()} SET name = 'x' WHERE id = ${k.int(99)}\`.\n\n${k.paragraph()}`,
  'SQL: with comments': (k) =>
    `-- ${k.sentence()}\nselect a /* first */, b -- second\nfrom ${k.noun()} where a = ${k.int(9)} and b is not null;`,
  'shell script': (k) =>
    `#!/bin/sh\nset -eu\nfor f in *.${k.noun()}; do\n  grep -q '${k.noun()}' "$f" && rm -f "$f" || true\ndone\ncat ${k.noun()}.txt | sort | uniq -c > out.txt; echo "$(date)"`,
  'build step': (k) =>
    `npm ci && npm run ${k.verb()}; docker build -t ${k.noun()}:$(git rev-parse HEAD) . | tee build.log`,
  'HTML page': (k) =>
    `<!doctype html><html><head><link rel="stylesheet" href="/a.css"></head><body><form action="/${k.noun()}"><input name="${k.noun()}" type="text" required></form><p>${k.prose()}</p></body></html>`,
  template: (k) =>
    `{% if user.${k.noun()} %}Hello {{ user.name | capitalize }}{% else %}<%= link_to '${k.noun()}' %>{% endif %}\${order.total}`,
  'LDAP filter': (k) => `(&(objectClass=person)(|(uid=${k.noun()}*)(mail=*@${k.noun()}.example.com))(!(locked=TRUE)))`,
  'XPath expression': (k) => `//${k.noun()}[@id='${k.int(99)}' or @name="${k.noun()}"]/text()`,
  'Mongo query': (k) =>
    `{"${k.noun()}": {"$gt": ${k.int(99)}, "$in": ["${k.noun()}", "${k.noun()}"]}, "$or": [{"a": 1}, {"b": {"$exists": true}}]}`,
  'Cypher query': (k) =>
    `MATCH (a:${k.noun()})-[:HAS]->(b) WHERE a.name = '${k.noun()}' RETURN b ORDER BY b.n LIMIT ${k.int(99)}`,
  'JavaScript function': (k) =>
    `function ${k.noun()}(x) {\n  const y = x.filter((e) => e.id !== '${k.noun()}');\n  return y.length > ${k.int(9)} && y[0].name || 'none';\n}`,
  'relative paths': (k) =>
    k.pick([
      `../${k.noun()}/*.md`,
      `/var/log/${k.noun()}/*.log`,
      `{"sources":["../node_modules/${k.noun()}/index.js"]}`,
    ]),
  configuration: (k) =>
    `include ../${k.noun()}/base.conf\nlog_file /var/log/${k.noun()}.log\nuser ${k.noun()}\npath C:\\${k.noun()}\\x.ini\n`,
  patch: (k) => `--- a/../${k.noun()}.c\n+++ b/${k.noun()}.c\n@@ -1 +1 @@\n-  system("ls");\n+  run("${k.noun()}");\n`,
};
