import type { TimeScaleSetting } from "../../domain/purchase/schedule.ts";
import type { MessageSettings } from "./messages/index.ts";
import type { ProviderSetting } from "./providers/index.ts";
import type { StripeSettings } from "./providers/stripe-settings.ts";

declare global {
  /** What no configuration of ours sets: the local runtime binds the first, a shop the others. */
  interface PurchaseEnv
    extends TimeScaleSetting, ProviderSetting, StripeSettings, MessageSettings {}
}
