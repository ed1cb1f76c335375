import { execFile } from "node:child_process";
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCopy, saveCopy } from "./source/file.ts";
import { changed, played, resigned, toldIn, type Played } from "./testing/played.ts";

const MAIN = path.join(import.meta.dirname, "main.ts");
const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

let sale: Played;
/** A file beside the sale's. */
let beside: (name: string) => string;

beforeAll(async () => {
  sale = await played({
    shoppers: 30,
    seconds: 3,
    queue: {
      shuffleAtStart: true,
      prequeueStartsAtMs: 1,
      publicRandomness: { source: "a beacon", round: "17" },
      totalActiveUsers: 10,
      claimSeconds: 5,
      sessionDurationSeconds: 10,
    },
  });
  beside = (name) => path.join(path.dirname(sale.file), name);
});

afterAll(() => sale.remove());

/** Runs the command. */
function verify(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** Writes what was kept of the sale into files. */
async function kept(): Promise<{ since: string; receipt: string }> {
  const { checkpoints, receipts } = JSON.parse(
    await readFile(`${sale.file}.kept.json`, "utf8"),
  ) as { checkpoints: string[]; receipts: object[] };
  const [since, receipt] = [beside("checkpoint"), beside("receipt.json")];
  await writeFile(since, checkpoints[3] ?? "");
  await writeFile(receipt, JSON.stringify({ state: "early", receipt: receipts[3] }));
  return { since, receipt };
}

describe("verify-sale", () => {
  it("says of an honest sale what it found, and the value to compare", async () => {
    const { since, receipt } = await kept();
    const key = sale.copy.keys[0]?.text ?? "";
    const files = ["--since", since, "--since", sale.file, "--receipt", receipt];
    const { code, out } = await verify(sale.file, ...files, "--key", key);
    expect(out).toMatch(/^The log of the sale "drop"/);
    expect(out).toMatch(/draw 1: 30 places, recomputed from the seed /);
    expect(out).toMatch(/public value mixed in: a value of the beacon\n.*a beacon .* its round 17/);
    expect(out).toMatch(/3 kept checkpoints and receipts held against it/);
    expect(out).not.toMatch(/the key is the one that came with the log/);
    expect(out).toMatch(/\n\nnothing is wrong\n$/);
    expect(code).toBe(0);
  });

  it("says of another what is wrong, and says it to programs as well", async () => {
    const { copy } = sale;
    const forged = beside("forged.log");
    await saveCopy(forged, resigned(copy, toldIn(copy).toSpliced(2, 1)));
    const { since, receipt } = await kept();
    const told = await verify(forged, "--since", since, "--receipt", receipt);
    expect(told.code).toBe(1);
    expect(told.out).toMatch(/^joins: entry 2: index 3 follows 1: it should be 2$/m);
    expect(told.out).toMatch(/^earlier heads: .* it was forked$/m);
    expect(told.out).toMatch(/\d+ things are wrong\n$/);
    const { code, out } = await verify(forged, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ sale: "drop", honest: false });
  });

  it("trusts the key that it is given and no other", async () => {
    const { code, out } = await verify(sale.file, "--key", KEY);
    expect(out).toMatch(/^signature: the checkpoint is not signed by a key of the log$/m);
    expect(code).toBe(1);
  });

  it.each([
    ["nothing", [], /One address or file is needed/],
    ["two logs", ["one", "two"], /One address or file is needed/],
    ["an option that there is not", ["file", "--nonsense"], /nonsense/],
    ["a file that there is not", ["nowhere.log"], /nowhere\.log cannot be read/],
    ["a key that is none", ["file", "--key", "mine"], /"mine" is no key/],
    ["a server that is not there", ["http://127.0.0.1:1/sale?id=drop"], /did not answer, 5 times/],
    ["a page of no sale", ["http://127.0.0.1:1/"], /names no sale/],
  ])("cannot check %s, and says so", async (_what, args, says) => {
    const { code, err } = await verify(...args);
    expect(err).toMatch(says);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it("cannot check with a receipt that is none", async () => {
    const file = beside("no-receipt.json");
    for (const text of ["{}", "null", "x", '{"leaf":"a","index":"1","checkpoint":"x"}']) {
      await writeFile(file, text);
      const { code, err } = await verify(sale.file, "--receipt", file);
      expect(err).toMatch(/no-receipt\.json is no (JSON|receipt)/);
      expect(code).toBe(2);
    }
  });

  it("tells how it is used", async () => {
    const { code, out } = await verify("--help");
    expect(out).toMatch(/^npm run verify-sale -- <url \| file>/);
    expect(code).toBe(0);
  });
});

describe("a saved log", () => {
  it("is read as it was written, whatever the entries are", async () => {
    const entries = ["{}", "base64:e30=", "two\nlines", "\u2028", "\ufeff", ""]
      .map((text): Uint8Array => Buffer.from(text))
      .concat(Buffer.of(0xff, 0xfe));
    const { isLive: _isLive, ...copy } = { ...sale.copy, entries };
    await saveCopy(beside("odd.log"), copy);
    expect(await readCopy(beside("odd.log"))).toEqual({ ...copy, isLive: false });
  });

  it("that is damaged is refused, and one that is changed is found out", async () => {
    const file = beside("damaged.log");
    await saveCopy(file, sale.copy);
    await appendFile(file, "more\n");
    expect(await verify(file)).toMatchObject({ code: 2 });
    await truncate(file, 9_000);
    expect((await verify(file)).err).toMatch(/is cut off: it has \d+ of \d+ entries/);
    await writeFile(file, "");
    expect((await verify(file)).err).toMatch(/is empty/);
    const told = toldIn(sale.copy);
    await saveCopy(file, changed(sale.copy, told.toReversed()));
    expect((await verify(file)).out).toMatch(/^head: the entries do not make the head/m);
  });
});
