/** What the shop has written to a shopper, as the page shows it. */
import { formatMoment } from "./format.ts";

/** A time as messages have it: RFC 3339 in UTC, with a space in the middle. */
const TIME = /\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z/g;

/** A message's text with its times in the reader's own time zone. */
export function messageWords(text: string): string {
  return text.replaceAll(TIME, (time) => formatMoment(time.replace(" ", "T")));
}
