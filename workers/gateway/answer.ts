import type { GatewayContext } from "./gateway.ts";

/**
 * What an answer says beside its body. Steps and handlers write it down here, and the response is made once, at the end: headers that
 * are set one by one on a response cost more than the rest of a poll.
 */
export interface Heading {
  requestId: string;
  status: number;
  /** Beside what every answer says, or in its place. */
  headers: Record<string, string> | null;
  cookies: string[] | null;
}

/** No answer is ever a page: they run nothing and are framed by nobody. As `hono/secure-headers` has them. */
export const SECURITY_HEADERS = {
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=15552000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
} as const;

/** What every answer of a media type says, with the id of the last one; a response takes a copy. */
const usualByType = new Map<string | null, Headers>();

/** The heading that a request begins with: nobody may keep the answer unless a route says so. */
export function newHeading(requestId: string): Heading {
  return { requestId, status: 200, headers: null, cookies: null };
}

export function setStatus(c: GatewayContext, status: number): void {
  c.get("heading").status = status;
}

export function setHeader(c: GatewayContext, name: string, value: string): void {
  tell(c.get("heading"), name, value);
}

/** The same where there is no context. */
export function tell(heading: Heading, name: string, value: string): void {
  heading.headers ??= {};
  heading.headers[name] = value;
}

/** Adds a cookie, as `Set-Cookie` has it. */
export function addCookie(c: GatewayContext, cookie: string): void {
  const heading = c.get("heading");
  heading.cookies ??= [];
  heading.cookies.push(cookie);
}

/** What a response may be made of. */
type Body = string | Uint8Array<ArrayBuffer> | null;

/** Makes the response of a request. `mediaType` is null where there is no body. */
export function answer(c: GatewayContext, body: Body, mediaType: string | null): Response {
  return respond(c.get("heading"), body, mediaType);
}

/** The same where there is no context. */
export function respond(heading: Heading, body: Body, mediaType: string | null): Response {
  const { cookies, headers: told, requestId, status } = heading;
  const usual = usualHeaders(mediaType);
  usual.set("X-Request-Id", requestId);
  const response = new Response(body, { status, headers: usual });
  for (const name in told) response.headers.set(name, told[name] ?? "");
  for (const cookie of cookies ?? []) response.headers.append("Set-Cookie", cookie);
  return response;
}

/** The same for a value, as JSON. */
export function answerJson(c: GatewayContext, value: unknown): Response {
  return answer(c, JSON.stringify(value), "application/json");
}

function usualHeaders(mediaType: string | null): Headers {
  let headers = usualByType.get(mediaType);
  if (!headers) {
    headers = new Headers({ ...SECURITY_HEADERS, "Cache-Control": "no-store" });
    if (mediaType !== null) headers.set("Content-Type", mediaType);
    usualByType.set(mediaType, headers);
  }
  return headers;
}
