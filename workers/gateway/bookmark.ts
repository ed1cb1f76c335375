import type { Page } from "../purchase/page.ts";
import { setHeader } from "./answer.ts";
import { bookmarkInCookie, keepBookmark } from "./cookies.ts";
import type { ParameterDocument } from "./endpoint.ts";
import type { GatewayContext } from "./gateway.ts";
import { callObject } from "./object-calls.ts";

/** Carries how far the database was read, both ways. */
export const BOOKMARK_HEADER = "D1-Bookmark";

/** What the API document says of it in requests. */
export const BOOKMARK_PARAMETER: ParameterDocument = {
  name: BOOKMARK_HEADER,
  in: "header",
  required: false,
  description:
    "As an earlier answer gave it: this one is no older. Browsers bring it by a cookie of their own.",
  schema: { type: "string" },
};

/**
 * Reads a page of a list that may come from a replica of the database. The request's bookmark goes along, by header,
 * else by cookie, and the answer carries the new one.
 */
export async function readPage<Row>(
  c: GatewayContext,
  read: (bookmark: string | null) => PromiseLike<Page<Row>>,
): Promise<Page<Row>> {
  const brought = c.req.header(BOOKMARK_HEADER) ?? bookmarkInCookie(c);
  const page = await callObject(() => read(brought));
  giveBookmark(c, page.bookmark);
  return page;
}

/** Gives a bookmark to the client, where there is one. */
export function giveBookmark(c: GatewayContext, bookmark: string | null | undefined): void {
  if (bookmark === null || bookmark === undefined) return;
  setHeader(c, BOOKMARK_HEADER, bookmark);
  keepBookmark(c, bookmark);
}
