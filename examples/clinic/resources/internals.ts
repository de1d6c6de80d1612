// Careless on purpose: all of this is there only with `debug-routes`, and stands in no contract.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Route } from '../clinic.ts';

const only = 'debug-routes' as const;

/** What developers left: state, figures, the contract with what is behind it, and the file with the passwords. */
export const internals: readonly Route[] = [
  {
    method: 'GET',
    path: '/debug',
    open: true,
    only,
    handle: ({ database }) => ({
      status: 200,
      body: {
        debug: true,
        node: process.versions.node,
        sqlite: database.version(),
        uptimeSeconds: Math.round(process.uptime()),
        memory: process.memoryUsage().rss,
        environment: { CLINIC_ENV: 'production', DATABASE_PASSWORD: 'made-up-for-the-clinic-example' },
        tables: database.all("SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name),
      },
    }),
  },
  {
    method: 'GET',
    path: '/metrics',
    open: true,
    only,
    produces: 'text/plain',
    handle: ({ database }) => {
      const { count } = database.get('SELECT count(*) AS count FROM patients') ?? {};
      const lines = [
        '# HELP process_resident_memory_bytes Resident memory size in bytes.',
        '# TYPE process_resident_memory_bytes gauge',
        `process_resident_memory_bytes ${process.memoryUsage().rss}`,
        '# HELP clinic_patients Patients on file.',
        '# TYPE clinic_patients gauge',
        `clinic_patients ${count}`,
      ];
      return { status: 200, raw: `${lines.join('\n')}\n`, headers: { 'content-type': 'text/plain; version=0.0.4' } };
    },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    open: true,
    only,
    handle: () => ({
      status: 200,
      body: parse(readFileSync(join(import.meta.dirname, '..', 'openapi.yaml'), 'utf8')),
    }),
  },
  {
    method: 'GET',
    path: '/.env',
    open: true,
    only,
    produces: 'text/plain',
    handle: ({ disk }) => ({
      status: 200,
      raw: disk.readHome('clinic.env') ?? '',
      headers: { 'content-type': 'text/plain' },
    }),
  },
];
