import type { Check } from '../model/check.ts';
import { check as cacheDeception } from './answers/cache-deception.ts';
import { check as cacheableErrors } from './answers/cacheable-errors.ts';
import { check as cacheablePrivate } from './answers/cacheable-private.ts';
import { check as crossOrigin } from './answers/cross-origin.ts';
import { check as errorDetails } from './answers/error-details.ts';
import { check as hostHeader } from './answers/host-header.ts';
import { check as openRoutes } from './answers/open-routes.ts';
import { check as personalData } from './answers/personal-data.ts';
import { check as secretsInAnswers } from './answers/secrets-in-answers.ts';
import { check as securityHeaders } from './answers/security-headers.ts';
import { check as softwareVersions } from './answers/software-versions.ts';
import { check as undeclaredProperties } from './answers/undeclared-properties.ts';
import { check as badCredential } from './authentication/bad-credential.ts';
import { check as codeGuessing } from './authentication/code-guessing.ts';
import { check as credentialInUrl } from './authentication/credential-in-url.ts';
import { check as credentialStuffing } from './authentication/credential-stuffing.ts';
import { check as expiredToken } from './authentication/expired-token.ts';
import { check as identityHeaders } from './authentication/identity-headers.ts';
import { check as loginBypass } from './authentication/login-bypass.ts';
import { check as loginTiming } from './authentication/login-timing.ts';
import { check as noCredential } from './authentication/no-credential.ts';
import { check as passwordGuessing } from './authentication/password-guessing.ts';
import { check as passwordInAnswer } from './authentication/password-in-answer.ts';
import { check as predictableSession } from './authentication/predictable-session.ts';
import { check as refusalStatus } from './authentication/refusal-status.ts';
import { check as sessionAfterLogout } from './authentication/session-after-logout.ts';
import { check as sessionCookie } from './authentication/session-cookie.ts';
import { check as sessionFixation } from './authentication/session-fixation.ts';
import { check as tokenKeyConfusion } from './authentication/token-key-confusion.ts';
import { check as tokenKeySource } from './authentication/token-key-source.ts';
import { check as tokenSignature } from './authentication/token-signature.ts';
import { check as unsignedToken } from './authentication/unsigned-token.ts';
import { check as userEnumeration } from './authentication/user-enumeration.ts';
import { check as weakTokenSecret } from './authentication/weak-token-secret.ts';
import { check as accountOfAnother } from './authorization/account-of-another.ts';
import { check as createForAnother } from './authorization/create-for-another.ts';
import { check as exportOfOthers } from './authorization/export-of-others.ts';
import { check as functionOfAnotherRole } from './authorization/function-of-another-role.ts';
import { check as guessableIds } from './authorization/guessable-ids.ts';
import { check as listOfOthers } from './authorization/list-of-others.ts';
import { check as listPastRefusal } from './authorization/list-past-refusal.ts';
import { check as massAssignment } from './authorization/mass-assignment.ts';
import { check as objectChangedByAnother } from './authorization/object-changed-by-another.ts';
import { check as objectOfAnother } from './authorization/object-of-another.ts';
import { check as pathVariant } from './authorization/path-variant.ts';
import { check as privilegedRegistration } from './authorization/privileged-registration.ts';
import { check as undeclaredVersion } from './authorization/undeclared-version.ts';
import { check as costlyPattern } from './floods/costly-pattern.ts';
import { check as costlyQuery } from './floods/costly-query.ts';
import { check as deepBody } from './floods/deep-body.ts';
import { check as forwardedAddress } from './floods/forwarded-address.ts';
import { check as heldConnections } from './floods/held-connections.ts';
import { check as largeBody } from './floods/large-body.ts';
import { check as packedBody } from './floods/packed-body.ts';
import { check as pageSize } from './floods/page-size.ts';
import { check as race } from './floods/race.ts';
import { check as rateLimit } from './floods/rate-limit.ts';
import { check as unlimitedFlow } from './floods/unlimited-flow.ts';
import { check as ambiguousRequests } from './fuzzing/ambiguous-requests.ts';
import { check as brokenAnswers } from './fuzzing/broken-answers.ts';
import { check as fuzzedCalls } from './fuzzing/fuzzed-calls.ts';
import { check as garbageBytes } from './fuzzing/garbage-bytes.ts';
import { check as mixedUpAnswers } from './fuzzing/mixed-up-answers.ts';
import { check as commandInjection } from './injection/command-injection.ts';
import { check as formulaInjection } from './injection/formula-injection.ts';
import { check as headerInjection } from './injection/header-injection.ts';
import { check as ldapInjection } from './injection/ldap-injection.ts';
import { check as logForging } from './injection/log-forging.ts';
import { check as lookupBypass } from './injection/lookup-bypass.ts';
import { check as nosqlInjection } from './injection/nosql-injection.ts';
import { check as openRedirect } from './injection/open-redirect.ts';
import { check as pathTraversal } from './injection/path-traversal.ts';
import { check as prototypePollution } from './injection/prototype-pollution.ts';
import { check as reflectedScript } from './injection/reflected-script.ts';
import { check as serverSideRequest } from './injection/server-side-request.ts';
import { check as sqlInjection } from './injection/sql-injection.ts';
import { check as storedScript } from './injection/stored-script.ts';
import { check as templateInjection } from './injection/template-injection.ts';
import { check as trustsThirdParty } from './injection/trusts-third-party.ts';
import { check as xmlExpansion } from './injection/xml-expansion.ts';
import { check as xmlExternalEntity } from './injection/xml-external-entity.ts';
import { check as xpathInjection } from './injection/xpath-injection.ts';
import { check as headPastChecks } from './methods/head-past-checks.ts';
import { check as methodOverride } from './methods/method-override.ts';
import { check as openProxy } from './methods/open-proxy.ts';
import { check as traceMethod } from './methods/trace-method.ts';
import { check as undeclaredMethod } from './methods/undeclared-method.ts';
import { check as verboseOptions } from './methods/verbose-options.ts';
import { check as bodyTypeConfusion } from './tampering/body-type-confusion.ts';
import { check as doubleDecoding } from './tampering/double-decoding.ts';
import { check as duplicateKeys } from './tampering/duplicate-keys.ts';
import { check as forbiddenAccepted } from './tampering/forbidden-accepted.ts';
import { check as negativeAmount } from './tampering/negative-amount.ts';
import { check as repeatedParameter } from './tampering/repeated-parameter.ts';
import { check as serverError } from './tampering/server-error.ts';
import { check as wrongPlace } from './tampering/wrong-place.ts';
import { check as wrongRefusal } from './tampering/wrong-refusal.ts';
import { check as certificate } from './transport/certificate.ts';
import { check as mixedHosts } from './transport/mixed-hosts.ts';
import { check as plainHttp } from './transport/plain-http.ts';
import { check as replayedRequest } from './transport/replayed-request.ts';
import { check as strictTransport } from './transport/strict-transport.ts';
import { check as tlsVersions } from './transport/tls-versions.ts';
import { check as unboundMessages } from './transport/unbound-messages.ts';
import { check as uploadContent } from './uploads/upload-content.ts';
import { check as uploadFetches } from './uploads/upload-fetches.ts';
import { check as uploadName } from './uploads/upload-name.ts';
import { check as uploadSize } from './uploads/upload-size.ts';
import { check as uploadType } from './uploads/upload-type.ts';

