import { readFile } from "node:fs/promises";
import { keptCheckpoint, keptReceipt, keptSize, type Kept } from "./evidence.ts";
import { Unreadable } from "./finding.ts";
import { parseVerifierKey } from "./log/note.ts";
import { optionsIn, USAGE } from "./options.ts";
import { tellProgress } from "./progress.ts";
import { reportJson, reportOf } from "./report.ts";
import { fairnessAddress, isAddress } from "./source/address.ts";
import { download } from "./source/download.ts";
import { readCopy, saveCopy } from "./source/file.ts";
import { verifyLog } from "./verify.ts";

// `npm run verify-sale`: whether a sale's line was kept, from its public log alone.
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Unreadable ? error.message : error);
  process.exitCode = 2;
}

async function main(args: readonly string[]): Promise<number> {
  const options = optionsIn(args);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  const { source, save, isJson } = options;
  const keys = options.keys.map(parseVerifierKey);
  const kept = [
    ...(await keptIn(options.since, keptCheckpoint)),
    ...(await keptIn(options.receipts, keptReceipt)),
  ];
  const progress = tellProgress();
  const sizeMin = Math.max(0, ...kept.map(keptSize));
  const copy = isAddress(source)
    ? await download(fairnessAddress(source), sizeMin, progress)
    : await readCopy(source);
  if (save !== null) await saveCopy(save, copy);
  const verdict = verifyLog(copy, keys, kept, progress);
  console.log((isJson ? reportJson : reportOf)(verdict, source));
  return verdict.findingCount === 0 ? 0 : 1;
}

async function keptIn(
  files: readonly string[],
  read: (name: string, text: string) => Kept,
): Promise<Kept[]> {
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, "utf8").catch((error: unknown) => {
        throw new Unreadable(`${file} cannot be read: ${String(error)}`);
      });
      return read(file, text);
    }),
  );
}
