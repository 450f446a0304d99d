/** Permission to send one request. Returned exactly once, by one of the limiter's outcomes. */
export interface Slot {
  readonly sentAtMs: number;
  /** Estimated tokens of prompt and answer. */
  readonly tokens: number;
  /** Whether it is the single request that probes a silent endpoint. */
  readonly isProbe: boolean;
  /** How often the endpoint has refused the request for now. */
  readonly refusals: number;
}
