import { beforeAll, describe, expect, it, vi } from "vitest";
import { digest, PublicLog, Signer } from "../testing/public-log.ts";
import { NoAnswer } from "../problem.ts";
import { checkReceipt, CHECKS, type CheckResult } from "./check-receipt.ts";
import { LogFault } from "./fault.ts";
import type { HeldReceipt } from "./receipt-file.ts";
import type { LogSource } from "./source.ts";

const INDEX = 300;
const AT_JOIN = 301;
const NOW = 700;
const BINDING = "a-binding-of-22-charac";

const signer = await Signer.make();
const hash = await digest(new TextEncoder().encode(`drop/${BINDING}`));
const binding = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const leafOf = (number: number): string =>
  JSON.stringify({
    sale: "drop",
    kind: "joined",
    atMs: 1_000,
    number,
    arrivedAtMs: 900,
    stampMs: 900,
    binding: number === INDEX ? binding : `${number}`,
  });
const entriesOf = (size: number): string[] => Array.from({ length: size }, (_, at) => leafOf(at));
const log = new PublicLog(entriesOf(NOW), signer);
/** The same shop, in which somebody else stands before the shopper. */
const forked = new PublicLog(
  entriesOf(NOW).map((entry, at) => (at === 7 ? leafOf(8) : entry)),
  signer,
);

let held: HeldReceipt;
beforeAll(async () => {
  const receipt = { leaf: leafOf(INDEX), index: INDEX, checkpoint: await log.checkpoint(AT_JOIN) };
  held = { saleId: "drop", binding: BINDING, number: INDEX, index: null, receipt, heads: [] };
});

/** What came of every check: `passed`, the fault's code, or the name of what stood in the way. */
async function outcomes(
  receipt: HeldReceipt,
  source: LogSource,
): Promise<{ outcome: Record<string, string>; heads: readonly string[] }> {
  const results: CheckResult[] = [];
  const waits: number[] = [];
  const heads = await checkReceipt(
    receipt,
    source,
    (result) => results.push(result),
    async (ms) => void waits.push(ms),
  );
  expect(results.map(({ name }) => name)).toEqual([...CHECKS]);
  const outcome = Object.fromEntries(
    results.map(({ name, error }) => [
      name,
      error instanceof LogFault
        ? error.code
        : error instanceof Error
          ? error.constructor.name
          : "passed",
    ]),
  );
  return { outcome, heads };
}

const ALL_PASSED = Object.fromEntries(CHECKS.map((name) => [name, "passed"]));
const passedBut = (others: Record<string, string>): Record<string, string> => ({
  ...ALL_PASSED,
  ...others,
});

describe("a receipt", () => {
  it("of an honest log passes every check, and the newest head is kept", async () => {
    const seen = await log.checkpoint(500);
    const { outcome, heads } = await outcomes({ ...held, heads: [seen] }, log.source());
    expect(outcome).toEqual(ALL_PASSED);
    expect(heads).toEqual([seen, await log.checkpoint()]);
  });

  it.each([
    ["another shopper", () => ({ binding: "somebody-else" }), "other_shopper"],
    ["another place", () => ({ number: 5 }), "other_place"],
    [
      "another sale",
      () => ({ receipt: { ...held.receipt, leaf: held.receipt.leaf.replace("drop", "other") } }),
      "other_sale",
    ],
    ["no join", () => ({ receipt: { ...held.receipt, leaf: "{" } }), "unreadable_leaf"],
  ] as const)("of %s is not the shopper's own", async (_what, changes, code) => {
    const { outcome } = await outcomes({ ...held, ...changes() }, log.source());
    expect(outcome["own"]).toBe(code);
  });

  it("whose place is still to be drawn is known by its index alone", async () => {
    const drawn = { ...held, number: null };
    expect((await outcomes(drawn, log.source())).outcome).toEqual(ALL_PASSED);
  });

  it("that was changed is not in the log", async () => {
    const leaf = held.receipt.leaf.replace('"arrivedAtMs":900', '"arrivedAtMs":100');
    const changed = { ...held, receipt: { ...held.receipt, leaf } };
    const { outcome } = await outcomes(changed, log.source());
    expect(outcome).toEqual(passedBut({ included: "not_included" }));
  });

  it.each([INDEX - 1, AT_JOIN])("is not at place %i of the log", async (index) => {
    const moved = { ...held, receipt: { ...held.receipt, index } };
    const { outcome } = await outcomes(moved, log.source());
    expect(outcome).toEqual(passedBut({ included: "not_included" }));
  });

  it("by a key that is not published is found out", async () => {
    const stranger = new PublicLog(entriesOf(NOW), await Signer.make());
    const other = { ...held.receipt, checkpoint: await stranger.checkpoint(AT_JOIN) };
    const { outcome } = await outcomes({ ...held, receipt: other }, log.source());
    expect(outcome).toEqual(passedBut({ signed: "unknown_key" }));
  });

  it("of another sale's log, or of a log that goes by another name now, is found out", async () => {
    const other = await Signer.make("shop.test/sales/other");
    const renamed = await Signer.make("shop.test/again/sales/drop");
    const lines = [signer, other, renamed].map((each) => each.verifierKey());
    const keys = (await Promise.all(lines)).join("\n");
    const checkpoint = await new PublicLog(entriesOf(NOW), other).checkpoint(AT_JOIN);
    const ofOther = { ...held, receipt: { ...held.receipt, checkpoint } };
    const source = log.source({ keys: async () => keys });
    expect((await outcomes(ofOther, source)).outcome).toMatchObject({ signed: "other_log" });
    const again = new PublicLog(entriesOf(NOW), renamed).source({ keys: async () => keys });
    expect((await outcomes(held, again)).outcome).toEqual(passedBut({ newest: "other_log" }));
  });

  it("whose head was rewritten is signed by nobody", async () => {
    const checkpoint = held.receipt.checkpoint.replace("\n301\n", "\n302\n");
    const { outcome } = await outcomes(
      { ...held, receipt: { ...held.receipt, checkpoint } },
      log.source(),
    );
    expect(outcome["signed"]).toBe("bad_signature");
  });

  it("in a browser without Ed25519 is checked but for the signatures", async () => {
    const unknown = new DOMException("Unrecognized name.", "NotSupportedError");
    const importKey = vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(unknown);
    const { outcome, heads } = await outcomes(held, log.source());
    importKey.mockRestore();
    expect(outcome).toEqual(passedBut({ signed: "CannotCheck", newest: "CannotCheck" }));
    // Signed all the same: another browser can tell.
    expect(heads).toEqual([await log.checkpoint()]);
  });

  it("that is no receipt says so, and what does not depend on it is checked", async () => {
    const { outcome } = await outcomes(
      { ...held, receipt: { ...held.receipt, checkpoint: "nothing" } },
      log.source(),
    );
    expect(outcome).toMatchObject({ own: "passed", signed: "unreadable_checkpoint" });
  });
});

