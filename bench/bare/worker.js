import { shopperOf } from "./token.js";
export { Item } from "./item.js";
export { Lane, Line } from "./line.js";

// The least that each job needs, in the product's runtime and behind the same kind of socket.

const LANES = 8;
const headers = new Headers({ "Content-Type": "application/json" });
const told = (value, status) => new Response(JSON.stringify(value), { status, headers });

export default {
  async fetch(request, env) {
    const path = request.url.slice(request.url.indexOf("/", "https://".length));
    if (path === "/trivial") {
      if (request.method === "POST") await request.text();
      return new Response("ok");
    }
    if (path === "/status") return told({ state: "active", available: 1 }, 200);
    if (path.startsWith("/kept/")) return told(await kept(env, path.split("/")), 200);
    // What is wrong with a body is said before what is wrong with the shopper: the contract's order.
    const checked = shopperOf(env.KEY, request.headers.get("token") ?? "");
    const { quantity } = path === "/buy" ? JSON.parse(await request.text()) : {};
    const shopper = await checked;
    // The status says it all: a body of JSON would be more than the job needs.
    if (shopper === null) return new Response("pass_required", { status: 403 });
    if (path === "/poll") return told({ state: "waiting", ahead: 1000 }, 200);
    if (path === "/join") {
      const lane = shopper.charCodeAt(shopper.length - 1) % LANES;
      return told({ number: await env.LANE.getByName(`lane-${lane}`).join(shopper) }, 201);
    }
    if (await env.ITEM.getByName("item").buy(shopper, quantity))
      return told({ orderId: shopper }, 202);
    return told({ code: "sold_out" }, 409);
  },
};

/** What was written, for the check after a run: `/kept/ITEM/run-7-`. */
function kept(env, [, , kind, prefix]) {
  return env[kind].getByName(kind === "LINE" ? "line" : "item").kept(prefix);
}