/** Every check, in the order in which they run: what may get the scanner banned or locked out comes last. */
export const CHECKS: readonly Check[] = [
  errorDetails,
  softwareVersions,
  securityHeaders,
  cacheablePrivate,
  undeclaredProperties,
  secretsInAnswers,
  passwordInAnswer,
  sessionCookie,
  strictTransport,
  mixedHosts,
  brokenAnswers,
  cacheDeception,
  cacheableErrors,
  crossOrigin,
  hostHeader,
  openRoutes,
  personalData,
  noCredential,
  badCredential,
  refusalStatus,
  unsignedToken,
  tokenSignature,
  tokenKeyConfusion,
  tokenKeySource,
  weakTokenSecret,
  expiredToken,
  identityHeaders,
  credentialInUrl,
  headPastChecks,
  methodOverride,
  openProxy,
  traceMethod,
  undeclaredMethod,
  verboseOptions,
  functionOfAnotherRole,
  listPastRefusal,
  objectOfAnother,
  listOfOthers,
  createForAnother,
  objectChangedByAnother,
  exportOfOthers,
  pathVariant,
  undeclaredVersion,
  guessableIds,
  commandInjection,
  formulaInjection,
  headerInjection,
  ldapInjection,
  logForging,
  lookupBypass,
  nosqlInjection,
  openRedirect,
  pathTraversal,
  prototypePollution,
  reflectedScript,
  serverSideRequest,
  sqlInjection,
  storedScript,
  templateInjection,
  trustsThirdParty,
  xmlExpansion,
  xmlExternalEntity,
  xpathInjection,
  costlyPattern,
  bodyTypeConfusion,
  doubleDecoding,
  duplicateKeys,
  forbiddenAccepted,
  negativeAmount,
  repeatedParameter,
  serverError,
  wrongPlace,
  wrongRefusal,
  uploadContent,
  uploadFetches,
  uploadName,
  uploadSize,
  uploadType,
  fuzzedCalls,
  ambiguousRequests,
  mixedUpAnswers,
  certificate,
  plainHttp,
  replayedRequest,
  tlsVersions,
  unboundMessages,
  massAssignment,
  privilegedRegistration,
  accountOfAnother,
  predictableSession,
  sessionFixation,
  sessionAfterLogout,
  costlyQuery,
  deepBody,
  forwardedAddress,
  largeBody,
  packedBody,
  pageSize,
  race,
  unlimitedFlow,
  loginTiming,
  userEnumeration,
  loginBypass,
  codeGuessing,
  passwordGuessing,
  credentialStuffing,
  rateLimit,
  garbageBytes,
  heldConnections,
];
