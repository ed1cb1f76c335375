/** The promises of the line, each with how it was kept, in words. No page in here. */
import { formatNumber, formatShare } from "../format.ts";
import type { Bound, Fairness } from "./contract.ts";

/** A promise; `open`: there is nothing yet to judge it by. */
export interface PromiseVerdict {
  readonly id: string;
  readonly verdict: "passed" | "failed" | "open";
  readonly title: string;
  readonly said: string;
}

/** So many standard deviations from an even lot are more than chance. */
const LOT_DEVIATIONS_MAX = 4;

/** Judges every promise. */
export function verdictsOf(report: Fairness): readonly PromiseVerdict[] {
  return [
    report.lot === null ? byArrival(report) : byLot(report.lot),
    byNumber(report),
    onePlace(report),
    within("capacity", "Never more inside than allowed", report.capacity, "at once"),
    within("rate", "Never faster than set", report.rate, "in any 60 seconds"),
  ];
}

function judged(
  id: string,
  title: string,
  isKept: boolean,
  said: string,
  isAny = true,
): PromiseVerdict {
  const verdict = isKept ? "passed" : "failed";
  return isAny
    ? { id, verdict, title, said }
    : { id, verdict: "open", title, said: "There is nothing yet to judge it by." };
}

function byArrival({ arrivalToNumber, numbered }: Fairness): PromiseVerdict {
  const { beyondWindow, reorderWindowMs, displacedMs, displacedPlaces } = arrivalToNumber;
  const window = `${formatNumber(reorderWindowMs)} ms`;
  const isKept = beyondWindow === 0;
  const most = `nobody by more than ${counted(displacedPlaces.max, "place")} or ${formatNumber(displacedMs.max)} ms`;
  const said = isKept
    ? `${pairsText(arrivalToNumber)}${arrivalToNumber.discordant === 0 ? "" : `, ${most}`}.`
    : `${counted(beyondWindow, "place")} ${beyondWindow === 1 ? "stands" : "stand"} further from where the arrival belongs than the ${window} within which arrivals are put in order.`;
  return judged("arrival", "Numbers follow the order of arrival", isKept, said, numbered > 0);
}

/** How many pairs stand the other way round, and Kendall's distance, by which others can compare. */
function pairsText({ pairs, discordant, tau }: Fairness["arrivalToNumber"]): string {
  const which = discordant === 0 ? "none stands" : `${formatNumber(discordant)} stand`;
  return `Of ${counted(pairs, "pair")} of shoppers ${which} the other way round (tau ${formatTau(tau)})`;
}

function byLot({ tau, deviation, draws, places }: NonNullable<Fairness["lot"]>): PromiseVerdict {
  const isKept = Math.abs(tau - 0.5) <= LOT_DEVIATIONS_MAX * deviation;
  const said = `${counted(places, "place")} in ${counted(draws, "draw")}: of two shoppers the earlier one got the better place in ${formatShare(1 - tau)} of pairs, where an even lot gives 50% ± ${formatShare(2 * deviation)}.`;
  return judged("lot", "Places were drawn by lot", isKept, said, places > 1);
}

function byNumber({ numberToAdmission, admitted }: Fairness): PromiseVerdict {
  const { overtaken } = numberToAdmission;
  const said =
    overtaken === 0
      ? "Nobody who was asking was overtaken by a higher number."
      : `${counted(overtaken, "time")} somebody was let in while a lower number was asking.`;
  return judged("admission", "Let in by number", overtaken === 0, said, admitted > 0);
}

function onePlace({ duplicates, joined }: Fairness): PromiseVerdict {
  const { numbers, grants, places } = duplicates;
  const isKept = numbers + grants + places === 0;
  const said = isKept
    ? "No number was given twice, nobody was let in twice, no shopper had two places at once."
    : `${counted(numbers, "number")} out of turn, ${counted(grants, "shopper")} let in twice, ${counted(places, "place")} beside another one of the same shopper.`;
  return judged("duplicates", "One place each", isKept, said, joined > 0);
}

function within(
  id: string,
  title: string,
  { peak, setting, overshoot }: Bound,
  span: string,
): PromiseVerdict {
  const allowed = setting === null ? "no bound was set" : `${formatNumber(setting)} were allowed`;
  const said = `At most ${formatNumber(peak)} ${span}, where ${allowed}.`;
  const beyond = overshoot === 0 ? "" : ` It was exceeded by ${formatNumber(overshoot)}.`;
  return judged(id, title, overshoot === 0, said + beyond, peak > 0);
}

/** What the verdicts come to. */
export function summaryOf(verdicts: readonly PromiseVerdict[], isFinal: boolean): string {
  const failed = verdicts.filter(({ verdict }) => verdict === "failed").length;
  if (failed > 0) {
    return `${counted(failed, "promise")} of the line ${isFinal ? "was" : "is"} not kept. Below it says which, and how far.`;
  }
  if (verdicts.every(({ verdict }) => verdict === "open")) {
    return "Nobody has joined yet. This page fills as the line does.";
  }
  return isFinal
    ? "Every promise of the line was kept."
    : "Every promise of the line is kept so far.";
}

/** A count with its noun: `1 place`, `1,204 places`. */
export function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

/** Kendall's distance with two digits that count: `0.49`, `0.00012`. */
export function formatTau(tau: number): string {
  return significant.format(tau);
}
