import type { Contract } from '../contract/model.ts';

/** Whether any operation of the contract asks for a credential. */
export const namesSecurity = (contract: Contract): boolean =>
  contract.operations.some((operation) =>
    (operation.security ?? []).some((alternative) => alternative.schemes.length > 0),
  );

/** What `protect` sets beyond the defaults: one role for everything, and keys where the contract names no security. */
export const protectionFor = (contract: Contract): Record<string, unknown> => ({
  ...(namesSecurity(contract) ? {} : { authentication: 'key' }),
  authorization: { roles: { everything: ['**'] } },
});

/** A short commented configuration for a contract. */
export function suggestConfiguration(contract: Contract, upstream: string): string {
  const tags = [...new Set(contract.operations.flatMap((operation) => operation.tags))].slice(0, 6);
  const silent = contract.operations.filter((operation) => operation.security === undefined);
  const quoted = (text: string): string => JSON.stringify(text);
  const lines = [
    '# yaml-language-server: $schema=portcullis.schema.json',
    '# What is not written here holds by default. `portcullis check` shows what is in force, and from where.',
    '',
    `contract: ${quoted(contract.source)}`,
    `upstream: ${quoted(upstream)}`,
    '',
    'listen:',
    '  port: 8443            # https; a development certificate is made at the first start',
    '',
  ];
  if (namesSecurity(contract)) {
    lines.push(
      '# As the contract says. Bearer tokens of your own issuer:',
      '# authentication:',
      '#   issuers:',
      '#     - issuer: https://login.example',
      '#       jwks: https://login.example/.well-known/jwks.json',
      '#       audience: my-api',
    );
    if (silent.length > 0) {
      lines.push(
        `# The contract says nothing about security for ${silent.length} operations: they are refused until you say \`public\` or \`key\` below.`,
      );
    }
  } else {
    lines.push(
      '# The contract names no security at all, so every operation asks for a key of the gate.',
      'authentication: key',
    );
  }
  lines.push(
    '',
    'authorization:',
    '  roles:                # who may call what; whatever is not granted is refused',
    '    everything: ["**"]  # replace by roles of your own; x-portcullis-roles in the contract goes before',
    ...tags.map(
      (tag) =>
        `    # ${/^[A-Za-z][A-Za-z0-9_-]*$/.test(tag) ? tag.toLowerCase() : quoted(tag)}: [${quoted(`tag:${tag}`)}]`,
    ),
    '',
    '# Settings for some operations: by operationId, "tag:NAME", "GET /path" or a pattern; later entries win.',
    '# operations:',
    ...contract.operations.slice(0, 1).map((operation) => `#   ${quoted(operation.key)}: {authentication: public}`),
    '',
  );
  return lines.join('\n');
}
