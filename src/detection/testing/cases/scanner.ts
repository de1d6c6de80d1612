import type { Place } from '../../classes/class.ts';
import { type Case, casesOf } from './case.ts';

const of = casesOf('scanner');
const at = (place: Partial<Place>, cases: readonly Case[]): Case[] => cases.map((each) => ({ ...each, place }));

export const SCANNER: readonly Case[] = [
  ...at(
    { source: 'header', name: 'user-agent' },
    of(
      'tools by their names',
      'sqlmap/1.9',
      'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None)',
      'Nuclei - Open-source project',
      'Mozilla/5.0 (compatible; Nmap Scripting Engine)',
      'gobuster/3.6',
      'Fuzz Faster U Fool v2',
      'DirBuster-1.0',
      'WPScan v3.8',
      'Mozilla/5.0 zgrab/0.x',
      'masscan/1.3',
      'Mozilla/4.0 (Hydra)',
      'w3af.org',
      'Arachni/v1.6',
      'Mozilla/5.0 (compatible) Acunetix',
    ),
  ),
  ...at({ source: 'header', name: 'acunetix-aspect' }, of('headers of tools', 'enabled')),
  ...at({ source: 'header', name: 'x-scan-memo' }, of('headers of tools', 'Category="Crawl"')),
  ...of('marks in values', 'md5(acunetix_wvs_security_test)', 'http://hitx1.bxss.me/'),
];
