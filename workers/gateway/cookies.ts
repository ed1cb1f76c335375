import { generateCookie, getCookie } from "hono/cookie";
import { addCookie } from "./answer.ts";
import type { GatewayContext } from "./gateway.ts";
import { refused } from "./problems.ts";

/** `t` keeps the ticket of a sale, `p` its pass. */
type Kind = "t" | "p";

/** How far the browser's owner has seen the database. */
const BOOKMARK = "d1";
/** No replica is that far behind. */
const BOOKMARK_LIFE_SECONDS = 60 * 60;

/** Browsers drop cookies that want to live longer (RFC 6265bis). */
const LIFE_MAX_SECONDS = 400 * 24 * 60 * 60;

/** Hono puts `__Host-` before the name, and with it holds the attributes that browsers ask for. */
const ATTRIBUTES = {
  prefix: "host",
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "Lax",
} as const;

function nameOf(kind: Kind, saleId: string): string {
  return `${kind}-${saleId}`;
}

/** Keeps a ticket or pass in the browser for `lifeMs`. */
export function keepInCookie(
  c: GatewayContext,
  kind: Kind,
  saleId: string,
  token: string,
  lifeMs: number,
): void {
  const lifeSeconds = Math.max(0, Math.floor(lifeMs / 1000));
  const maxAge = Math.min(lifeSeconds, LIFE_MAX_SECONDS);
  addCookie(c, generateCookie(nameOf(kind, saleId), token, { ...ATTRIBUTES, maxAge }));
}

/** Removes ticket and pass of a sale from the browser. */
export function clearCookies(c: GatewayContext, saleId: string): void {
  for (const kind of ["t", "p"] as const) keepInCookie(c, kind, saleId, "", 0);
}

/**
 * A ticket or pass that a request brings: by header, else by cookie. A browser sends cookies
 * wherever the request comes from, so a write that leans on one has to come from our own pages.
 *
 * @throws Refused `forbidden` for a cookie-borne write of another origin.
 */
export function tokenFrom(
  c: GatewayContext,
  header: "Queue-Ticket" | "Queue-Pass",
  saleId: string,
): string | null {
  const sent = c.req.header(header);
  if (sent !== undefined) return sent;
  if (c.req.header("Cookie") === undefined) return null;
  const kept = getCookie(c, nameOf(header === "Queue-Ticket" ? "t" : "p", saleId), "host");
  if (kept === undefined) return null;
  const isWrite = c.req.method !== "GET" && c.req.method !== "HEAD";
  if (isWrite && c.req.header("Origin") !== new URL(c.req.url).origin)
    throw refused("forbidden", {
      detail: `A cookie alone does not allow this from another origin. Send the ${header} header.`,
    });
  return kept;
}

/** Keeps in the browser how far the database was read. */
export function keepBookmark(c: GatewayContext, bookmark: string): void {
  const maxAge = BOOKMARK_LIFE_SECONDS;
  addCookie(c, generateCookie(BOOKMARK, bookmark, { ...ATTRIBUTES, maxAge }));
}

/** The bookmark that a browser brings. It is no credential: whoever brings another sees no more. */
export function bookmarkInCookie(c: GatewayContext): string | null {
  if (c.req.header("Cookie") === undefined) return null;
  return getCookie(c, BOOKMARK, "host") ?? null;
}
