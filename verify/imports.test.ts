import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const FOLDER = import.meta.dirname;

/** What makes the command: tests and what they play sales with may know the product. */
const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("testing"),
);

it("the verifier shares no code with what it verifies", () => {
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const text = readFileSync(path.join(FOLDER, file), "utf8");
    const imported = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"([^"]+)"/g)];
    for (const [, module = ""] of imported) {
      const where = path.resolve(FOLDER, path.dirname(file), module);
      const isOwn = module.startsWith(".") && where.startsWith(`${FOLDER}${path.sep}`);
      const isTesting = where.startsWith(path.join(FOLDER, "testing"));
      expect(module.startsWith("node:") || (isOwn && !isTesting), `${file} imports ${module}`).toBe(
        true,
      );
    }
  }
});
