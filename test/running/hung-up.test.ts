import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startLocal } from "../../local/start-local.ts";
import { Client } from "../support/client.ts";

/** Of those who buy at once, the first: one of these opens the call that brings the others to the item. */
const HANGING_UP = 5;
const STAYING = 20;
/** Who waits for a call that is lost asks alone after 5 s. */
const SOON_MS = 3_000;

let system: Awaited<ReturnType<typeof startLocal>>;
let client: Client;
let stateDirectory: string;

beforeAll(async () => {
  stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-hung-up-"));
  system = await startLocal({ port: 0, stateDirectory, quiet: true });
  client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
});
afterAll(async () => {
  await system.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

interface Buyer {
  socket: Socket;
  request: string;
}

/** A shopper with a pass, connected and with a purchase ready to be sent. */
async function buyer(): Promise<Buyer> {
  const { bearer, pass } = await client.admitted("hung");
  const { hostname, port } = new URL(system.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  const body = JSON.stringify({ sku: "hung-phone", quantity: 1 });
  const head = [
    "POST /api/v1/sales/hung/purchase HTTP/1.1",
    `Host: ${hostname}`,
    `Authorization: Bearer ${bearer}`,
    `Queue-Pass: ${pass}`,
    "Idempotency-Key: buy",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return { socket, request: [...head, "", body].join("\r\n") };
}

it("answers soon who goes to the item in the call of one who hangs up", async () => {
  const everybody = HANGING_UP + STAYING;
  await client.sale(
    "hung",
    { queue: { totalActiveUsers: everybody, newUsersPerMinute: 60_000 } },
    everybody,
  );
  const buyers = await Promise.all(Array.from({ length: everybody }, buyer));
  const sentAtMs = performance.now();
  for (const [index, { request, socket }] of buyers.entries())
    socket.write(request, () => {
      if (index < HANGING_UP) socket.resetAndDestroy();
    });
  const answers = await Promise.all(
    buyers.slice(HANGING_UP).map(async ({ socket }) => {
      const [answer] = await once(socket, "data");
      socket.destroy();
      return String(answer).split(" ")[1];
    }),
  );
  expect(answers).toEqual(Array(STAYING).fill("202"));
  expect(performance.now() - sentAtMs).toBeLessThan(SOON_MS);
});
