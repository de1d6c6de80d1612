/** What stands below the options of `portcullis scan --help`. */
export const SCAN_HELP = `
Identities (--as NAME=KIND:VALUE):
  alice=Bearer:TOKEN         a token, sent as Authorization: Bearer
  bob=ApiKey:VALUE           a key, sent where the contract says
  carol=Basic:USER:PASSWORD
  dave=Login:USER:PASSWORD   by a login operation of the API; renewed when it dies
  eve=Cookie:NAME=VALUE
  app=OAuth:ID:SECRET        client credentials, with --token-url
Other users of this machine can read a command line. Write env:NAME for a value
in the environment, @FILE for one in a file (carol=Basic:carol:env:CAROL), or
keep identities in a scan.yaml, where \${NAME} is taken from the environment.

Examples:
  portcullis scan openapi.yaml --url http://localhost:3000
  portcullis scan openapi.yaml --url http://localhost:3000 \\
    --as alice=Bearer:env:ALICE --as bob=Bearer:env:BOB \\
    --role alice=patient --role bob=patient --html scan.html
  portcullis scan scan.yaml --fail-on high --sarif scan.sarif
  portcullis scan --discover --url http://localhost:3000 \\
    --har session.har --write-contract found.yaml
  portcullis scan --list

Only the host of --url is spoken to. Ctrl-C ends the scan with a report of what
was found so far; a second one ends at once.

Exit codes: 0 nothing open at or above --fail-on, 1 findings, 2 could not run.`;
