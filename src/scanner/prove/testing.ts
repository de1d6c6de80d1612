/** Helpers of the tests of proving. */

import type { Configuration } from '../../config/configuration.ts';
import { composeConfiguration } from '../../config/load.ts';
import { type Given, load } from '../../contract/fixture.ts';
import type { Contract } from '../../contract/model.ts';
import { knownExtensions } from '../../gateway/plan.ts';

/** A configuration from a value, as if it stood in a file. */
export const configured = (given: object): Configuration =>
  composeConfiguration(
    { contract: 'openapi.json', upstream: 'http://127.0.0.1:1', ...given },
    { file: 'portcullis.yaml', directory: '/', placeOf: () => undefined },
  );

/** A contract that may hold `x-portcullis-*`. */
export const contracted = (given: Given): Promise<Contract> => load(given, { extensions: knownExtensions });

const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 3 } };
const responses = { 200: { description: 'it' } };

/** A small API with roles, an owner, scopes, and something open. */
export const API = {
  openapi: '3.1.0',
  info: { title: 'Small', version: '1' },
  servers: [{ url: '/v1' }],
  security: [{ key: [] }],
  components: {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      token: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' },
      oauth: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://t.example/', scopes: { read: 'r' } } },
      },
    },
  },
  paths: {
    '/things/{id}': {
      get: {
        parameters: [id],
        responses,
        'x-portcullis-roles': ['owner', 'clerk'],
        'x-portcullis-owner': { path: 'id', equals: 'thing', unless: ['clerk'] },
      },
      delete: { parameters: [id], responses, 'x-portcullis-roles': ['clerk'] },
    },
    '/open': { get: { security: [], responses } },
    '/basic': { get: { security: [{ basic: [] }], responses, 'x-portcullis-roles': ['clerk'] } },
    '/scoped': { get: { security: [{ oauth: ['read'] }], responses } },
  },
};
