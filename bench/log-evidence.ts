import { Unreadable } from "../verify/finding.ts";
import { download } from "../verify/source/download.ts";
import { keptSize, type Kept } from "../verify/evidence.ts";
import { readEntry } from "../verify/rules/entry.ts";
import { verifyLog } from "../verify/verify.ts";
import type { Receipt } from "./contract.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** What the verifier of public logs says of the sale's. */
export interface LogEvidence {
  entries: number;
  /** In base64. */
  head: string;
  joined: number;
  /** Numbers that its entries tell of; where places are drawn a join has none. */
  numbers: { joined: ReadonlySet<number>; granted: ReadonlySet<number> };
  /** Receipts of shoppers that were held against it. */
  receipts: number;
  findings: string[];
}

/** A receipt is verified in a fifth of a millisecond. */
const RECEIPTS_MAX = 1_000;

/** Downloads the sale's log as anybody may, and verifies it together with a sample of the crowd's receipts. */
export async function collectLog(
  address: string,
  records: readonly ShopperRecord[],
): Promise<LogEvidence> {
  const all = records.flatMap(({ index, places }) =>
    places.flatMap(({ receipt }) =>
      receipt === null || receipt === "not kept" ? [] : [keptOf(index, receipt)],
    ),
  );
  const every = Math.max(1, Math.ceil(all.length / RECEIPTS_MAX));
  const kept = all.filter((_, index) => index % every === 0);
  try {
    const sizeMin = Math.max(0, ...kept.map(keptSize));
    const copy = await download(address, sizeMin, () => {});
    const { checkpoint, findings, findingCount, rules } = verifyLog(copy, [], kept);
    const sentences = findings.map(({ check, entry, says }) => `${check}, entry ${entry}: ${says}`);
    const more = findingCount - findings.length;
    return {
      entries: checkpoint.size,
      head: checkpoint.head.toString("base64"),
      joined: rules.joins.count,
      numbers: numbersIn(copy.entries),
      receipts: kept.length,
      findings: more > 0 ? [...sentences, `${more} more`] : sentences,
    };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const numbers = numbersIn([]);
    return { entries: 0, head: "", joined: 0, numbers, receipts: 0, findings: [error.message] };
  }
}

/** The figures of it, for the report. */
export function logFigures({ findings: _told, numbers: _numbers, ...figures }: LogEvidence) {
  return figures;
}

function numbersIn(entries: readonly Uint8Array[]): LogEvidence["numbers"] {
  const numbers = { joined: new Set<number>(), granted: new Set<number>() };
  for (const entry of entries) {
    const read = readEntry(entry);
    if (!("entry" in read) || (read.entry.kind !== "joined" && read.entry.kind !== "granted"))
      continue;
    const { kind, number } = read.entry;
    if (number !== undefined) numbers[kind].add(number);
  }
  return numbers;
}

function keptOf(index: number, receipt: Receipt): Kept {
  return { name: `the receipt of shopper ${index}`, checkpoint: receipt.checkpoint, receipt };
}
