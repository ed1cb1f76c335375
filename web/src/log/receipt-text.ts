/** What the checks of a receipt mean, in words. No page in here. */
import { formatNumber, formatStamp } from "../format.ts";
import { NoAnswer } from "../problem.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { readLeaf, type CheckName, type CheckResult } from "./check-receipt.ts";
import { CannotCheck, LogFault, type FaultCode } from "./fault.ts";
import type { HeldReceipt } from "./receipt-file.ts";

/** How a check came out; `open`: it could not be made. */
export type Verdict = "passed" | "failed" | "open";

/** The verdict of a check. */
export function verdictOf({ error }: Pick<CheckResult, "error">): Verdict {
  if (error === null) {
    return "passed";
  }
  return error instanceof LogFault ? "failed" : "open";
}

/** What each check is about. */
export const CHECK_TITLES: Readonly<Record<CheckName, string>> = {
  own: "The entry is yours",
  signed: "The shop has signed it",
  included: "It stands in the public log",
  newest: "The log of now is signed",
  consistent: "Nothing was changed since",
  history: "It is the log you were shown before",
};

/** What a fault means, and what can be done. */
const FAULTS: Readonly<Record<FaultCode, readonly [meaning: string, advice: string]>> = {
  unreadable_leaf: [
    "What is kept here does not tell of a join: it is damaged.",
    "Open the file that you saved, if you have one.",
  ],
  other_sale: ["The entry belongs to another sale.", "Open the receipt of this sale."],
  other_shopper: [
    "The entry is not your ticket’s: it belongs to somebody else.",
    "Save the receipt and ask the shop whose entry it gave you.",
  ],
  other_place: [
    "The entry tells another place than your ticket.",
    "Save the receipt and ask the shop which of the two holds.",
  ],
  unreadable_checkpoint: [
    "What should be signed cannot be read.",
    "Check again. If it stays so, the receipt is damaged: open the file that you saved.",
  ],
  other_log: [
    "What is signed is the log of something else.",
    "Save the receipt and ask the shop for this sale’s log.",
  ],
  unknown_key: [
    "It is signed by a key that the shop does not publish.",
    "Save the receipt: a shop that withdraws a key has to say why.",
  ],
  bad_signature: [
    "The signature does not belong to this text: somebody has changed it.",
    "If you opened a file, take the one that was saved first. Otherwise save the receipt and ask the shop.",
  ],
  not_included: [
    "The log that was signed does not have this entry at its place.",
    "Either the receipt was changed after it was given, or the log was. Save the receipt: it is signed.",
  ],
  forked: [
    "The shop has signed two logs that contradict each other. What was in the one is not in the other.",
    "Save the receipt: both signatures are in it, and anyone can check them.",
  ],
  shorter: [
    "The log has fewer entries than it had before.",
    "Check again in a minute. If it stays so, save the receipt: entries were taken out.",
  ],
  missing: [
    "A part of the log that has to be there is not served.",
    "Check again in a minute. If it stays so, ask the shop why it holds it back.",
  ],
  truncated: [
    "A part of the log is cut short.",
    "Check again in a minute. If it stays so, ask the shop for the whole log.",
  ],
};

/** What a check says, and what can be done where it failed. */
export interface CheckText {
  readonly said: string;
  readonly advice: string | null;
}

/** Puts a check into words. */
export function checkText(result: CheckResult, held: HeldReceipt): CheckText {
  const { name, error } = result;
  if (error === null) {
    return { said: passedText(name, held), advice: null };
  }
  if (error instanceof LogFault) {
    const [said, advice] = FAULTS[error.code];
    return { said, advice };
  }
  if (error instanceof CannotCheck) {
    return {
      said: error.message,
      advice: "Save the receipt and open its file in another browser.",
    };
  }
  const isSilent = error instanceof NoAnswer;
  return {
    said: isSilent ? "The shop did not answer." : "Something went wrong while this was checked.",
    advice: "Check again in a moment.",
  };
}

function passedText(name: CheckName, held: HeldReceipt): string {
  switch (name) {
    case "own":
      return `It carries the hash of your ticket. ${placeText(held)}`;
    case "signed":
      return "The signature is by the key that the shop publishes.";
    case "included":
      return `It is entry ${formatNumber(held.receipt.index + 1)} of the log that was signed for you.`;
    case "newest":
      return "By the same shop, for the same sale.";
    case "consistent":
      return "The log of now begins with all that it held when you joined, in the same order.";
    case "history":
      return historyText(held.heads);
  }
}

/** Where and when, as the entry has it. */
export function placeText({ receipt }: HeldReceipt): string {
  const { number, index, arrivedAtMs } = readLeaf(receipt.leaf) ?? {};
  const place =
    typeof number === "number"
      ? `Number ${formatNumber(number)}`
      : `Entry ${formatNumber(Number(index ?? 0))} before the draw`;
  return `${place}, received at ${formatStamp(Number(arrivedAtMs))}.`;
}

function historyText(heads: readonly string[]): string {
  const largest = heads.reduce((size, note) => Math.max(size, readCheckpoint(note).size), 0);
  if (largest === 0) {
    return "This is your first look. What it saw is kept here, and compared when you look again.";
  }
  const looks = heads.length === 1 ? "what you saw" : `all ${heads.length} that are kept here`;
  return `It agrees with ${looks}, the longest of ${formatNumber(largest)} entries.`;
}

/** What the page says as a whole. */
export function overallText(
  verdicts: readonly Verdict[],
): readonly [heading: string, text: string] {
  if (verdicts.includes("failed")) {
    return [
      "Something does not fit",
      "Not every check holds. Each of them says below what that means and what you can do. Save the receipt first: it is the evidence.",
    ];
  }
  if (verdicts.includes("open")) {
    return [
      "Not everything could be checked",
      "What was checked fits. Nothing speaks against your place.",
    ];
  }
  return [
    "Your place is on record",
    "This browser has computed it by itself: your entry stands in the sale’s public log, the shop has signed for it, and the log has only grown since.",
  ];
}
