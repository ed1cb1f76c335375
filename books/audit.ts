import { createReadStream, createWriteStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseOrExplain, runMain, UsageError } from "../bench/options.ts";
import type { Finding } from "../domain/books/finding.ts";
import { withShop } from "./command.ts";
import { exportLines, headsIn, verifyLines, verifyShop, type Verification } from "./verify.ts";

/** Findings that are printed one by one: more say no more. */
const PRINTED_MAX = 100;

const USAGE = `npm run audit -- verify <url or file>    verifies a running shop, or an export of one offline
npm run audit -- export <url> <file>     writes all chains of a shop into a file
  --since         an earlier export: what was there then has to be there still
  --admin-token   of the shop; else ADMIN_TOKEN, or that of the shop that runs here`;

// `npm run audit`: whether the history of a shop is as it was written. Exit code 1 when it is not.
await runMain(async (args) => {
  const { values, positionals } = parseOrExplain({
    args: [...args],
    options: {
      since: { type: "string" },
      "admin-token": { type: "string" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const [command, source, file] = positionals;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (command === "verify" && source !== undefined && file === undefined) {
    const known = values.since === undefined ? [] : await headsIn(await linesIn(values.since));
    const verification = isUrl(source)
      ? await withShop(source, values["admin-token"], (shop) => verifyShop(shop, known))
      : await verifyLines(await linesIn(source), known);
    return print(verification);
  }
  if (command === "export" && source !== undefined && file !== undefined && isUrl(source)) {
    await withShop(source, values["admin-token"], (shop) =>
      pipeline(Readable.from(withBreaks(exportLines(shop))), createWriteStream(file)),
    );
    return 0;
  }
  throw new UsageError(`What to do is not clear.\n${USAGE}\n`);
});

async function linesIn(file: string): Promise<AsyncIterable<string>> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new UsageError(`An export cannot be read: ${String(error)}`);
  });
  return createInterface({ input: createReadStream(file) });
}

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

async function* withBreaks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** Prints what was found; the exit code. */
function print({ chains, rows, findings }: Verification): number {
  for (const finding of findings.slice(0, PRINTED_MAX)) console.log(lineOf(finding));
  if (findings.length > PRINTED_MAX) console.log(`… and ${findings.length - PRINTED_MAX} more`);
  console.log(`${chains} chains, ${rows} rows: ${summaryOf(findings.length)}`);
  return findings.length === 0 ? 0 : 1;
}

function summaryOf(count: number): string {
  if (count === 0) return "nothing is wrong";
  return count === 1 ? "1 thing is wrong" : `${count} things are wrong`;
}

function lineOf({ chain, sequence, kind, seenBy, detail }: Finding): string {
  return `${chain} ${sequence}: ${kind} (by the ${seenBy}): ${detail}`;
}
