import type { Operation, SchemaAt } from '../contract/model.ts';
import { inspectSchema } from '../contract/schema/compile.ts';
import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import { compileBody } from './body.ts';
import { explainFiles } from './files/explain.ts';
import { inspectFiles } from './files/inspect.ts';
import { inspectOperation } from './inspect.ts';
import type { ValidationOptions } from './options.ts';
import { compileParameters } from './parameters.ts';
import { readerFor } from './readers/index.ts';
import { requestSchema } from './schemas.ts';
import { settings, type ValidationSettings } from './settings.ts';

/** Judges parameters and bodies by the contract, with parsers that read in one way only. */
export const validation: Room<typeof settings> = {
  name: 'validation',
  settings,
  perOperation: [
    'enforce',
    'undeclaredParameters',
    'undeclaredProperties',
    'maxBody',
    'maxUpload',
    'maxDepth',
    'maxValues',
    'maxParts',
    'maxParameters',
    'contentCodings',
    'maxRatio',
    'files',
  ],
  extensions: {
    'x-portcullis-validation': 'enforce',
    'x-portcullis-undeclared-parameters': 'undeclaredParameters',
    'x-portcullis-undeclared-properties': 'undeclaredProperties',
    'x-portcullis-max-body': 'maxBody',
    'x-portcullis-max-upload': 'maxUpload',
    'x-portcullis-content-codings': 'contentCodings',
    'x-portcullis-files': 'files',
  },
  inspect(policy, operation) {
    const seen = new Set<object>();
    return [
      ...inspectOperation(operation, (at: SchemaAt) => inspectSchema(at, seen)),
      ...inspectFiles(policy.settings.files, operation),
    ];
  },
  explain,
  stages(policy, operation, services) {
    const options: ValidationOptions = {
      settings: policy.settings,
      compile: requestSchema,
      free: isWithoutContract(operation),
      count: services.count,
    };
    return {
      'validate-parameters': compileParameters(operation, options),
      'validate-body': compileBody(operation, options),
    };
  },
};

const WORDS = { refuse: 'refused', strip: 'removed', allow: 'let through' } as const;

function explain({ settings: s, origins }: Policy<ValidationSettings>, operation: Operation): PolicyLine[] {
  const origin = (key: keyof ValidationSettings): string => origins[key] ?? 'default';
  const free = isWithoutContract(operation);
  const lines: PolicyLine[] = [
    {
      part: 'validation',
      value:
        s.enforce === 'enforce' ? 'what breaks the contract is refused' : 'what breaks the contract is reported only',
      origin: origin('enforce'),
    },
    {
      part: 'undeclared query parameters',
      value: free ? 'let through (no contract)' : WORDS[s.undeclaredParameters],
      origin: free ? 'contract: none' : origin('undeclaredParameters'),
    },
  ];
  const { body } = operation;
  if (body === undefined) return [...lines, { part: 'body', value: 'none; refused', origin: 'contract' }];
  const upload = body.content.every(({ type }) => readerFor(type)?.large);
  lines.push(
    {
      part: 'body',
      value: `${body.required ? '' : 'optional, '}${body.content.map(({ type }) => type).join(', ')}`,
      origin: free ? 'contract: none' : 'contract',
    },
    upload
      ? { part: 'body size', value: `up to ${bytes(s.maxUpload)}`, origin: origin('maxUpload') }
      : {
          part: 'body size',
          value: `up to ${bytes(s.maxBody)}, uploads ${bytes(s.maxUpload)}`,
          origin: origin('maxBody'),
        },
    {
      part: 'undeclared properties',
      value: free ? 'let through (no contract)' : WORDS[s.undeclaredProperties],
      origin: free ? 'contract: none' : origin('undeclaredProperties'),
    },
    {
      part: 'content codings',
      value: s.contentCodings.length === 0 ? 'none' : `${s.contentCodings.join(', ')}, at most ${s.maxRatio}:1`,
      origin: origin('contentCodings'),
    },
  );
  lines.push(...explainFiles(s.files, origin('files'), operation));
  return lines;
}

function bytes(count: number): string {
  if (count >= 1024 * 1024 && count % (1024 * 1024) === 0) return `${count / (1024 * 1024)} MiB`;
  return count >= 1024 && count % 1024 === 0 ? `${count / 1024} KiB` : `${count} bytes`;
}
