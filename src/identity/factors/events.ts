import type { AuditEvent, Services } from '../../gateway/services.ts';
import type { FactorKind } from './records.ts';

/** What happens to factors, and how the record says it. */
const NOTES = {
  'factor-enrolled': 'a factor was enrolled',
  'factor-used': 'a factor was used',
  'factor-failed': 'a factor was not passed',
  'factor-removed': 'a factor was taken out',
  'passkey-cloned': 'the counter of a passkey went backwards, so there is a copy of it: it is out of use',
} as const;

export interface FactorEvent {
  readonly what: keyof typeof NOTES;
  readonly user: { readonly id: string; readonly name: string };
  readonly factor: FactorKind;
  /** Id of the factor, reason, address, ...: never a code, a secret or a challenge. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const eventOf = ({ what, user, factor, more }: FactorEvent): AuditEvent => ({
  event: `identity/${what}`,
  note: NOTES[what],
  evidence: { user: user.id, name: user.name, factor, ...more },
});

/** Records what happened to a factor. */
export function tell(services: Pick<Services, 'event' | 'count'>, happened: FactorEvent): void {
  services.event(eventOf(happened));
  if (happened.what === 'factor-failed')
    services.count('portcullis_factor_failures_total', { factor: happened.factor });
}
