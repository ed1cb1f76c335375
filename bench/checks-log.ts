import { type Breach, breachOf } from "./breach.ts";
import type { Evidence } from "./evidence.ts";
import type { PlaceTold, ShopperRecord } from "./shopper-record.ts";

/** The line's public log verifies, and tells of everybody what they were told. */
export function checkLog({ log, records }: Evidence): Breach[] {
  if (log === null) return [];
  const places = records.flatMap(({ index, places }) => places.map((place) => ({ index, place })));
  const told = places.filter(({ place }) => place.ticket !== null);
  const failures = [
    ...log.findings,
    ...told.flatMap(({ index, place }) => receiptProblem(index, place)),
  ];
  const numbers = told.reduce((most, { place }) => Math.max(most, place.number ?? 0), 0);
  if (log.joined < numbers) failures.push(`number ${numbers} was told, and ${log.joined} joined`);
  for (const { index, place } of told) {
    const { number, numberedAtJoin, passAtMs } = place;
    if (number === null) continue;
    if (numberedAtJoin && !log.numbers.joined.has(number))
      failures.push(`shopper ${index} was told ${number}, which did not join`);
    if (passAtMs !== null && !log.numbers.granted.has(number))
      failures.push(`shopper ${index} has a pass for ${number}, which was not let in`);
  }
  return breachOf("log", "the line's log verifies", failures);
}

/** Whoever has a ticket has a receipt, and it tells the place that they were told. */
function receiptProblem(index: ShopperRecord["index"], { number, receipt }: PlaceTold): string[] {
  if (receipt === "not kept") return [];
  if (receipt === null) return [`shopper ${index} was told ${number}, and got no receipt`];
  const told = JSON.parse(receipt.leaf) as { number?: number };
  // Where places are drawn the receipt has an index.
  if (told.number === undefined || told.number === number) return [];
  return [`shopper ${index} was told ${number}, and the receipt says ${told.number}`];
}
