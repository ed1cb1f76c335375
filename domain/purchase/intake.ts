import { at } from "../at.ts";
import { assert } from "../assert.ts";
import { hmacSha256 } from "../hash.ts";

/** Not a secret: the binding is keyed already; this only spreads it apart from the lanes. */
const INTAKE_KEY = new TextEncoder().encode("ropeline/intake");

/** A batch of purchases waits at least this long for company … */
const BATCH_MIN_DELAY_MS = 10;
/** … and longer with many intakes, so that their item hears about 500 batches a second at most. */
const BATCH_DELAY_PER_INTAKE_MS = 2;

/** How long a purchase waits at an intake for others that come to it. */
export function intakeDelayMs(intakes: number): number {
  return Math.max(BATCH_MIN_DELAY_MS, BATCH_DELAY_PER_INTAKE_MS * intakes);
}

/** The intake of a shopper: a hash of the binding, which is keyed, so that nobody can choose one. */
export function intakeOf(binding: string, intakes: number): number {
  const hash = hmacSha256(INTAKE_KEY, binding);
  return ((at(hash, 0) << 8) | at(hash, 1)) % intakes;
}

/** The object name of an intake. */
export function intakeName(sku: string, intake: number): string {
  return `${sku}/${intake}`;
}

/** The item that an object's name says it takes purchases for. */
export function skuOfIntake(name: string): string {
  const [, sku] = /^(.+)\/\d+$/.exec(name) ?? [];
  assert(sku !== undefined, `"${name}" names an intake`);
  return sku;
}
