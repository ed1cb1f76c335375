import { type Breach, breachOf } from "./breach.ts";
import type { BoundTold, FairnessTold, FirstTold } from "./contract-fairness.ts";
import { TARGETS } from "./fairness-report.ts";
import { renderTable, whole } from "./table.ts";

/** What the public log must not show of any sale; the log is the server's, so are the figures. */
export function checkTold({
  capacity,
  duplicates,
  numberToAdmission,
  rate,
}: FairnessTold): Breach[] {
  const { grants, numbers, places } = duplicates;
  const count = (many: number, what: string): string[] =>
    many === 0 ? [] : [`${whole(many)} ${what}`];
  const doubled = [
    ...count(numbers, "numbers"),
    ...count(grants, "grants"),
    ...count(places, "places"),
  ];
  const over = [
    ...count(capacity.overshoot, "beyond the capacity"),
    ...count(rate.overshoot, "beyond the rate"),
  ];
  const overtaken = count(numberToAdmission.overtaken, "pairs");
  return [
    ...breachOf("duplicate", "by the log nothing was given twice", doubled),
    ...breachOf("admission", "by the log nobody was let in past someone who asked", overtaken),
    ...breachOf("admission", "by the log no more were let in than was set", over),
  ];
}

/** The order of arrival was kept as well as it should be. */
export function orderIsKept({ arrivalToNumber: { tau } }: FairnessTold): Breach[] {
  const { kendallDistance } = TARGETS;
  const failures = tau <= kendallDistance ? [] : [`tau ${tau.toFixed(6)}`];
  return breachOf("order", `tau from arrival to number is at most ${kendallDistance}`, failures);
}

/** What the system says of the sale's fairness, as a table. */
export function renderTold(told: FairnessTold): string {
  const { arrivalToAdmission, arrivalToNumber, duplicates, estimates, units } = told;
  const { minuteBuckets, noShows, numberToAdmission, wait } = told;
  const { displacedMs, displacedPlaces } = arrivalToNumber;
  const rows = [
    ["log", `${whole(told.entries)} entries: ${whole(told.joined)} joined`],
    [
      "tau, arrival to number",
      `${renderTau(arrivalToNumber.tau)}; places p99 ${whole(displacedPlaces.p99)}, max ${whole(displacedPlaces.max)}; ms p99 ${whole(displacedMs.p99)}, max ${whole(displacedMs.max)}`,
    ],
    [
      "tau, number to admission",
      `${renderTau(numberToAdmission.tau)}; ${whole(numberToAdmission.overtaken)} overtaken while asking (must be 0)`,
    ],
    ["tau, arrival to admission", arrivalToAdmission && renderTau(arrivalToAdmission.tau)],
    ["first k among first k", arrivalToAdmission && renderFirst(arrivalToAdmission.first)],
    [
      "tau, by minute buckets",
      minuteBuckets &&
        `${renderTau(minuteBuckets.arrivalToAdmission.tau)}, simulated with ${whole(minuteBuckets.sampled)} of them`,
    ],
    ["first k, by minute buckets", minuteBuckets && renderFirst(minuteBuckets.first)],
    ["duplicates", renderDuplicates(duplicates)],
    ["inside at once", renderBound(told.capacity)],
    ["let in within 60 s", renderBound(told.rate)],
    ["no-shows", `${whole(noShows.lapsed)} of ${whole(noShows.decided)}`],
    ["wait", wait && `p50 ${seconds(wait.p50Ms)}, p99 ${seconds(wait.p99Ms)}`],
    [
      "estimates",
      estimates &&
        `${whole(estimates.held)} of ${whole(estimates.judged)} held, ${whole(estimates.widthSeconds)} s wide`,
    ],
    [
      "units a shopper",
      units && `${units.mean.toFixed(2)}, deviation ${units.deviation.toFixed(2)}`,
    ],
  ];
  const shown = rows.flatMap(([name, value]) => (name && value ? [[name, value]] : []));
  return renderTable(shown, [0, 1]).join("\n");
}

/** Tau to six places, where it matters. */
export function renderTau(tau: number): string {
  return tau === 0 ? "0" : tau.toFixed(6);
}

export function renderBound({ overshoot, peak, setting }: BoundTold): string {
  const of = setting === null ? "unbounded" : `of ${whole(setting)}`;
  return `${whole(peak)} ${of}${overshoot === 0 ? "" : `, ${whole(overshoot)} TOO MANY`}`;
}

function renderDuplicates({ grants, numbers, places }: FairnessTold["duplicates"]): string {
  return `${whole(numbers)} numbers, ${whole(grants)} grants, ${whole(places)} places (must be 0)`;
}

function renderFirst(first: readonly FirstTold[]): string {
  return first.map(({ k, share }) => `${whole(k)}: ${(share * 100).toFixed(0)} %`).join(", ");
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1000).toFixed(1)} s`;
}
