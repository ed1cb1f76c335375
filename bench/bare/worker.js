export { Item } from "./item.js";
export { Lane, Line } from "./line.js";
export { NaiveItem } from "./naive.js";

// The least that each job needs, in the product's runtime and behind the same kind of socket.

const LANES = 8;
const figures = { state: "active", available: 1 };

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/trivial") return new Response("ok");
    if (pathname === "/status") return Response.json(figures);
    if (pathname.startsWith("/kept/")) return Response.json(await kept(env, pathname.split("/")));
    const shopper = await shopperOf(env.KEY, request.headers.get("token") ?? "");
    if (shopper === null) return Response.json({ code: "pass_required" }, { status: 403 });
    if (pathname === "/poll") return Response.json({ state: "waiting", ahead: 1000 });
    if (pathname === "/join") {
      const lane = shopper.charCodeAt(shopper.length - 1) % LANES;
      const number = await env.LANE.getByName(`lane-${lane}`).join(shopper);
      return Response.json({ number }, { status: 201 });
    }
    const { quantity } = await request.json();
    const items = pathname === "/naive" ? env.NAIVE : env.ITEM;
    const isSold = await items.getByName("item").buy(shopper, quantity);
    if (!isSold) return Response.json({ code: "sold_out" }, { status: 409 });
    return Response.json({ orderId: shopper }, { status: 202 });
  },
};

/** What was written, for the check after a run: `/kept/ITEM/run-7-`. */
function kept(env, [, , kind, prefix]) {
  return env[kind].getByName(kind === "LINE" ? "line" : "item").kept(prefix);
}

const bytesOf = (text) => new TextEncoder().encode(text);
const HMAC = { name: "HMAC", hash: "SHA-256" };
let key = null;

/** Whose token this is, `name.mac`; null for a forged one. WebCrypto: `node:crypto` makes a stream of each. */
async function shopperOf(secret, token) {
  key ??= await crypto.subtle.importKey("raw", bytesOf(secret), HMAC, false, ["verify"]);
  const [name, mac = ""] = token.split(".");
  const isOurs = crypto.subtle.verify("HMAC", key, Buffer.from(mac, "base64url"), bytesOf(name));
  return (await isOurs) ? name : null;
}
