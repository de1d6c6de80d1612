import type { Kit, Makers } from './kit.ts';

const COMMANDS = [
  'npm ci && npm run build',
  'docker run --rm -it -v "$PWD":/app -p 8080:80 node:22 sh -c "npm start"',
  'curl -sS -X POST https://api.example.com/v1/items -H "Content-Type: application/json" -d \'{"a":1}\'',
  "grep -rn 'TODO' src | wc -l",
  'kubectl get pods -n shop | grep -v Running',
  'ls -la | head -5; cat package.json',
  'tail -f app.log | grep ERROR',
  'ps aux | grep node',
  'git rebase -i HEAD~3 && git push --force-with-lease',
  'find . -name "*.tmp" -delete',
  'export PATH="$HOME/bin:$PATH"',
  `for f in *.png; do convert "$f" "\${f%.png}.jpg"; done`,
  'pip install -r requirements.txt || exit 1',
  'ssh deploy@host.example "systemctl status shop"',
  'cat /etc/os-release',
  'echo $SHELL',
  'sudo systemctl restart nginx; journalctl -u nginx -n 50',
  'psql -c "select count(*) from items"',
  'dir C:\\Temp & type log.txt',
  'Get-Process | Where-Object {$_.CPU -gt 10}',
  'openssl x509 -in a.pem -noout -text | less',
  'jq -r ".items[] | .name" out.json > names.txt',
];

const ERRORS = [
  "You have an error in your SQL syntax; check the manual near 'order' at line 1",
  'ERROR: duplicate key value violates unique constraint "users_email_key"',
  "Uncaught TypeError: Cannot read properties of undefined (reading 'map')",
  'sh: 1: Syntax error: Unterminated quoted string',
  'bash: npm: command not found',
  "ENOENT: no such file or directory, open '../config/app.json'",
  'java.lang.NullPointerException: Cannot invoke "String.length()" because "s" is null',
  'ORA-00942: table or view does not exist',
  "jinja2.exceptions.UndefinedError: 'user' is undefined",
  'Refused to execute inline script because it violates: "script-src \'self\'"',
  "error TS2322: Type 'string | undefined' is not assignable to type 'string'.",
  'Permission denied: /var/log/app/error.log',
  "Access to fetch at 'https://a.example' from origin 'null' has been blocked by CORS policy",
  'Unclosed quotation mark after the character string',
];

const command = (k: Kit): string => k.pick(COMMANDS);
const error = (k: Kit): string => k.pick(ERRORS);
const line = (k: Kit): number => 1 + k.int(400);

