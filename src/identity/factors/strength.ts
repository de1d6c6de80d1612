import { ACR, acrOf, type Login } from '../server/factor.ts';
import { hasFactor, type UserFactors } from './records.ts';

const MFA = 1;
const PHISHING_RESISTANT = 2;

/**
 * Which steps a login still needs: a second factor from whoever has one enrolled, and a passkey where the application asks
 * for what cannot be phished and there is one. What cannot be reached is not asked for: the token will say how far it went.
 * @param passkeys how many can be used here
 */
export function missing(login: Login, factors: UserFactors, passkeys: number): 'nothing' | 'factor' | 'passkey' {
  const have = rankOf(acrOf(login.passed));
  const most = passkeys > 0 ? PHISHING_RESISTANT : hasFactor(factors) ? MFA : 0;
  const wanted = Math.min(...login.acrValues.map(rankOf).filter((rank) => rank !== -1), ACR.length);
  const needed = Math.min(most, Math.max(hasFactor(factors) ? MFA : 0, wanted === ACR.length ? 0 : wanted));
  if (have >= needed) return 'nothing';
  return needed === PHISHING_RESISTANT ? 'passkey' : 'factor';
}

const rankOf = (acr: string): number => (ACR as readonly string[]).indexOf(acr);
