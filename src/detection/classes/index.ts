import type { DetectionClass } from './class.ts';
import { codeInjection } from './code-injection.ts';
import { commandInjection } from './command-injection.ts';
import { crossSiteScripting } from './cross-site-scripting.ts';
import { expressionInjection } from './expression-injection.ts';
import { headerInjection } from './header-injection.ts';
import { ldapInjection } from './ldap-injection.ts';
import { nosqlInjection } from './nosql-injection.ts';
import { pathTraversal } from './path-traversal.ts';
import { prototypePollution } from './prototype-pollution.ts';
import { scanner } from './scanner.ts';
import { serverSideRequestForgery } from './server-side-request-forgery.ts';
import { shellshock } from './shellshock.ts';
import { sqlInjection } from './sql-injection.ts';
import { templateInjection } from './template-injection.ts';
import { unsafeDeserialization } from './unsafe-deserialization.ts';
import { xmlAttack } from './xml-attack.ts';
import { xpathInjection } from './xpath-injection.ts';

/** Every class of attack, the cheapest to rule out first; a new class is one file and one line. */
export const CLASSES: readonly DetectionClass[] = [
  scanner,
  pathTraversal,
  headerInjection,
  serverSideRequestForgery,
  prototypePollution,
  expressionInjection,
  templateInjection,
  unsafeDeserialization,
  ldapInjection,
  xmlAttack,
  shellshock,
  codeInjection,
  commandInjection,
  crossSiteScripting,
  sqlInjection,
  xpathInjection,
  nosqlInjection,
];

/** Their names, for settings. */
export const CLASS_NAMES = CLASSES.map((each) => each.name) as [string, ...string[]];
