import { countCertainInversions, peakOverlap, type TimedPlace } from "./arrival-order.ts";
import { type Breach, breachOf } from "./breach.ts";
import { isConfirmed } from "./checks-ledger.ts";
import { lastSeen, type PlaceTold, type ShopperRecord } from "./shopper-record.ts";

type Records = readonly ShopperRecord[];

/** First places that were numbered by arrival: a place drawn at the start says nothing about it. */
export function firstPlaces(records: Records): TimedPlace[] {
  return records.flatMap(({ places: [place] }) => {
    if (place === undefined || place.number === null || !place.numberedAtJoin) return [];
    const { number, firstSentAtMs, answeredAtMs } = place;
    return [{ number, firstSentAtMs, answeredAtMs }];
  });
}

/** Numbers are whole, positive, and nobody else's. */
export function numbersAreUnique(records: Records): Breach[] {
  const owners = new Map<number, number>();
  const failures: string[] = [];
  for (const { index, places } of records) {
    for (const { number } of places) {
      if (number === null) continue;
      if (!Number.isInteger(number) || number < 1) failures.push(`shopper ${index} has ${number}`);
      const owner = owners.get(number);
      if (owner !== undefined) failures.push(`${number} went to shoppers ${owner} and ${index}`);
      owners.set(number, index);
    }
  }
  return breachOf("duplicate", "every number is given once", failures);
}

/** A number that nobody was told means that someone was numbered twice, or was never answered. */
export function noNumberIsUntold(records: Records): Breach[] {
  const places = records.flatMap((record) => record.places);
  const told = new Set(places.flatMap(({ number }) => (number === null ? [] : [number])));
  const unanswered = records.filter((record) => record.places.length === 0).length;
  const unnumbered = places.filter((place) => place.number === null).length;
  let last = 0;
  for (const number of told) last = Math.max(last, number);
  const missing = last - told.size;
  if (missing <= unanswered + unnumbered) return [];
  const failure = `${missing} of the numbers up to ${last}`;
  return breachOf("duplicate", "every number given was told to someone", [failure], missing);
}

/** Who was answered before another one asked has the smaller number. */
export function arrivalOrderIsKept(records: Records): Breach[] {
  const inversions = countCertainInversions(firstPlaces(records));
  const failures = inversions === 0 ? [] : [`${inversions} pairs`];
  const promise = "who was answered before another one asked stands before them";
  return breachOf("order", promise, failures, inversions);
}

/** The same key gets the same answer, byte for byte, once there is a 202. */
export function sameKeySameAnswer(records: Records): Breach[] {
  const failures: string[] = [];
  for (const { index, repeats } of records) {
    for (const { call, first, again } of repeats) {
      const accepted = first.status === 202 || again.status === 202;
      // A refusal stores nothing, so a click beside the one that won the last unit may lose.
      const isLostClick = [first, again].some(
        ({ status, text }) => status === 409 && text.includes('"sold_out"'),
      );
      if (!accepted || (isLostClick && first.status !== again.status)) continue;
      if (first.status !== again.status || first.text !== again.text) {
        failures.push(`shopper ${index}, ${call}: ${first.status} then ${again.status}`);
      }
    }
  }
  return breachOf("duplicate", "the same key gets the same answer, byte for byte", failures);
}

/** Nobody holds or bought more than the limit, and no order was given to two. */
export function limitIsKept(records: Records, perShopper: number): Breach[] {
  const failures: string[] = [];
  const owners = new Map<string, number>();
  for (const record of records) {
    const quantities = new Map(record.holds.map((hold) => [hold.orderId, hold.quantity]));
    let units = 0;
    for (const [orderId, quantity] of quantities) {
      const owner = owners.get(orderId);
      if (owner !== undefined) {
        failures.push(`${orderId} went to shoppers ${owner} and ${record.index}`);
      }
      owners.set(orderId, record.index);
      const status = lastSeen(record, orderId)?.status ?? "RESERVED";
      const isOpen = status === "RESERVED" || status === "PAYMENT_PENDING";
      if (isOpen || isConfirmed(status)) units += quantity;
    }
    if (units > perShopper) failures.push(`shopper ${record.index} has ${units} units`);
  }
  return breachOf("duplicate", `nobody gets more than ${perShopper}`, failures);
}

/** No answer contradicts an earlier one: numbers stand, `ahead` and versions never get worse. */
export function nothingIsTakenBack(records: Records): Breach[] {
  const failures = records.flatMap(({ index, contradictions }) =>
    contradictions.map((sentence) => `shopper ${index}: ${sentence}`),
  );
  return breachOf("lost", "what a shopper was told is never taken back", failures);
}

/** Every visit got answers that the contract allows, to the end. */
export function everyCallIsAnswered(records: Records): Breach[] {
  const failures = records.flatMap(({ index, end, endDetail }) =>
    end === "failed" || end === "gave_up" ? [`shopper ${index}: ${endDetail}`] : [],
  );
  return breachOf("answers", "every call gets an answer that the contract knows", failures);
}

/** Shoppers who were certainly inside at one moment: they had a pass and had not bought yet. */
export function peakSeenInside(records: Records): number {
  const intervals = records.flatMap(({ places }) => places.flatMap(certainlyInside));
  return peakOverlap(intervals);
}

function certainlyInside(place: PlaceTold): { fromMs: number; untilMs: number }[] {
  const { passAtMs, purchaseSentAtMs, passExpiresAtMs } = place;
  if (passAtMs === null || purchaseSentAtMs === null) return [];
  const untilMs = Math.min(purchaseSentAtMs, passExpiresAtMs ?? purchaseSentAtMs);
  return untilMs > passAtMs ? [{ fromMs: passAtMs, untilMs }] : [];
}

/** Never more inside than the capacity, as the sequencer and as the shoppers saw it. */
export function capacityIsKept(
  records: Records,
  capacity: number,
  peakInside: number | undefined,
): Breach[] {
  const seen = peakSeenInside(records);
  const failures: string[] = [];
  if ((peakInside ?? 0) > capacity) failures.push(`the sequencer counted ${peakInside} inside`);
  if (seen > capacity) failures.push(`${seen} shoppers had a pass at one moment`);
  return breachOf("admission", `at most ${capacity} are inside at once`, failures);
}

/** Of those who got a place while it was open, who was not let in at the first look. */
export function shareWhoWaited(records: Records): number {
  const places = records.flatMap(({ places: [place] }) =>
    place === undefined || place.stateAtJoin === "closed" ? [] : [place],
  );
  const waited = places.filter(
    (place) => place.stateAtJoin !== "admitted" && (place.waitingAnswers > 0 || !place.passAtMs),
  );
  return places.length === 0 ? 0 : waited.length / places.length;
}

/** The least share who wait where the crowd is large: this many times the capacity. */
const WAITED_SHARE_MIN = 0.8;
const LARGE_CROWD_FACTOR = 5;

/** A flood that nobody waits in proves nothing about the line. */
export function lineForms(records: Records, capacity: number): Breach[] {
  const isLarge = records.length >= capacity * LARGE_CROWD_FACTOR;
  const share = shareWhoWaited(records);
  if (!isLarge || share >= WAITED_SHARE_MIN) return [];
  const failure = `${(share * 100).toFixed(1)} percent waited`;
  return breachOf("admission", "a line forms: at least 80 percent wait", [failure]);
}
