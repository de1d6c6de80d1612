import type { Practice, Severity } from '../model/finding.ts';

/** Titles of the OWASP API Security Top 10 of 2023. */
const OWASP: Readonly<Record<string, string>> = {
  'API1:2023': 'Broken Object Level Authorization',
  'API2:2023': 'Broken Authentication',
  'API3:2023': 'Broken Object Property Level Authorization',
  'API4:2023': 'Unrestricted Resource Consumption',
  'API5:2023': 'Broken Function Level Authorization',
  'API6:2023': 'Unrestricted Access to Sensitive Business Flows',
  'API7:2023': 'Server Side Request Forgery',
  'API8:2023': 'Security Misconfiguration',
  'API9:2023': 'Improper Inventory Management',
  'API10:2023': 'Unsafe Consumption of APIs',
};

export const OWASP_IDS: readonly string[] = Object.keys(OWASP);

export const owaspTitle = (id: string): string => (Object.hasOwn(OWASP, id) ? (OWASP[id] as string) : '');

/** The page that explains a weakness of the list: `API1:2023`, `CWE-639`. */
export function explained(id: string): string {
  const cwe = /^CWE-(\d{1,6})$/.exec(id);
  if (cwe) return `https://cwe.mitre.org/data/definitions/${cwe[1]}.html`;
  const slug = owaspTitle(id).toLowerCase().replaceAll(' ', '-');
  const number = /^API(\d{1,2}):/.exec(id)?.[1] ?? '';
  return slug === ''
    ? 'https://owasp.org/API-Security/editions/2023/en/0x11-t10/'
    : `https://owasp.org/API-Security/editions/2023/en/0xa${Number(number).toString(16)}-${slug}/`;
}

/** The eight practices as headings. */
export const PRACTICE_TITLES: Readonly<Record<Practice, string>> = {
  authenticate: 'Authenticate',
  authorize: 'Authorize',
  validate: 'Validate requests',
  encrypt: 'Encrypt',
  'necessary-only': 'Answer the necessary only',
  throttle: 'Throttle',
  log: 'Log',
  test: 'Test',
};

/** What code hosts sort by: a number from 0 to 10, in the bands of CVSS. */
export const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
  informational: '0.0',
};
