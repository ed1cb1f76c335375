import { LIVE_TOKEN_MS } from "../../../domain/queue/live.ts";
import { liveShardName, liveShardOf } from "../../../domain/queue/live-tree.ts";
import { regionOf, type Whence } from "../../../domain/queue/region.ts";
import { encodeBase64url } from "../../../domain/base64url.ts";
import type { Refusal } from "../../../domain/problem.ts";
import { openLiveToken, sealLiveToken, shopperBinding } from "../../../domain/token.ts";
import { tokenFrom } from "../cookies.ts";
import { checkTicketBearer, keyringOf, requireIdentity, ticketFrom } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { idInPath, requireSale } from "../lookups.ts";
import { Refused, refused } from "../problems.ts";
import { EmptyBody } from "../schemas/common.ts";
import { LiveAddress, TICKET_HEADER } from "../schemas/queue.ts";

/** 96 bits: no two tokens of a sale meet within their 30 seconds. */
const NONCE_BYTES = 12;

/**
 * Gives the address of a socket. A browser cannot put a header on a WebSocket, so the right to it goes
 * into the address: good once and for 30 seconds, since addresses end up in logs.
 */
export const openLive = endpoint(
  {
    tag: "Queue",
    summary: "Get the address of a socket that brings the board on change",
    body: EmptyBody,
    statuses: [200],
    answer: LiveAddress,
    parameters: [{ ...TICKET_HEADER, required: false }],
    security: [{}, { accessToken: [] }],
    problems: ["ticket_invalid", "unauthorized", "forbidden", "not_found"],
  },
  async (c) => {
    const saleId = idInPath(c, "saleId");
    const binding = await bindingOf(c, saleId);
    const { runtime } = c.get("gateway");
    const token = sealLiveToken(keyringOf(c.env), {
      saleId,
      binding,
      nonce: encodeBase64url(runtime.randomBytes(NONCE_BYTES)),
      expiresAtMs: runtime.now() + LIVE_TOKEN_MS,
      region: regionOf(c.req.raw.cf as Whence | undefined),
    });
    const url = new URL(c.req.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.search = new URLSearchParams({ token }).toString();
    return { url: url.href };
  },
);

/** Opens the socket: judged here as far as a signature goes, once and for all by the object. */
export async function openSocket(c: GatewayContext): Promise<Response> {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") throw refused("not_found");
  const origin = c.req.header("Origin");
  if (origin !== undefined && origin !== new URL(c.req.url).origin)
    throw refused("forbidden", { detail: "Sockets are opened from the shop's own pages." });
  const token = openLiveToken(keyringOf(c.env), c.req.query("token") ?? "");
  const { runtime } = c.get("gateway");
  if (token?.saleId !== idInPath(c, "saleId") || runtime.now() >= token.expiresAtMs)
    throw refused("live_token_invalid");
  const { saleId, binding, nonce, expiresAtMs, region } = token;
  const query = new URLSearchParams({ binding, nonce, expiresAtMs: String(expiresAtMs) });
  // Not repeated when the object is lost under it: the token may have been used up.
  const name = liveShardName({ saleId, region, shard: liveShardOf(binding) });
  const board = c.env.LIVE_BOARD.getByName(name, { locationHint: region });
  const response = await board.fetch(`https://live-board/?${query.toString()}`, {
    headers: { Upgrade: "websocket" },
  });
  if (response.status !== 101) throw new Refused(await response.json<Refusal>());
  return new Response(null, { status: 101, webSocket: response.webSocket });
}

/** Whose socket it is to be: by ticket, else by access token. */
async function bindingOf(c: GatewayContext, saleId: string): Promise<string> {
  if (tokenFrom(c, "Queue-Ticket", saleId) === null) {
    const { subject } = requireIdentity(c);
    await requireSale(c);
    return shopperBinding(keyringOf(c.env), saleId, subject);
  }
  const ticket = ticketFrom(c, saleId);
  if (!ticket) {
    await requireSale(c);
    throw refused("ticket_invalid");
  }
  checkTicketBearer(c, ticket);
  return ticket.binding;
}
