import { sleep } from "k6";
import exec from "k6/execution";
import { Gauge, Trend } from "k6/metrics";
import { look, shop } from "./journey.js";
import { loadOf, SCENARIOS, secondsOf } from "./scenarios.js";
import { reorderWindowMs, SCALE, scaled, SECONDS_MAX, thresholds, URL } from "./settings.js";
import { judgeSale, openSale } from "./shop.js";

// k6 run -e SCENARIO=herd -e URL=… -e ADMIN_TOKEN=… [-e SCALE=0.01] [-e SECONDS_MAX=60] bench/k6/sale.js

const NAME = __ENV.SCENARIO || "warm-up";
const scenario = SCENARIOS[NAME];
if (!scenario)
  throw new Error(`there is no scenario ${NAME}; there are ${Object.keys(SCENARIOS).join(", ")}`);

/** When looks at the figures were slow or failed: the least is when the system broke … */
const brokenAtSeconds = new Trend("broken_at_s");
/** … and where the scenario lets go, the greatest is how long it took to be well again. */
const recoveredAfterSeconds = new Trend("recovered_after_s");
/** Of the sale when all was over, for the report. */
const units = { stock: new Gauge("stock"), held: new Gauge("held"), sold: new Gauge("sold") };
const LOOKS_PER_SECOND = 5;
const TIME_SCALE = Math.min(1, SECONDS_MAX / secondsOf(scenario));
const LOAD = loadOf(scenario, TIME_SCALE);
const DURATION_SECONDS = LOAD.stages.reduce(
  (sum, { duration }) => sum + Number.parseInt(duration, 10),
  0,
);

export const options = {
  scenarios: {
    shoppers: { ...LOAD, exec: "shoppers" },
    looks: {
      executor: "constant-arrival-rate",
      exec: "looks",
      rate: LOOKS_PER_SECOND,
      timeUnit: "1s",
      duration: `${DURATION_SECONDS}s`,
      preAllocatedVUs: 20,
      maxVUs: 200,
    },
  },
  thresholds: thresholds(scenario.isPeak),
  summaryTrendStats: ["min", "med", "p(95)", "p(99)", "max"],
  setupTimeout: "60s",
  teardownTimeout: "60s",
};

export function setup() {
  const most = 200_000;
  return openSale({
    stock: scaled(scenario.stock),
    capacity: scaled(most),
    perMinute: Math.max(60, scaled(most)),
    windowMs: reorderWindowMs(scenario.isPeak),
  });
}

export function shoppers(sale) {
  shop(sale);
  if (scenario.restSeconds) sleep((0.5 + Math.random()) * scenario.restSeconds);
}

export function looks(sale) {
  const isWell = look(sale);
  if (isWell) return;
  const atSeconds = (Date.now() - exec.scenario.startTime) / 1000;
  const letsGoAtSeconds = (scenario.letsGoAtSeconds ?? Infinity) * TIME_SCALE;
  if (atSeconds < letsGoAtSeconds) brokenAtSeconds.add(atSeconds);
  else recoveredAfterSeconds.add(atSeconds - letsGoAtSeconds);
}

export function teardown(sale) {
  const judged = judgeSale(sale);
  for (const [name, gauge] of Object.entries(units)) gauge.add(judged[name]);
  console.log(
    JSON.stringify({ scenario: NAME, scale: SCALE, timeScale: TIME_SCALE, url: URL, ...judged }),
  );
}

/** With `-e SUMMARY=file` all figures go to a file as well; `npm run scenarios` makes a report of them. */
export function handleSummary(data) {
  const figures = { ...data, scenario: NAME, scale: SCALE, timeScale: TIME_SCALE };
  const file = __ENV.SUMMARY;
  return {
    stdout: `${Object.entries(data.metrics).flatMap(linesOf).join("\n")}\n`,
    ...(file ? { [file]: JSON.stringify(figures, null, 2) } : {}),
  };
}

function linesOf([name, { thresholds: promises = {}, values }]) {
  const figures = Object.entries(values).map(
    ([what, value]) => `${what} ${Number(value.toFixed(2))}`,
  );
  const kept = Object.entries(promises).map(
    ([promise, { ok }]) => `${promise} ${ok ? "kept" : "BROKEN"}`,
  );
  return `${name}: ${[...figures, ...kept].join(", ")}`;
}
