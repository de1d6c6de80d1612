import type { Route } from './clinic.ts';
import { appointments } from './resources/appointments.ts';
import { documents } from './resources/documents.ts';
import { exports } from './resources/export.ts';
import { imports } from './resources/imports.ts';
import { insurance } from './resources/insurance.ts';
import { internals } from './resources/internals.ts';
import { invoices } from './resources/invoices.ts';
import { letters } from './resources/letters.ts';
import { notes } from './resources/notes.ts';
import { pages } from './resources/pages.ts';
import { patients } from './resources/patients.ts';
import { pickups } from './resources/pickups.ts';
import { prescriptions } from './resources/prescriptions.ts';
import { referrals } from './resources/referrals.ts';
import { session } from './resources/session.ts';
import { staff } from './resources/staff.ts';
import type { Weak } from './weaknesses.ts';

const ROUTES: readonly Route[] = [
  ...session,
  ...patients,
  ...appointments,
  ...pickups,
  ...prescriptions,
  ...invoices,
  ...insurance,
  ...staff,
  ...documents,
  ...imports,
  ...letters,
  ...referrals,
  ...notes,
  ...pages,
  ...exports,
  ...internals,
];

export interface Hit {
  readonly route: Route;
  /** Decoded path parameters. */
  readonly values: Readonly<Record<string, string>>;
}

/** Routes whose template fits the path; those with more fixed segments first. */
export function match(weak: Weak, path: string): Hit[] {
  const segments = path.slice(1).split('/');
  const hits: (Hit & { fixed: number })[] = [];
  for (const route of ROUTES) {
    if (route.only !== undefined && !weak(route.only)) continue;
    const template = route.path.slice(1).split('/');
    if (template.length !== segments.length) continue;
    const values: Record<string, string> = Object.create(null);
    let fixed = 0;
    const fits = template.every((part, index) => {
      const segment = decodeSegment(segments[index] ?? '');
      if (!part.startsWith('{')) {
        fixed += 1;
        return part === segment;
      }
      if (segment === undefined || segment === '') return false;
      values[part.slice(1, -1)] = segment;
      return true;
    });
    if (fits) hits.push({ route, values, fixed });
  }
  const most = Math.max(...hits.map((hit) => hit.fixed));
  return hits.filter((hit) => hit.fixed === most);
}

/** The methods of a path, for Allow (RFC 9110, 10.2.1): where there is GET, there is HEAD. */
export const methodsOf = (hits: readonly Hit[]): string =>
  [...new Set(hits.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])))].join(', ');

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
