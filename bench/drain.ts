/** A line that empties through a bounded number of slots, each taken for a known time. */
export interface DrainSetting {
  /** How many may be inside at once. */
  capacity: number;
  /** How long everyone stays who is let in. */
  serviceMs: number;
}

/** How fast the line emptied. */
export interface Drain {
  /** Shoppers who were there when their turn came. */
  present: number;
  /** `present / capacity x service`: no slot is ever free. */
  idealMs: number;
  /** From the first join to the last pass. */
  tookMs: number;
  /** `tookMs / idealMs`: below 1 when the last round is not waited for, else above. */
  ratio: number;
}

/** One shopper of the line; `passAtMs` is null for those who never came for it. */
export interface DrainedPlace {
  joinedAtMs: number;
  passAtMs: number | null;
}

/** Compares the time a capacity-bound line took with the ideal; null when nobody was let in. */
export function drainOf(places: readonly DrainedPlace[], setting: DrainSetting): Drain | null {
  let present = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { joinedAtMs, passAtMs } of places) {
    firstMs = Math.min(firstMs, joinedAtMs);
    if (passAtMs === null) continue;
    present += 1;
    lastMs = Math.max(lastMs, passAtMs);
  }
  if (present === 0) return null;
  const idealMs = (present / setting.capacity) * setting.serviceMs;
  const tookMs = lastMs - firstMs;
  return { present, idealMs, tookMs, ratio: tookMs / idealMs };
}
