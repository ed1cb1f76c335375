import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeGateway, overloaded, placeAnswer, sampleSale } from "../testing/fake-gateway.ts";

const LOG = "/api/v1/sales/drop/fairness";
const FULL = "tile/0/000";
const PARTIAL = "tile/entries/001.p/7";

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
});

/** Calls beyond the Workers' own caches. */
const logCalls = () => gateway.calls.filter((call) => call.startsWith("log "));

describe("the checkpoint", () => {
  it("comes as it was signed, and an isolate asks for it once a second", async () => {
    const { status, text, headers } = await gateway.send("GET", `${LOG}/checkpoint`);
    expect([status, text]).toEqual([200, "origin\n3\nhead\n"]);
    expect(headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    for (let again = 0; again < 20; again++) await gateway.send("GET", `${LOG}/checkpoint`);
    expect(logCalls()).toEqual(["log drop checkpoint"]);
    gateway.nowMs += 2_001;
    gateway.log.checkpoint = "origin\n4\nnewer\n";
    expect((await gateway.send("GET", `${LOG}/checkpoint`)).text).toContain("newer");
  });

  it("never goes back, and stands in while the object does not answer", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await gateway.send("GET", `${LOG}/checkpoint`);
    gateway.nowMs += 2_001;
    gateway.log.checkpoint = "origin\n2\nolder\n";
    expect((await gateway.send("GET", `${LOG}/checkpoint`)).text).toContain("\n3\n");
    gateway.nowMs += 2_001;
    gateway.log.checkpoint = overloaded();
    expect((await gateway.send("GET", `${LOG}/checkpoint`)).text).toContain("\n3\n");
    gateway.nowMs += 60_001;
    expect((await gateway.send("GET", `${LOG}/checkpoint`)).status).toBe(503);
  });

  it("is missing where the sale has no log, and says so", async () => {
    gateway.log.checkpoint = null;
    const { status, body } = await gateway.send("GET", `${LOG}/checkpoint`);
    expect([status, body["code"]]).toEqual([404, "not_found"]);
    expect(body["detail"]).toBe("The sale is from before there were public logs.");
  });
});

describe("a tile", () => {
  it("that is full is copied out of the object once", async () => {
    gateway.log.tiles.set(FULL, Uint8Array.of(1, 2, 3));
    const { status, text, headers } = await gateway.send("GET", `${LOG}/${FULL}`);
    expect([status, text]).toEqual([200, "\u0001\u0002\u0003"]);
    expect(headers.get("Content-Type")).toBe("application/octet-stream");
    expect(headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect([...gateway.log.copies.keys()]).toEqual([`drop/${FULL}`]);
    // Another isolate, with the same bucket.
    const other = new FakeGateway();
    other.log.copies.set(`drop/${FULL}`, Uint8Array.of(1, 2, 3));
    expect((await other.send("GET", `${LOG}/${FULL}`)).text).toBe(text);
    expect(other.calls).toEqual(["purchase sale"]);
  });

  it("that is not full comes from the object, and no copy is made", async () => {
    gateway.log.tiles.set(PARTIAL, Uint8Array.of(7));
    for (let again = 0; again < 3; again++)
      expect((await gateway.send("GET", `${LOG}/${PARTIAL}`)).text).toBe("\u0007");
    expect(logCalls()).toEqual([`log drop ${PARTIAL}`]);
    expect(gateway.log.copies.size).toBe(0);
  });

  it("goes on coming from the object while the bucket is away", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    gateway.log.tiles.set(FULL, Uint8Array.of(1));
    gateway.log.isBucketAway = true;
    expect((await gateway.send("GET", `${LOG}/${FULL}`)).status).toBe(200);
    const events = warn.mock.calls.map(([line]) => (line as { event: string }).event);
    expect(events).toEqual(["log.copy_unread", "log.copy_failed"]);
  });

  it("that is not there yet is asked for again a second later", async () => {
    for (let again = 0; again < 3; again++)
      expect((await gateway.send("GET", `${LOG}/${FULL}`)).status).toBe(404);
    expect(logCalls()).toHaveLength(1);
    gateway.log.tiles.set(FULL, Uint8Array.of(1));
    gateway.nowMs += 1_001;
    expect((await gateway.send("GET", `${LOG}/${FULL}`)).status).toBe(200);
  });

  it.each([
    "tile",
    "tile/",
    "tile/0/00",
    "tile/0/1000",
    "tile/4/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000/extra",
    "tile/0/x000/001",
    "tile/../checkpoint/x",
    "tile/0/000%2F",
  ])("has to be named rightly: %s asks nobody", async (path) => {
    expect((await gateway.send("GET", `${LOG}/${path}`)).status).toBe(404);
    expect(gateway.calls).toEqual([]);
  });

  it("may be the thousandth", async () => {
    gateway.log.tiles.set("tile/entries/x001/067.p/7", Uint8Array.of(1));
    const { status } = await gateway.send("GET", `${LOG}/tile/entries/x001/067.p/7`);
    expect(status).toBe(200);
  });
});

it.each(["checkpoint", FULL, "keys"])("may be read by a page of anybody: %s", async (path) => {
  const { headers } = await gateway.send("GET", `${LOG}/${path}`);
  expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
});

it("lists the keys, one a line", async () => {
  const { text, headers } = await gateway.send("GET", `${LOG}/keys`);
  expect(text).toBe("shop/sales/drop+1+new\nshop/sales/drop+2+old\n");
  expect(headers.get("Cache-Control")).toBe("public, max-age=60");
});

it.each(["checkpoint", FULL, "keys"])(
  "asks no object about a sale that is not known: %s",
  async (path) => {
    const unknown = await gateway.send("GET", `/api/v1/sales/nope/fairness/${path}`);
    expect(unknown.status).toBe(404);
    const sale = sampleSale();
    gateway.sale = { ...sale, control: { ...sale.control, mode: "draft" } };
    gateway.nowMs += 10_000;
    expect((await gateway.send("GET", `${LOG}/${path}`)).status).toBe(404);
    expect(logCalls()).toEqual([]);
  },
);

it("gives who joins the receipt that the lane has kept, and nobody else", async () => {
  const receipt = { leaf: "{}", index: 4, checkpoint: "origin\n5\nhead\n" };
  gateway.onLane = () => placeAnswer({ number: 1, receipt });
  const headers = await gateway.bearer("g_ann");
  const join = await gateway.send("POST", "/api/v1/sales/drop/queue", { headers });
  expect(join.body["receipt"]).toEqual(receipt);
  gateway.onLane = () => placeAnswer({ number: 1 });
  const old = await gateway.send("POST", "/api/v1/sales/drop/queue", { headers });
  expect(old.body).not.toHaveProperty("receipt");
});
