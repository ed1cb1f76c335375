import { sleep } from "k6";
import { NORMAL_MS } from "./settings.js";
import { call } from "./shop.js";

/** Nobody waits in line longer than this; who has not come in by then leaves. */
const PATIENCE_MS = 300_000;
const PAYMENT_LOOKS_MAX = 30;

/** A guest who joins, waits as told, buys and pays; everything that a shopper may be told is allowed. */
export function shop({ saleId, sku }, thinkSeconds = 1) {
  const guest = call("guest", "POST", "/auth/guest", { body: {}, expected: [201] });
  if (guest.status !== 201) return;
  const authorization = `Bearer ${guest.json("accessToken")}`;
  const pass = waitInLine(saleId, authorization);
  if (!pass) return;
  sleep(Math.random() * 2 * thinkSeconds);
  const headers = { authorization, "idempotency-key": key() };
  const bought = call("purchase", "POST", `/sales/${saleId}/purchase`, {
    headers: { ...headers, "queue-pass": pass },
    body: { sku, quantity: 1 },
    expected: [202, 409, 403],
  });
  if (bought.status === 202) pay(bought.json("orderId"), authorization);
}

/** One look at the public figures, as a page without a place makes it; whether it was answered in good time. */
export function look({ saleId }) {
  const { status, timings } = call("status", "GET", `/sales/${saleId}/status`, { expected: [200] });
  return status === 200 && timings.duration < NORMAL_MS;
}

function waitInLine(saleId, authorization) {
  const path = `/sales/${saleId}/queue`;
  const joined = call("join", "POST", path, {
    headers: { authorization },
    body: {},
    expected: [201, 200, 409],
  });
  if (joined.status >= 300) return null;
  let view = joined.json();
  const headers = { authorization, "queue-ticket": view.ticket };
  const untilMs = Date.now() + PATIENCE_MS;
  while (view.state === "waiting" && view.reason === null && Date.now() < untilMs) {
    sleep((view.pollAfterMs || 1000) / 1000);
    const polled = call("poll", "GET", path, { headers, expected: [200] });
    if (polled.status !== 200) return null;
    view = polled.json();
  }
  return view.pass || null;
}

function pay(orderId, authorization) {
  const paid = call("checkout", "POST", `/orders/${orderId}/checkout`, {
    headers: { authorization, "idempotency-key": key() },
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
    expected: [200, 202],
  });
  if (paid.status >= 300) return;
  for (let looks = 0; looks < PAYMENT_LOOKS_MAX; looks += 1) {
    sleep(1);
    const order = call("order", "GET", `/orders/${orderId}`, {
      headers: { authorization },
      expected: [200],
    });
    if (order.status === 200 && order.json("status") !== "PAYMENT_PENDING") return;
  }
}

function key() {
  return `k6-${__VU}-${__ITER}-${Math.random().toString(36).slice(2)}`;
}
