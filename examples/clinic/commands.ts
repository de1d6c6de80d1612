/** A command to paste: against the API directly the attack works, through the gate it does not. */
export interface DemoCommand {
  /** One of the eight practices. */
  readonly practice: string;
  readonly title: string;
  /** For a POSIX shell with curl. */
  readonly attack: string;
  readonly expectDirect: string;
  readonly gate: string;
  readonly expectGate: string;
  /** What the output must match, for tests. */
  readonly shows: { readonly direct: RegExp; readonly gate: RegExp };
}

export interface DemoPlaces {
  /** `http://127.0.0.1:3000` */
  readonly direct: string;
  /** `https://localhost:8443` */
  readonly gate: string;
  /** CA file of the development certificate. */
  readonly ca: string;
  /** One key of the gate a role; the patient's with the claim `patientId: 2`. */
  readonly keys: Readonly<Record<string, string>>;
  /** How the command line is called; default `npx portcullis`. */
  readonly cli?: string;
}

const PATIENT = 2;
const OTHER = 4;
const UNION = "zz' UNION SELECT id,username,password_hash,role,5 FROM staff--";
/** The last one is right. */
const GUESSES = '123456 password qwerty letmein welcome1 lucia ferreira sunshine1';

/** Commands to paste, at least one a practice, for a careless clinic with its demo data and the gate before it. */
export function demoCommands({ direct, gate, ca, keys, cli = 'npx portcullis' }: DemoPlaces): DemoCommand[] {
  const status = "-w '\\n%{http_code}\\n'";
  const curl = `curl -sS ${status}`;
  const safe = `curl -sS ${status} --cacert ${quote(ca)}`;
  const key = (role: string): string => `-H ${quote(`X-API-Key: ${keys[role] ?? ''}`)}`;
  const forged = (role: string): string => `-H 'X-Portcullis-Principal: mallory' -H 'X-Portcullis-Roles: ${role}'`;
  const send = (body: string): string => `-H 'Content-Type: application/json' -d ${quote(body)}`;
  const login = (user: string, password: string): string =>
    `curl -sS ${direct}/login ${send(JSON.stringify({ username: user, password }))}`;
  const token = `TOKEN=$(${login('jonas.brandt', 'candle-orchard-7')} | sed 's/.*accessToken":"\\([^"]*\\).*/\\1/')`;
  const bearer = `-H "Authorization: Bearer $TOKEN"`;
  const guess = (tool: string, base: string): string =>
    `for p in ${GUESSES}; do ${tool} -o /dev/null ${base}/login -H 'Content-Type: application/json' ` +
    `-d "{\\"username\\":\\"lucia.ferreira\\",\\"password\\":\\"$p\\"}"; done`;
  const once = `-H 'Idempotency-Key: 6f1d7c52-90ab-4e3d-8b7e-2c5a4f0d9e18'`;
  const plainGate = gate.replace(/^https:/, 'http:');
  const booking = { staffId: 1, startsAt: '2026-12-03T09:00:00Z', minutes: 20, reason: 'Two readers, two patients' };
  const twice = `{"patientId":${PATIENT},"patientId":${OTHER},${JSON.stringify(booking).slice(1)}`;

  return [
    {
      practice: 'authentication',
      title: 'No credential at all',
      attack: `${curl} ${direct}/patients/${PATIENT}`,
      expectDirect: '200 and the whole record of a stranger',
      gate: `${safe} ${gate}/patients/${PATIENT}`,
      expectGate: '401 credentials-missing',
      shows: { direct: /Jonas Brandt.*\n200\n$/s, gate: /credentials-missing.*\n401\n$/s },
    },
    {
      practice: 'authentication',
      title: 'A forged identity header',
      attack: `${curl} ${direct}/staff ${forged('admin')}`,
      expectDirect: '200 and everybody with salary and password hash: the API takes the header for the gate’s',
      gate: `${safe} ${gate}/staff ${key('patient')} ${forged('admin')}`,
      expectGate: '403 not-permitted: the headers are dropped, the key is a patient’s',
      shows: { direct: /salaryCents.*\n200\n$/s, gate: /not-permitted.*\n403\n$/s },
    },
    {
      practice: 'authorization',
      title: "Someone else's record, by counting",
      attack: `${token}; ${curl} ${direct}/patients/${OTHER} ${bearer}`,
      expectDirect: `200: patient ${PATIENT} reads patient ${OTHER}`,
      gate: `${safe} ${gate}/patients/${OTHER} ${key('patient')}`,
      expectGate: '404, as if there were no such patient',
      shows: { direct: /Henrik Dahl.*\n200\n$/s, gate: /object-hidden.*\n404\n$/s },
    },
    {
      practice: 'authorization',
      title: 'A function for others: the export',
      attack: `${token}; ${curl} ${direct}/export/patients ${bearer}`,
      expectDirect: '200: a patient takes the whole practice home',
      gate: `${safe} ${gate}/export/patients ${key('patient')}`,
      expectGate: '403 not-permitted: the contract names admin',
      shows: { direct: /Yusuf Demir.*\n200\n$/s, gate: /not-permitted.*\n403\n$/s },
    },
    {
      practice: 'validation',
      title: 'A payment of minus 500',
      attack: `${curl} ${direct}/invoices/INV-2026-0003/payments ${forged('clerk')} ${send('{"amountCents":-50000,"method":"favour"}')}`,
      expectDirect: '200: the clinic now owes money',
      gate: `${safe} ${gate}/invoices/INV-2026-0003/payments ${key('clerk')} ${once} ${send('{"amountCents":-50000,"method":"favour"}')}`,
      expectGate: '400 invalid-request, with a pointer to each violation',
      shows: { direct: /"paidCents":-\d+.*\n200\n$/s, gate: /invalid-request.*amountCents.*\n400\n$/s },
    },
    {
      practice: 'validation',
      title: 'The same key twice: two readers, two meanings',
      attack: `${curl} ${direct}/appointments ${forged('clerk')} ${send(twice)}`,
      expectDirect: `201: who checks the first patientId sees ${PATIENT}, the API books for ${OTHER}`,
      gate: `${safe} ${gate}/appointments ${key('patient')} ${send(twice)}`,
      expectGate: '400: what can be read in two ways is refused',
      shows: { direct: new RegExp(`"patientId":${OTHER}\\b.*\\n201\\n$`, 's'), gate: /\n400\n$/ },
    },
    {
      practice: 'validation',
      title: 'Properties that nobody asked for',
      attack: `${curl} -X PATCH ${direct}/patients/12 ${forged('clerk')} ${send('{"phone":"+1 555 0199","role":"admin"}')}`,
      expectDirect: '200: patient 12 is an administrator now',
      gate: `${safe} -X PATCH ${gate}/patients/${PATIENT} ${key('patient')} ${send('{"phone":"+1 555 0199","role":"admin"}')}`,
      expectGate: '400 invalid-request: the contract knows no /role here',
      shows: { direct: /"role":"admin".*\n200\n$/s, gate: /invalid-request.*\n400\n$/s },
    },
    {
      practice: 'detection',
      title: 'SQL in the search',
      attack: `${curl} -G ${direct}/patients --data-urlencode ${quote(`search=${UNION}`)}`,
      expectDirect: '200: names and password hashes of the staff',
      gate: `${safe} -G ${gate}/patients ${key('nurse')} --data-urlencode ${quote(`search=${UNION}`)}`,
      expectGate: '403, harmful; the answer does not say which rule',
      shows: { direct: /\$argon2id\$.*\n200\n$/s, gate: /harmful.*\n403\n$/s },
    },
    {
      practice: 'detection',
      title: 'Climbing out of the documents',
      attack: `${curl} '${direct}/documents/download?name=../../../etc/passwd'`,
      expectDirect: '200 and the password file (of a made-up disk)',
      gate: `${safe} ${key('nurse')} '${gate}/documents/download?name=../../../etc/passwd'`,
      expectGate: '403, harmful',
      shows: { direct: /root:x:0:0.*\n200\n$/s, gate: /harmful.*\n403\n$/s },
    },
    {
      practice: 'encryption',
      title: 'Listening on the wire',
      attack: `${login('jonas.brandt', 'candle-orchard-7')} -o /dev/null --trace-ascii - | grep -A2 'Send data'`,
      expectDirect: 'what everyone between you and the API reads: the password',
      gate:
        `curl -sS -o /dev/null -w '%{http_code}\\n' ${plainGate}/health; ` +
        `curl -sS -o /dev/null --cacert ${quote(ca)} -v ${gate}/health 2>&1 | grep 'SSL connection'`,
      expectGate: 'no answer over plain HTTP; TLS 1.3 otherwise',
      shows: { direct: /candle-orchard-7/, gate: /^(?!200).*SSL connection using TLSv1\.3/s },
    },
    {
      practice: 'disclosure',
      title: 'Columns that should have stayed inside',
      attack: `${curl} ${direct}/patients/${PATIENT}`,
      expectDirect: '200 with password_hash, national_id and internal_notes',
      gate: `${safe} ${gate}/patients/${PATIENT} ${key('nurse')}`,
      expectGate: '200 with what the contract names for a nurse: no hash, no notes, the rest masked: ****8902',
      shows: {
        direct: /password_hash.*national_id.*\n200\n$/s,
        gate: /^(?!.*(?:password_hash|national_id|otes)).*\*{4}8902.*\n200\n$/s,
      },
    },
    {
      practice: 'throttling',
      title: 'Guessing a password',
      attack: guess(curl, direct),
      expectDirect: '401 seven times, then 200: nobody stops you',
      gate: guess(safe, gate),
      expectGate: '401 five times, then 429',
      shows: { direct: /^(?:\s*401){7}\s*200\s*$/, gate: /^(?:\s*401){5}(?:\s*429){3}\s*$/ },
    },
    {
      practice: 'audit',
      title: 'Who has seen patient 2?',
      attack: `${curl} -o /dev/null ${direct}/patients/${PATIENT}; ${curl} ${direct}/audit`,
      expectDirect: '200, and then 404: it was read, and nothing was written down',
      gate: `${cli} audit search --object patient:${PATIENT}`,
      expectGate: 'every exchange that touched the patient: who, when, from where, and which sensitive fields left',
      shows: { direct: /200.*\n404\n$/s, gate: /\/patients\/2/ },
    },
    {
      practice: 'testing',
      title: 'Methods that nobody wrote down',
      attack: `for m in PURGE MKCOL FOO; do curl -sS -o /dev/null -w "$m %{http_code}\\n" -X $m ${direct}/patients/${PATIENT}; done`,
      expectDirect: '200, three times',
      gate: `for m in PURGE MKCOL FOO; do curl -sS -o /dev/null -w "$m %{http_code}\\n" -X $m --cacert ${quote(ca)} ${gate}/patients/${PATIENT}; done; ${cli} check`,
      expectGate: '400, 405 or 501; and `check` lists what is in force for each operation',
      shows: {
        direct: /^PURGE 200\nMKCOL 200\nFOO 200\n$/,
        gate: /^PURGE (?:400|405|501)\nMKCOL (?:400|405|501)\nFOO (?:400|405|501)\n.*GET \/patients\/\{id\}/s,
      },
    },
  ];
}

/** Quotes for a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
