import type { Runtime } from "../../../durable-objects/runtime.ts";
import { ValueCache } from "../../caching/value-cache.ts";
import { BreakerLink } from "./breaker-link.ts";
import { providerName, type ProviderSetting } from "./index.ts";

/** An isolate asks the breaker this often at the most, after the answer to a checkout … */
const FRESH_MS = 1_000;
/** … and only the first checkout for so long waits for it. */
const REFRESH_MS = 5_000;

/** What it takes to reach the breaker of the provider in use. */
export type BreakerEnv = Pick<PurchaseEnv, "PROVIDER_BREAKER"> & ProviderSetting;

type Timers = Pick<Runtime, "setTimer" | "clearTimer">;

/** The way to the breaker of the provider in use. */
export function breakerOf(env: BreakerEnv, runtime: Timers): BreakerLink {
  return new BreakerLink(() => env.PROVIDER_BREAKER.getByName(providerName(env)), runtime);
}

/** What an isolate knows of the breaker: checkouts that follow each other make no call for it. */
export class BreakerCache {
  readonly #values: ValueCache<{ opensAtMs: number | null }>;

  constructor(runtime: Pick<Runtime, "now">) {
    const times = { freshMs: FRESH_MS, refreshMs: REFRESH_MS, keepMs: REFRESH_MS };
    this.#values = new ValueCache({ runtime, ...times, entriesMax: 1 });
  }

  /** When the provider may be asked again; `null` when it may be asked now. */
  async opensAtMs(
    env: BreakerEnv,
    runtime: Timers,
    waitUntil: (work: Promise<unknown>) => void,
  ): Promise<number | null> {
    const load = async () => ({ opensAtMs: await breakerOf(env, runtime).opensAtMs() });
    const known = await this.#values.get(providerName(env), { load, waitUntil });
    return known?.opensAtMs ?? null;
  }
}
