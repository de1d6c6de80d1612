/** What prove tells the gate under proof, a process of its own. */
export type ToGate =
  | { readonly prove: 'start'; readonly file: string; readonly data: string }
  /** Rates, quotas and lockouts as configured from now on. */
  | { readonly prove: 'throttle' }
  | { readonly prove: 'stop' };

export type FromGate =
  | { readonly gate: 'ready'; readonly port: number; readonly secure: boolean; readonly notes: readonly string[] }
  | { readonly gate: 'throttled' }
  | { readonly gate: 'failed'; readonly message: string };
