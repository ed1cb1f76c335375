/*
 * Times that the product signs into its tokens, read without the key: a driver that judges the
 * order of arrival has to know the gateway's own stamp. Shoppers take tokens as they are.
 */

/** No count in a token is this great; every time since 2001, in milliseconds, is. */
const EARLIEST_TIME_MS = 1e12;

/** When the join behind this ticket reached the gateway; null when the token does not say. */
export function arrivalOfTicket(ticket: string): number | null {
  return firstTimeIn(ticket);
}

/** When the line granted this pass; null when the token does not say. */
export function grantOfPass(pass: string): number | null {
  return firstTimeIn(pass);
}

/** `v1.<kid>.<base64url JSON array>.<mac>`: the first field of the array that is a time. */
function firstTimeIn(token: string): number | null {
  const payload = token.split(".")[2];
  if (payload === undefined) return null;
  try {
    const fields: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const values: unknown[] = Array.isArray(fields) ? fields : [];
    const times = values.filter((value) => typeof value === "number");
    return times.find((value) => value >= EARLIEST_TIME_MS) ?? null;
  } catch {
    return null;
  }
}