/** What people who make software write about it: reports, reviews, logs, traces, diffs. */
export const DEVELOPERS: Makers = {
  code: (k) => k.code(),
  'code in a bug report': (k) =>
    `When I run \`${k.code()}\` it fails with "${k.pick(['TypeError', "can't read 'x'", 'unexpected token'])}".\n${k.prose()}`,
  'shell commands in a bug report': (k) =>
    `## Steps\n\n1. \`${command(k)}\`\n2. ${k.sentence()}\n\n\`\`\`sh\n$ ${command(k)}\n$ ${command(k)}\n${error(k)}\n\`\`\`\n\n${k.paragraph(1, 4)}`,
  'a command in a sentence': (k) => `${k.sentence()} I tried "${command(k)}" but got: ${error(k)}`,
  'support ticket': (k) =>
    `Hi team,\n\nsince ${k.day()} the ${k.noun()} page says:\n\n    ${error(k)}\n\n${k.paragraph(2, 5)}\n\nRegards,\n${k.name()}`,
  'long support ticket': (k) =>
    k.some(
      3,
      8,
      () =>
        k.pick([
          `> ${error(k)}`,
          k.paragraph(2, 6),
          `\`${command(k)}\``,
          `URL: https://${k.host()}/${k.noun()}?id=${k.int(99)}&sort=desc`,
        ]),
      '\n\n',
    ),
  'code review': (k) =>
    k.pick([
      `nit: \`${k.code()}\` -> \`${k.code()}\`? ${k.sentence()}`,
      `Why not \`if (${k.noun()} != null && !${k.noun()}.isEmpty())\` here? Otherwise it's O(n^2).`,
      `\`\`\`suggestion\n${k.code()}\n\`\`\`\n${k.sentence()}`,
      `This concatenates user input into SQL; use a parameter ($1 or ?) instead of '+ ${k.noun()} +'.`,
      `s/${k.noun()}/${k.noun()}/g please; LGTM otherwise 👍`,
    ]),
  'text about attacks': (k) =>
    k.pick([
      `Our scanner reports XSS in the ${k.noun()} field: the <script> tag isn't escaped. ${k.sentence()}`,
      `An attacker could pass ../ in the ${k.noun()} name; please validate it. ${k.sentence()}`,
      `Never build a shell command from input; backticks, $() and ; are dangerous in ${k.noun()}s.`,
      `Blind SQL injection uses sleep or benchmark; a UNION needs the same number of columns. ${k.sentence()}`,
      `The ${k.noun()} template is rendered twice, so {{ }} in a name is evaluated. ${k.sentence()}`,
      `Log4Shell (CVE-2021-44228) was about jndi lookups in logged ${k.noun()}s; we're patched.`,
      `CRLF in a header splits the response: check \\r and \\n in ${k.noun()}. ${k.sentence()}`,
      `Requests to link-local or loopback addresses must be refused (SSRF) unless the ${k.noun()} is internal.`,
      `LDAP: escape *, ( and ) in the ${k.noun()} filter. ${k.sentence()}`,
      `Prototype pollution: don't merge keys such as __proto__ or constructor into ${k.noun()}s.`,
    ]),
  'commit message': (k) =>
    k.pick([
      `fix(${k.noun()}): don't ${k.verb()} '${k.noun()}' twice (#${k.int(999)})\n\nCo-authored-by: ${k.name()} <${k.email()}>`,
      `feat!: drop ${k.noun()} table; select ${k.noun()} from config\n\nBREAKING CHANGE: ${k.sentence()}`,
      `Revert "${k.verb()} ${k.noun()} when x || y"\n\nThis reverts commit ${k.hex(40)}.`,
      `Merge branch 'feature/${k.noun()}' into release/${k.int(9)}.x`,
    ]),
  'git diff': (k) =>
    `diff --git a/src/${k.noun()}.ts b/src/${k.noun()}.ts\nindex ${k.hex(7)}..${k.hex(7)} 100644\n--- a/src/${k.noun()}.ts\n+++ b/src/${k.noun()}.ts\n@@ -${line(k)},7 +${line(k)},8 @@ export function ${k.noun()}() {\n-  ${k.code().replaceAll('\n', ' ')}\n+  ${k.code().replaceAll('\n', ' ')}\n   return '${k.noun()}';\n`,
  'cron lines': (k) =>
    `${k.pick(['*/5 * * * *', `0 ${k.int(23)} * * 1-5`, '@daily'])} ${k.pick([`/usr/local/bin/${k.noun()} --quiet >> /var/log/${k.noun()}.log 2>&1`, `cd /srv/${k.noun()} && ./run.sh`])}`,
  Dockerfile: (k) =>
    `The image doesn't build:\n\nFROM node:22-alpine AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci && rm -rf /tmp/*\nENV ${k.noun().toUpperCase()}=1\nCMD ["node", "src/${k.noun()}.js"]\n\n${k.sentence()}`,
  'nginx configuration': (k) =>
    `server {\n  listen 443 ssl;\n  location ~* \\.(png|jpg)$ { expires 30d; }\n  location / { proxy_pass http://${k.noun()}:8080; proxy_set_header Host $host; }\n}\n# ${k.sentence()}`,
  Makefile: (k) => `.PHONY: ${k.noun()}\n${k.noun()}: $(OBJ)\n\t$(CC) -o $@ $^ && echo "done: $<"\n`,
  'minified JS': (k) =>
    k.some(
      3,
      40,
      () =>
        `!function(e,t){"use strict";var n=e.${k.noun()}||{},r=t&&t[${k.int(9)}]?'${k.noun()}':"${k.word()}";for(var i=0;i<n.length;i++)n[i]==r&&(r=n[i]);return/^\\s+|'$/g.test(r)}(${k.letters(2, 'abcdef')},[${k.int(9)}]);`,
      '',
    ),
  TypeScript: (k) =>
    `export const ${k.noun()} = async <T extends string>(id: T | undefined): Promise<void> => {\n  if (!id || id === '${k.noun()}') throw new Error(\`no \${id}\`);\n  await db.query('... $1', [id]); // ${k.sentence()}\n};`,
  Python: (k) =>
    `@app.get("/${k.noun()}/{id}")\ndef ${k.noun()}(id: int, q: str | None = None):\n    """${k.sentence()}"""\n    return {"id": id, **({"q": q} if q else {})}  # ok`,
  Java: (k) =>
    `public List<${k.noun()}> find(String q) {\n  return repo.findAll().stream().filter(x -> x.getName().equals("${k.noun()}") || x.getId() > ${k.int(9)}).toList();\n}`,
  PHP: (k) =>
    `In the old code: foreach ($${k.noun()}s as $k => $v) { echo htmlspecialchars($v['${k.word()}']) . "<br>"; } -- ${k.sentence()}`,
  Rust: (k) =>
    `fn ${k.noun()}<'a>(x: &'a str) -> Option<&'a str> { match x { "a" | "b" => Some(x), _ => None } } // ${k.noun()}`,
  'C and its macros': (k) =>
    `#define ${k.noun().toUpperCase()}(x) ((x) & 0x${k.hex(2)})\nint main(int c, char **v) { printf("%s\\n", v[1]); return c > 1 && !v[${k.int(9)}]; }`,
  Go: (k) =>
    `if err := ${k.noun()}.Do(ctx, &x); err != nil && !errors.Is(err, io.EOF) { return fmt.Errorf("${k.noun()}: %w", err) }`,
  Ruby: (k) => `${k.noun()}s.select { |x| x[:id] == ${k.int(9)} }.map(&:name).join("', '") unless ${k.noun()}.nil?`,
  Kotlin: (k) => `val ${k.noun()} = list.filter { it.name == "$name" }.map { "\${it.id}-x" } ?: emptyList()`,
  LISP: (k) => `(defn ${k.noun()} [x] (-> x (assoc :a '(1 2)) (update :b #(or % ${k.int(9)}))))`,
  'log line': (k) =>
    `${k.day()} ${k.clock()},${k.int(999)} ERROR [main] o.e.${k.noun()}: duplicate key value violates unique constraint "${k.noun()}_pkey" (user='${k.first()}', id=${k.int(999)})`,
  'access log': (k) =>
    `203.0.113.${k.int(255)} - ${k.noun()} [23/Nov/2026:${k.clock()} +0000] "GET /${k.noun()}?q=${k.noun()}%20${k.word()}&id=${k.int(99)} HTTP/1.1" 200 ${k.int(9999)} "https://${k.host()}/" "curl/8.${k.int(9)}"`,
  syslog: (k) =>
    `<${k.int(190)}>1 ${k.day()}T${k.clock()}Z ${k.noun()} sshd ${k.int(9999)} - [x@1 a="${k.noun()}"] Failed password for invalid user ${k.noun()} from 198.51.100.${k.int(99)} port ${k.int(9999)}`,
  'long log': (k) =>
    k.some(
      10,
      50,
      () =>
        `${k.day()}T${k.clock()}Z ${k.pick(['INFO', 'WARN', 'DEBUG'])} [${k.noun()}-${k.int(9)}] ${k.pick([`GET /${k.noun()}/${k.int(99)} -> 200 (${k.int(99)}ms)`, `cache miss key='${k.noun()}:${k.int(9)}'`, k.sentence(), `{"user":"${k.first()}","n":${k.int(9)}}`])}`,
      '\n',
    ),
  'stack trace': (k) =>
    `Error: can't open '${k.noun()}'\n    at Object.<anonymous> (/srv/app/src/${k.noun()}.js:${line(k)}:${k.int(9)})\n    at node:internal/main/run_main:${line(k)}:5`,
  'stack trace of Java': (k) =>
    `java.lang.IllegalStateException: ${k.noun()} isn't ${k.adjective()}\n\tat com.example.${k.noun()}.Main$1.run(Main.java:${line(k)})\n\tat java.base/java.lang.Thread.run(Thread.java:${line(k)})\nCaused by: java.io.IOException: Broken pipe\n\t... ${k.int(20)} more`,
  'stack trace of Python': (k) =>
    `Traceback (most recent call last):\n  File "/app/${k.noun()}.py", line ${line(k)}, in <module>\n    print(x['${k.noun()}'])\nKeyError: '${k.noun()}'`,
  'stack trace of .NET': (k) =>
    `System.NullReferenceException: Object reference not set to an instance of an object.\n   at Shop.${k.noun()}.<Get>d__${k.int(9)}.MoveNext() in C:\\src\\Shop\\${k.noun()}.cs:line ${line(k)}\n--- End of stack trace ---`,
  'stack trace of Go': (k) =>
    `panic: runtime error: index out of range [${k.int(9)}]\n\ngoroutine 1 [running]:\nmain.${k.noun()}(0x${k.hex(8)})\n\t/go/src/${k.noun()}/main.go:${line(k)} +0x${k.hex(2)}`,
  'stack trace of PHP': (k) =>
    `PHP Fatal error:  Uncaught Error: Call to a member function ${k.noun()}() on null in /var/www/html/${k.noun()}.php:${line(k)}\nStack trace:\n#0 /var/www/html/index.php(${line(k)}): ${k.noun()}->run()\n#1 {main}`,
  'stack trace of Ruby': (k) =>
    `NoMethodError (undefined method '${k.noun()}' for nil:NilClass):\napp/models/${k.noun()}.rb:${line(k)}:in \`block in ${k.word()}'\nlib/x.rb:${line(k)}`,
  'error message': (k) => error(k),
  'product catalogue': (k) =>
    k.some(
      2,
      12,
      () =>
        `${k.adjective()} ${k.noun()} ${k.int(60)}" x ${k.int(60)}" (${k.pick(['M', 'L', 'XL'])}) - ${k.int(99)}% cotton; #${k.int(9999)} @ ${k.int(99)}.99 & free ${k.noun()}`,
      '\n',
    ),
  'legal text': (k) =>
    `§ ${k.int(99)}(${k.int(9)})(a) The "Customer" and/or its Affiliates (each, a "Party") shall not ${k.verb()}, ${k.verb()} or ${k.verb()} the ${k.noun()} [except as set out in Art. ${k.int(99)} lit. b)]; provided, however, that where the ${k.noun()} is ${k.adjective()}, section ${k.int(9)}.${k.int(9)} applies. ${k.paragraph(2, 5)}`,
  'test data of typists': (k) =>
    k.pick([
      'asdf',
      'test test',
      'qwerty123!',
      "test'",
      'foo; bar',
      'a & b',
      '<none>',
      '-',
      '--',
      '???',
      '!!!',
      '(empty)',
      '[object Object]',
      'undefined',
      'NaN',
      '$$$',
      "''",
      '""',
      '{}',
      '[]',
      '%',
      '*',
      '...---...',
      'n/a',
      `${k.int(9)}' ${k.int(9)}"`,
    ]),
  password: (k) =>
    k.pick([
      `${k.noun()}!${k.int(99)}$${k.letters(4)}`,
      `${k.letters(6)}#${k.letters(3)}'${k.letters(2)}`,
      `correct ${k.noun()} battery ${k.noun()}`,
      `P@ss${k.letters(3)}&${k.int(9)}`,
      `${k.letters(4)}"${k.letters(2)};${k.letters(3)}`,
    ]),
};
