import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hashSources } from "./source-hash.ts";

test("changes with what a file says and how it is called, with nothing else", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ropeline-sources-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(directory, name), text);
  const hash = (): Promise<string> => hashSources([directory]);
  await write("a.ts", "one");
  const first = await hash();
  await write("a.ts", "one");
  await write("a.test.ts", "a test");
  await write("env.d.ts", "a declaration");
  await mkdir(join(directory, ".wrangler"));
  await write(".wrangler/tmp.js", "a leftover");
  expect(await hash()).toBe(first);
  await write("a.ts", "two");
  expect(await hash()).not.toBe(first);
  await write("a.ts", "one");
  await rename(join(directory, "a.ts"), join(directory, "b.ts"));
  expect(await hash()).not.toBe(first);
});

test("a path that does not exist counts as empty", async () => {
  expect(await hashSources([join(tmpdir(), "ropeline-no-such-folder")])).toBe(
    await hashSources([]),
  );
});
