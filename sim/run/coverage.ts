import type { LedgerType } from "../../domain/purchase/ledger.ts";
import { HOLD_TRANSITIONS } from "../../domain/purchase/hold.ts";
import type { ClaimEnd } from "../../durable-objects/claim-store.ts";
import { FAULT_KINDS } from "../kernel/faults.ts";
import { STAFF_KINDS } from "../plan/staff-steps.ts";

/** A run of so many seeds has to exercise everything that is common … */
export const COMMON_FROM_SEEDS = 100;
/** … and one of so many also what happens in few sales of a hundred. */
export const RARE_FROM_SEEDS = 1000;

const LEDGER_TYPES: LedgerType[] = [
  "created",
  "restocked",
  "reserved",
  "offered",
  "refused",
  "list_joined",
  "list_left",
  ...(Object.keys(HOLD_TRANSITIONS) as (keyof typeof HOLD_TRANSITIONS)[]),
];

/** What takes more than one thing going wrong with the same payment. */
const RARE_LEDGER_TYPES: ReadonlySet<LedgerType> = new Set(["paid_back", "retried", "voiding"]);

const CLAIM_ENDS = {
  finished: true,
  left: true,
  expired: true,
  lapsed: true,
  revoked: true,
} as const satisfies Record<ClaimEnd, true>;

/** What staff rarely comes to the end of while everything fails. */
const RARE_STAFF: ReadonlySet<string> = new Set([
  "rebuild",
  "restore",
  "verify",
  "export",
  "events",
]);

const COMMON: readonly string[] = [
  ...ledgerNames((type) => !RARE_LEDGER_TYPES.has(type)),
  "claim.granted",
  ...Object.keys(CLAIM_ENDS).map((end) => `claim.${end}`),
  ...FAULT_KINDS,
  "sale.scheduled",
  "sale.prequeue",
  "sale.active",
  "sale.paused",
  "sale.sold_out",
  "sale.ended",
  "sale.moved",
  "sale.unmoved.order_state_conflict",
  "refused.limit_reached.shopper",
  "refused.limit_reached.address",
  "place.early",
  "shuffle.drawn",
  "shuffle.round",
  "shuffle.awaited",
  "shuffle.mixed",
  "value.taken",
  "value.sale_not_started",
  "value.order_state_conflict",
  "place.undrawn",
  "place.receipt",
  "pass.renewed",
  "bank.authorised",
  "notice.authorised",
  "notice.captured",
  "line.slowed",
  "list.waiting",
  "list.offered",
  "list.lapsed",
  "list.left",
  "list.passed_by",
  "board.stale",
  "board.kept",
  "keys.old",
  "keys.unlisted",
  "keys.log",
  "live.pushed",
  "live.lost",
  "live.pong",
  "live.rested",
  "live.called",
  "live.again",
  "live.changed",
  "live.late",
  "intake.reserved",
  "purchase.gathered",
  "join.gathered",
  "place.waiting",
  "place.admitted",
  "place.lapsed",
  "place.expired",
  "breaker.opened",
  "breaker.closed",
  "payment.buried",
  "deploy.turned",
  "deploy.back",
  "deploy.asks",
  "deploy.asked",
  "deploy.rows.lane",
  "deploy.rows.sequencer",
  "deploy.rows.sku",
  "deploy.left.LEDGER_QUEUE",
  "deploy.left.MESSAGE_QUEUE_LOW",
  ...STAFF_KINDS.filter((kind) => !RARE_STAFF.has(kind)).map((kind) => `staff.${kind}`),
  "planted.level_changed",
  "planted.message_missing",
  "planted.order_changed",
  "planted.order_missing",
  "planted.payment_changed",
  "planted.payment_missing",
];

const RARE: readonly string[] = [
  ...ledgerNames((type) => RARE_LEDGER_TYPES.has(type)),
  "bank.abandoned",
  "rebuild.overtaken",
  "bank.declined",
  "refund.by_hand",
  "notice.declined",
  "notice.refunded",
  "notice.voided",
  "notice.refused.altered",
  "notice.refused.another_currency",
  "notice.refused.another_sum",
  "notice.refused.forged",
  "notice.refused.too_old",
  "notice.refused.unknown_attempt",
  "notice.refused.unknown_order",
  "notice.refused.unsigned",
  "deploy.reminders",
  "deploy.left.MESSAGE_QUEUE_HIGH",
  "deploy.left.MESSAGE_QUEUE_NORMAL",
  "deploy.left.PAYMENT_QUEUE",
  ...[...RARE_STAFF].map((kind) => `staff.${kind}`),
  "sale.draft",
  "list.again",
  "place.left",
  "place.closed",
  "refused.sale_ended",
];

function ledgerNames(wanted: (type: LedgerType) => boolean): string[] {
  return LEDGER_TYPES.filter(wanted).map((type) => `ledger.${type}`);
}

/** Everything that a run of this many seeds has to exercise: names of `SeedResult.covered` and faults. */
export function requiredOf(seeds: number): readonly string[] {
  if (seeds < COMMON_FROM_SEEDS) return [];
  return seeds < RARE_FROM_SEEDS ? COMMON : [...COMMON, ...RARE];
}

/** What a run of this many seeds should have exercised and did not. */
export function missingOf(seeds: number, exercised: ReadonlySet<string>): string[] {
  return requiredOf(seeds).filter((name) => !exercised.has(name));
}
