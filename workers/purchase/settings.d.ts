import type { TimeScaleSetting } from "../../domain/purchase/schedule.ts";

declare global {
  /** What no configuration sets: the local runtime binds it. */
  interface PurchaseEnv extends TimeScaleSetting {}
}
