/** What stands below the options of `portcullis prove --help`. */
export const PROVE_HELP = `
Without --url a gate is started for the proof: the policy of the configuration in
front of its upstream, on a free port of this machine, with keys and an audit log
of its own. The configured store and log are not touched. With --url the gate that
runs by this configuration is proven: its keys and its log are used.

For each role of the policy an identity is made: an API key that ends after an
hour, and is revoked when the proof is over, whatever happened. Roles that own
objects get two. Say which objects they own where the contract's examples do not:
the first --claim of a role is for its first identity, the second for its second.

Examples:
  portcullis prove
  portcullis -c portcullis.yaml prove --claim patient:patientId=1 --claim patient:patientId=2
  portcullis prove --junit prove.xml --html prove.html --quiet
  portcullis prove --url https://localhost:8443 --only authorization

Exit codes: 0 everything at or above --fail-on held, 1 findings, 2 could not run.`;
