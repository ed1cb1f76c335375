import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Finding } from "../domain/books/finding.ts";
import { exportOf, textOf } from "../domain/books/testing/exports.ts";
import type { Shop } from "./shop.ts";
import { exportLines, verifyShop } from "./verify.ts";

const run = promisify(execFile);

/** A shop that has these lines, some in each part of its export, and says this of itself. */
function shopOf(lines: readonly string[], told: Finding[] = []): Pick<Shop, "read"> {
  const read = async (path: string): Promise<string> => {
    const { pathname, searchParams } = new URL(path, "http://shop");
    const from = Number(searchParams.get("cursor") ?? 0);
    if (pathname === "/audit/verify") {
      const part = { findings: told.slice(from, from + 1) };
      return JSON.stringify(from + 1 < told.length ? { ...part, cursor: String(from + 1) } : part);
    }
    const part = lines.slice(from, from + 4);
    const isLast = from + 4 >= lines.length;
    const next = isLast ? [] : [JSON.stringify({ kind: "next", cursor: String(from + 4) })];
    return [...part, ...next, ""].join("\n");
  };
  return { read };
}

/** The export with a byte of the third row of its item changed. */
function tampered(): string[] {
  return textOf(exportOf()).map((line) =>
    line.includes('"item/phone"') && line.includes('"text":"c"')
      ? line.replace('"c"', '"C"')
      : line,
  );
}

describe("verifying a shop", () => {
  it("takes all parts, and both what it says and what its export shows, each finding once", async () => {
    expect(await verifyShop(shopOf(textOf(exportOf())))).toEqual({
      chains: 3,
      rows: 11,
      findings: [],
    });
    const row: Finding = {
      chain: "item/phone",
      sequence: 3,
      kind: "changed",
      seenBy: "chain",
      detail: "",
    };
    const told: Finding[] = [row, { ...row, seenBy: "mirror" }];
    const { findings } = await verifyShop(shopOf(tampered(), told));
    expect(findings.map(({ sequence, seenBy }) => [sequence, seenBy])).toEqual([
      [3, "chain"],
      [3, "mirror"],
    ]);
  });

  it("has the lines of an export without the seams of its parts", async () => {
    const lines = textOf(exportOf());
    const read: string[] = [];
    for await (const line of exportLines(shopOf(lines))) read.push(line);
    expect(read).toEqual(lines);
  });
});

describe("npm run audit", () => {
  it("fails for a tampered file and says where; what is whole passes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ropeline-audit-"));
    try {
      const verify = async (
        name: string,
        lines: readonly string[],
      ): Promise<{ code: number; stdout: string }> => {
        const file = join(folder, name);
        await writeFile(file, lines.map((line) => `${line}\n`).join(""));
        const audit = [join(import.meta.dirname, "audit.ts"), "verify", file];
        return run(process.execPath, audit).then(
          ({ stdout }) => ({ code: 0, stdout }),
          (error: { code: number; stdout: string }) => error,
        );
      };
      expect(await verify("whole", textOf(exportOf()))).toMatchObject({
        code: 0,
        stdout: "3 chains, 11 rows: nothing is wrong\n",
      });
      const { code, stdout } = await verify("tampered", tampered());
      expect(code).toBe(1);
      expect(stdout.split("\n")).toMatchObject([
        expect.stringMatching(/^item\/phone 3: changed \(by the chain\): /),
        "3 chains, 11 rows: 1 thing is wrong",
        "",
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
