import type { Case } from './case.ts';
import { CODE_INJECTION } from './code-injection.ts';
import { COMMAND_INJECTION } from './command-injection.ts';
import { CROSS_SITE_SCRIPTING } from './cross-site-scripting.ts';
import { EXPRESSION_INJECTION } from './expression-injection.ts';
import { HEADER_INJECTION } from './header-injection.ts';
import { LDAP_INJECTION } from './ldap-injection.ts';
import { NOSQL_INJECTION } from './nosql-injection.ts';
import { PATH_TRAVERSAL } from './path-traversal.ts';
import { PROTOTYPE_POLLUTION } from './prototype-pollution.ts';
import { SCANNER } from './scanner.ts';
import { SERVER_SIDE_REQUEST_FORGERY } from './server-side-request-forgery.ts';
import { SHELLSHOCK } from './shellshock.ts';
import { SQL_INJECTION } from './sql-injection.ts';
import { TEMPLATE_INJECTION } from './template-injection.ts';
import { UNSAFE_DESERIALIZATION } from './unsafe-deserialization.ts';
import { XML_ATTACK } from './xml-attack.ts';
import { XPATH_INJECTION } from './xpath-injection.ts';

/** Attacks of the project's own, a file a class. */
export const CASES: readonly Case[] = [
  ...SQL_INJECTION,
  ...PATH_TRAVERSAL,
  ...HEADER_INJECTION,
  ...SCANNER,
  ...SERVER_SIDE_REQUEST_FORGERY,
  ...LDAP_INJECTION,
  ...NOSQL_INJECTION,
  ...XML_ATTACK,
  ...XPATH_INJECTION,
  ...EXPRESSION_INJECTION,
  ...PROTOTYPE_POLLUTION,
  ...TEMPLATE_INJECTION,
  ...UNSAFE_DESERIALIZATION,
  ...COMMAND_INJECTION,
  ...CODE_INJECTION,
  ...CROSS_SITE_SCRIPTING,
  ...SHELLSHOCK,
];
