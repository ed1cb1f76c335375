import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openStateFolder } from "./state-folder.ts";

async function makeFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "ropeline-state-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test("secrets are made once, kept, and readable by their owner alone", async () => {
  const directory = await makeFolder();
  const first = await openStateFolder(directory);
  const tokenKeys = await first.loadTokenKeys();
  const adminToken = await first.loadAdminToken();
  await first.close();
  expect(tokenKeys).toMatch(/^k1:[A-Za-z0-9_-]{43}$/);
  for (const name of ["secrets.json", "admin-token"]) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
  const second = await openStateFolder(directory);
  expect(await second.loadTokenKeys()).toBe(tokenKeys);
  expect(await second.loadAdminToken()).toBe(adminToken);
  await second.close();
});

test("a second opener is refused until the first one closes", async () => {
  const directory = await makeFolder();
  const first = await openStateFolder(directory);
  await expect(openStateFolder(directory)).rejects.toThrow(
    `process ${process.pid} already runs on the state folder`,
  );
  await first.close();
  await (await openStateFolder(directory)).close();
});

test("what a killed process left behind does not keep the folder closed", async () => {
  const directory = await makeFolder();
  await writeFile(join(directory, "lock.sqlite"), "");
  await writeFile(join(directory, "running.pid"), `${process.ppid}\n`);
  await (await openStateFolder(directory)).close();
});

test("wiping removes what was kept and nothing else", async () => {
  const directory = await makeFolder();
  await writeFile(join(directory, "thesis.txt"), "irreplaceable");
  const folder = await openStateFolder(directory);
  await folder.loadTokenKeys();
  await folder.loadAdminToken();
  await folder.loadWebhookSecret();
  await folder.wipe();
  await folder.close();
  expect(await readdir(directory)).toEqual(["lock.sqlite", "thesis.txt"]);
});

test.each(["", "{", "{}", '{"TOKEN_KEYS":1}', "null"])(
  "damaged secrets %j are named, not replaced",
  async (contents) => {
    const directory = await makeFolder();
    await writeFile(join(directory, "secrets.json"), contents);
    const folder = await openStateFolder(directory);
    await expect(folder.loadTokenKeys()).rejects.toThrow(/secrets\.json is damaged/);
    await folder.close();
  },
);

test.each([
  ["a file", "file"],
  ["inside a file", "file/state"],
  ["without a parent", "missing/state"],
])("a state folder that is %s gets one clear line", async (_case, path) => {
  const directory = await makeFolder();
  await writeFile(join(directory, "file"), "");
  await expect(openStateFolder(join(directory, path))).rejects.toThrow(
    /^cannot write to the state folder/,
  );
});
