import { BOOKS_MUTANTS } from "./books.ts";
import { BREAKER_MUTANTS } from "./breaker.ts";
import { DELIVERY_MUTANTS } from "./delivery.ts";
import { DEPLOY_MUTANTS } from "./deploy.ts";
import { INTAKE_MUTANTS } from "./intake.ts";
import { KEYS_MUTANTS } from "./keys.ts";
import { LINEAR_MUTANTS } from "./linear.ts";
import { LIVE_MUTANTS } from "./live.ts";
import { LOG_MUTANTS } from "./log.ts";
import { MESSAGES_MUTANTS } from "./messages.ts";
import type { Mutant } from "./mutant.ts";
import { PAYMENT_MUTANTS } from "./payment.ts";
import { PURCHASE_MUTANTS } from "./purchase.ts";
import { QUEUE_MUTANTS } from "./queue.ts";
import { SHUFFLE_MUTANTS } from "./shuffle.ts";
import { TOLD_MUTANTS } from "./told.ts";
import { STAFF_MUTANTS } from "./staff.ts";
import { WAITLIST_MUTANTS } from "./waitlist.ts";

/**
 * The product, broken on purpose: each entry takes one guard out of the real source, and the simulator
 * has to notice within the seeds named. A patch that no longer fits its file is to be brought up to date.
 */
export const MUTANTS: readonly Mutant[] = [
  ...PURCHASE_MUTANTS,
  ...INTAKE_MUTANTS,
  ...TOLD_MUTANTS,
  ...LINEAR_MUTANTS,
  ...PAYMENT_MUTANTS,
  ...WAITLIST_MUTANTS,
  ...BREAKER_MUTANTS,
  ...QUEUE_MUTANTS,
  ...SHUFFLE_MUTANTS,
  ...LOG_MUTANTS,
  ...LIVE_MUTANTS,
  ...KEYS_MUTANTS,
  ...DELIVERY_MUTANTS,
  ...DEPLOY_MUTANTS,
  ...STAFF_MUTANTS,
  ...BOOKS_MUTANTS,
  ...MESSAGES_MUTANTS,
];
