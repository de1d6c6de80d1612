/**
 * Why a signed message cannot be read, signed or verified. The reason names fields, components and rules, never a value
 * or key material: it may be shown to whoever sent the message.
 */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}
