import { LDAP_FEATURES, searchLdap } from '../ldap/search.ts';
import type { DetectionClass } from './class.ts';

/** Set into a filter or a distinguished name of LDAP, does the value end its part and go on as one? */
export const ldapInjection: DetectionClass = {
  name: 'ldap-injection',
  title: 'LDAP injection',
  features: LDAP_FEATURES,
  search: ({ text, features }, { name }, sensitivity) => searchLdap(text, features, name, sensitivity),
};
