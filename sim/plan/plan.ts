import type { SaleChanges } from "../../domain/purchase/sale-changes.ts";
import type { LiveControls, QueueSettings } from "../../domain/queue/settings.ts";
import type { FaultKind } from "../kernel/faults.ts";
import type { STAFF_KINDS } from "./staff-steps.ts";

/** When simulated sales start: a fixed Sunday noon. */
export const START_MS = Date.UTC(2030, 5, 2, 12);
/** Everything goes wrong from a while before the start until this long after it. */
export const TROUBLE_MS = 60_000;
/** In a long sale one crowd comes so long after the other. */
export const ROUND_MS = 45_000;
/** Shoppers come in from this long before the start … */
export const EARLY_MAX_MS = 5_000;
/** … to this long after it. */
export const LATE_MAX_MS = 30_000;
/** In a burst all come within this long after the start. */
export const BURST_MAX_MS = 500;
/** Stock of an item that everybody gets something of. */
export const PLENTY_UNITS = 20;
/** What an admin brings as the public value of a draw. */
export const PUBLIC_VALUE = "cafe";

/** What a unit costs; whatever its product is priced later. */
export const PRICE = { amount: 49_900, currency: "EUR" };

/** What a shopper does beside joining, waiting and buying. */
export const HABITS = [
  "double_clicks",
  "two_devices",
  "replays",
  "forges",
  "steals",
  "changes_mind",
  "leaves",
  "abandons_line",
  "abandons_hold",
  "gives_up_soon",
  "cancels",
  "wants_more",
  "lingers",
  "pays_cash",
  "asks_early",
  "shuns_list",
  "leaves_list",
  "ignores_offer",
  "declines_offer",
  "wants_reminder",
] as const;

export type Habit = (typeof HABITS)[number];

export interface ShopperPlan {
  subject: string;
  /** Relative to the start of the sale. */
  arrivesAfterMs: number;
  sku: string;
  quantity: number;
  /** The payment token: what the provider will say. */
  token: "tok_ok" | "tok_decline" | "tok_declined_once" | "tok_action";
  habits: Habit[];
}

export type AdminAction =
  | { kind: "pause" | "resume" | "end" }
  | { kind: "restock"; sku: string; quantity: number }
  | { kind: "adjust"; changes: Partial<LiveControls> }
  | { kind: "revoke"; number: number }
  | { kind: "move"; changes: Pick<SaleChanges, "startsAtMs" | "endsAtMs"> }
  /** Brings the public value that the draw waits for, or another one. */
  | { kind: "randomness"; value: string }
  /** Of the orders that are known to be confirmed, one. */
  | { kind: "refund"; pick: number };

export interface AdminStep {
  atMs: number;
  action: AdminAction;
}

/** What somebody else of the staff does, while the admin leads the sale. */
export interface StaffStep {
  atMs: number;
  kind: (typeof STAFF_KINDS)[number];
  sku: string;
  /** Of what is named or priced anew, or put into stock. */
  value: number;
}

/** A new version that is rolled out while the sale runs: everything turns to it, one by one in any order. */
export interface DeployPlan {
  startsAtMs: number;
  /** Whatever turns does so within this time. */
  lastsMs: number;
  /** From when on what has turned turns back, and from when on all turn to the new version again. */
  rollback: { backAtMs: number; againAtMs: number } | null;
  /** When messages come that the version before has left in the queues. */
  leftoversAtMs: number[];
}

/** Keys that are put at a time, by their ids: the first seals. */
export interface KeyStep {
  atMs: number;
  ring: "tokens" | "log";
  kids: string[];
}

/** Everything that a seed decides beforehand. Shrinking takes parts of it away. */
export interface Plan {
  seed: number;
  /** How many crowds come, one after the other. */
  rounds: number;
  /** Edge isolates that shoppers come to. */
  edges: number;
  faults: FaultKind[];
  /** How often each of them happens; one that is missing, as `FAULT_SHARES` says. */
  faultShares: Partial<Record<FaultKind, number>>;
  items: { sku: string; stock: number }[];
  /** Intakes of every item; 0: shoppers call the item itself. */
  intakes: number;
  /** Whether the provider tells what it does by notices, too. */
  notices: boolean;
  /** Of the shoppers so many watch the board over a socket. */
  watchShare: number;
  /** How keys are changed while the sale runs. */
  keys: KeyStep[];
  perShopper: number;
  /** `null`: no limit. */
  perAddress: number | null;
  perCard: number | null;
  perPostalAddress: number | null;
  holdSeconds: number;
  startsAsDraft: boolean;
  queue: QueueSettings;
  shoppers: ShopperPlan[];
  admin: AdminStep[];
  staff: StaffStep[];
  /** `null`: all the sale runs on one version. */
  deploy: DeployPlan | null;
}

/** How long after the start everything goes wrong. */
export function troubleMsOf({ rounds }: Plan): number {
  return TROUBLE_MS + (rounds - 1) * ROUND_MS;
}
