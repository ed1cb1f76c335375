import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Handles, handlesOf, parseSockets, sortHandles, sumOf } from "./handles.ts";

describe("what a process has open", () => {
  /** Lines as Linux writes them: a listener, a connection, one that the other end has closed, one that nobody owns. */
  const TABLE = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:A2F5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 501 1 0000000000000000 100 0 0 10 0",
    "   1: 0100007F:A2F5 0100007F:D3B6 01 00000000:00000000 00:00000000 00000000     0        0 502 1 0000000000000000 20 4 30 10 -1",
    "   2: 0100007F:A2F5 0100007F:D3B8 08 00000001:00000000 00:00000000 00000000     0        0 503 1 0000000000000000 20 4 30 10 -1",
    "   3: 0100007F:D3BA 0100007F:A2F5 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 0000000000000000",
  ].join("\n");

  it.each<[string, keyof Handles]>([
    ["socket:[502]", "connections"],
    ["socket:[503]", "deserted"],
    ["socket:[501]", "others"],
    ["socket:[999]", "others"],
    ["pipe:[12]", "others"],
    ["anon_inode:[eventpoll]", "others"],
    ["/state/do/ropeline-purchase-Sku/a.sqlite-wal", "files"],
    ["/state/do/ropeline-purchase-Sku/a.sqlite (deleted)", "files"],
  ])("is sorted: %s", (target, kind) => {
    const handles = sortHandles([target], parseSockets(TABLE));
    expect(handles[kind]).toBe(1);
    expect(sumOf(handles)).toBe(1);
  });

  it.runIf(process.platform === "linux")("is read from the system", async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const before = await opened();
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [[socket]] = (await Promise.all([
      once(server, "connection"),
      once(client, "connect"),
    ])) as [[Socket], unknown];
    onTestFinished(() => void socket.destroy());
    expect((await opened()).connections - before.connections).toBe(2);
    const ended = once(socket.resume(), "end");
    client.destroy();
    await ended;
    const after = await opened();
    expect([after.connections - before.connections, after.deserted - before.deserted]).toEqual([
      0, 1,
    ]);
  });

  it("is not told of a process that is gone", async () => {
    expect(await handlesOf(2 ** 30)).toBeNull();
  });
});

async function opened(): Promise<Handles> {
  const handles = await handlesOf(process.pid);
  if (handles === null) throw new Error("Linux tells.");
  return handles;
}
