// What every scenario takes from the environment: k6 run -e URL=… -e ADMIN_TOKEN=… -e SCALE=0.01 …
export const URL = (__ENV.URL || "http://127.0.0.1:8787").replace(/\/$/, "");
export const ADMIN_TOKEN = __ENV.ADMIN_TOKEN || "";
/** Shoppers and rates are multiplied by it; times and thresholds stay. */
export const SCALE = Number(__ENV.SCALE || 1);
/** A scenario that would take longer is shortened to it. */
export const SECONDS_MAX = Number(__ENV.SECONDS_MAX || Infinity);

/** A number of shoppers, at least one. */
export function scaled(count) {
  return Math.max(1, Math.round(count * SCALE));
}

const CALLS = ["guest", "join", "poll", "status", "purchase", "checkout", "order"];

/** What is promised while the system is not at its peak, and at it. */
export const NORMAL_MS = 200;
const PEAK_MS = 500;
const NORMAL_WINDOW_MS = 100;
const P99_MS = 1000;
const RESERVE_MS = 120;
const CHECKOUT_MS = 450;
const STATUS_P99_MS = 100;
const ERRORS_MAX = 0.001;

/**
 * How long a sale holds a join for others that came before it, where it says so itself. While nobody storms a shop that promises 200 ms
 * sets less than the default, whose 250 alone would be beyond it.
 */
export function reorderWindowMs(isPeak) {
  return isPeak ? undefined : NORMAL_WINDOW_MS;
}

/** The promises of a scenario; `isPeak` where it is as many as there can be. */
export function thresholds(isPeak) {
  return {
    http_req_duration: [`p(95)<${isPeak ? PEAK_MS : NORMAL_MS}`, `p(99)<${P99_MS}`],
    "http_req_duration{call:purchase}": [`p(95)<${RESERVE_MS}`],
    "http_req_duration{call:checkout}": [`p(95)<${CHECKOUT_MS}`],
    "http_req_duration{call:status}": [`p(99)<${STATUS_P99_MS}`],
    call_failed: [`rate<${ERRORS_MAX}`],
    oversold: ["count==0"],
    // Shown by call, whatever they are.
    ...Object.fromEntries(CALLS.map((call) => [`http_req_failed{call:${call}}`, ["rate>=0"]])),
  };
}
