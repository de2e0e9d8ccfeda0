/** What the processes of the benchmark tell each other. */
export interface BackendsReady {
  auth: string;
  security: string;
  user: string;
  /** Access tokens of as many users. */
  tokens: string[];
}

export interface GatewayReady {
  port: number;
}

/** The gateway as it is; without one of its parts; or yoga as its manual shows it over the same resolvers. */
export const variants = ['full', 'no_auth', 'no_limits', 'no_metrics', 'tracing', 'bare'] as const;
export type Variant = (typeof variants)[number];

export interface GatewayOrder extends Omit<BackendsReady, 'tokens'> {
  variant: Variant;
  natsUrl: string;
  redisUrl: string;
  traceUrl: string;
  /** Where the stock service is, for what reads the market. */
  stock?: string;
}
