/** Bindings that only the local runtime has: in production there is no admin token at all. */
export interface LocalBindings {
  ADMIN_TOKEN?: string;
}

/** Everything that the gateway is bound to. */
export type Bindings = GatewayEnv & LocalBindings;

/** What caches and calls need of a request: its bindings, and a way to work on after the answer. */
export interface Caller {
  env: Bindings;
  waitUntil: (work: Promise<unknown>) => void;
}
