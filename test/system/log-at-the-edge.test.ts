import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { unpackEntries } from "../../domain/log/tile.ts";
import { sha256 } from "../../domain/sha256.ts";
import { createApp } from "../../workers/gateway/app.ts";
import type { Bindings } from "../../workers/gateway/bindings.ts";
import { useTestClock } from "./support/clock.ts";
import { TestLine } from "./support/lines.ts";
import { bindings, rowsOf } from "./support/objects.ts";
import { createSale } from "./support/sales.ts";
import { queueSettings } from "./support/samples.ts";

useTestClock();

const env = bindings as unknown as Bindings;
let line: TestLine;
let isolate: ReturnType<typeof createApp>;

beforeEach(async () => {
  const { definition } = await createSale({ queue: queueSettings({ reorderWindowMs: 0 }) });
  line = new TestLine(definition.saleId, definition.queue.lanes);
  isolate = createApp();
});

/** Asks an isolate of the gateway, and waits for what it does after its answer. */
async function get(path: string): Promise<{ status: number; text: string; bytes: Uint8Array }> {
  const url = `https://shop.example/api/v1/sales/${line.saleId}/fairness/${path}`;
  const context = createExecutionContext();
  const { status, body } = await isolate.fetch(new Request(url), env, context);
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  await waitOnExecutionContext(context);
  return { status, bytes, text: new TextDecoder().decode(bytes) };
}

const sizeOf = (checkpoint: string) => Number(checkpoint.split("\n")[1]);

describe("the public log at the edge", () => {
  it("is served by checkpoint, entries and the hashes over them", async () => {
    await line.number(300);
    const { text } = await get("checkpoint");
    const size = sizeOf(text);
    expect(size).toBeGreaterThan(300);
    expect(text.split("\n")[0]).toBe(`ropeline.example/sales/${line.saleId}`);
    const { text: keys } = await get("keys");
    expect(keys).toMatch(
      new RegExp(`^ropeline.example/sales/${line.saleId}\\+[0-9a-f]{8}\\+.{44}\n$`),
    );

    const entries = unpackEntries((await get("tile/entries/000")).bytes);
    const hashes = await get("tile/0/000");
    expect(entries).toHaveLength(256);
    const hashed = entries.map((entry) => sha256(Uint8Array.of(0), entry));
    expect(Buffer.from(hashes.bytes).equals(Buffer.concat(hashed))).toBe(true);
    const first = JSON.parse(new TextDecoder().decode(entries[0])) as object;
    expect(first).toMatchObject({ sale: line.saleId, kind: "opened" });

    const rest = unpackEntries((await get(`tile/entries/001.p/${size - 256}`)).bytes);
    expect(rest).toHaveLength(size - 256);
    expect((await get("tile/1/000.p/1")).bytes).toHaveLength(32);
    for (const path of ["tile/0/001", `tile/0/001.p/${size - 255}`, "tile/1/000", "tile/2/000.p/1"])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
  });

  it("copies a full tile into the bucket, from where another isolate has it without the object", async () => {
    await line.number(300);
    const { bytes } = await get("tile/0/000");
    await get("tile/1/000.p/1");
    const { objects } = await env.PUBLIC_LOG.list({ prefix: `${line.saleId}/` });
    expect(objects.map(({ key }) => key)).toEqual([`${line.saleId}/tile/0/000`]);
    await rowsOf(line.sequencer, "DELETE FROM log_entry");
    isolate = createApp();
    expect((await get("tile/0/000")).bytes).toEqual(bytes);
  });

  it("is not there for a sale from before there were logs", async () => {
    for (const table of ["log_tree", "log_entry", "log_checkpoint"])
      await rowsOf(line.sequencer, `DELETE FROM ${table}`);
    const { status, text } = await get("checkpoint");
    expect([status, text]).toEqual([404, expect.stringContaining("before there were public logs")]);
    expect((await get("tile/0/000")).status).toBe(404);
  });
});