describe("a log", () => {
  it("that was rewritten does not contain what the receipt's head did", async () => {
    const { outcome, heads } = await outcomes(held, forked.source());
    expect(outcome).toMatchObject({ newest: "passed", consistent: "forked" });
    // Both are signed: that is the evidence.
    expect(heads).toEqual([await forked.checkpoint()]);
  });

  it("that shows two heads of one size is forked", async () => {
    const receipt = { ...held.receipt, checkpoint: await log.checkpoint() };
    const { outcome } = await outcomes({ ...held, receipt }, forked.source());
    expect(outcome).toMatchObject({ consistent: "forked" });
  });

  it("that contradicts what this browser was shown is found out, and that is kept longest", async () => {
    const [early, mid] = [await log.checkpoint(5), await log.checkpoint(600)];
    const receipt = {
      ...held.receipt,
      leaf: leafOf(1),
      checkpoint: await log.checkpoint(2),
      index: 1,
    };
    const asked = { ...held, receipt, heads: [mid, early] };
    const { outcome, heads } = await outcomes(asked, forked.source());
    expect(outcome).toMatchObject({ consistent: "passed", history: "forked" });
    expect(heads).toEqual([early, mid, await forked.checkpoint()]);
  });

  it("that has become shorter is found out, after another look", async () => {
    const source = log.source({ checkpoint: () => log.checkpoint(200) });
    const { outcome } = await outcomes(held, source);
    expect(outcome).toEqual(passedBut({ consistent: "shorter" }));
  });

  it("whose cache is behind the receipt is looked at again", async () => {
    let asked = 0;
    const source = log.source({ checkpoint: () => log.checkpoint(++asked === 1 ? 200 : NOW) });
    expect((await outcomes(held, source)).outcome).toEqual(ALL_PASSED);
  });

  it("whose newest head is signed by a stranger is not kept", async () => {
    const stranger = new PublicLog(entriesOf(NOW), await Signer.make());
    const source = log.source({ checkpoint: () => stranger.checkpoint() });
    const { outcome, heads } = await outcomes(held, source);
    expect(outcome).toEqual(passedBut({ newest: "unknown_key" }));
    expect(heads).toEqual([]);
  });

  it("with a tile cut short is not believed", async () => {
    const source = log.source({ tile: async (path) => (await log.tile(path)).slice(0, -1) });
    const { outcome } = await outcomes(held, source);
    expect(outcome).toEqual(passedBut({ included: "truncated", consistent: "truncated" }));
  });

  it("that does not answer leaves it open", async () => {
    const silent = (): Promise<never> => Promise.reject(new NoAnswer("down"));
    const source = { checkpoint: silent, keys: silent, tile: silent };
    const { outcome, heads } = await outcomes({ ...held, heads: ["kept"] }, source);
    expect(outcome).toMatchObject({ own: "passed", signed: "NoAnswer", included: "NoAnswer" });
    expect(heads).toEqual(["kept"]);
  });
});
