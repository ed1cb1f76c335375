import type { LiveMessage } from "../../../domain/queue/live.ts";
import { liveRootName, liveShardName } from "../../../domain/queue/live-tree.ts";
import type { Region } from "../../../domain/queue/region.ts";
import type { LiveBoard } from "../../../durable-objects/live-board.ts";
import type { LiveRoot } from "../../../durable-objects/live-root.ts";
import { bindings, uniqueName } from "./objects.ts";

/** How long the addresses of tests are good. */
const TOKEN_MS = 30_000;

/** Where shoppers of tests come from unless they say otherwise. */
export const HOME: Region = "weur";

/** A fresh stub of a shard of a sale: one whose object was lost stays broken. */
export function liveBoard(
  saleId: string,
  shard = 0,
  region: Region = HOME,
): DurableObjectStub<LiveBoard> {
  return bindings.LIVE_BOARD.getByName(liveShardName({ saleId, region, shard }));
}

/** The same of the root of a region. */
export function liveRoot(saleId: string, region: Region = HOME): DurableObjectStub<LiveRoot> {
  return bindings.LIVE_ROOT.getByName(liveRootName({ saleId, region }));
}

/** Asks for a socket as the gateway does. */
export function askForSocket(
  saleId: string,
  {
    shard = 0,
    region = HOME,
    binding = uniqueName("shopper"),
    nonce = uniqueName("nonce"),
    lifeMs = TOKEN_MS,
  } = {},
): Promise<Response> {
  const expiresAtMs = String(Date.now() + lifeMs);
  const query = new URLSearchParams({ binding, nonce, expiresAtMs }).toString();
  return liveBoard(saleId, shard, region).fetch(`https://live-board/?${query}`, {
    headers: { Upgrade: "websocket" },
  });
}

/** A shopper's end of a socket, and everything that came over it. */
export class TestSocket {
  readonly messages: LiveMessage[] = [];
  readonly pongs: string[] = [];
  closed: number | null = null;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text === "pong") this.pongs.push(text);
      else this.messages.push(JSON.parse(text) as LiveMessage);
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
    });
  }

  get last(): LiveMessage | undefined {
    return this.messages.at(-1);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close(1000, "The test is over.");
  }
}

/** Opens a socket. */
export async function openSocket(
  saleId: string,
  options: Parameters<typeof askForSocket>[1] = {},
): Promise<TestSocket> {
  const { webSocket, status } = await askForSocket(saleId, options);
  if (!webSocket) throw new Error(`No socket: ${status}`);
  return new TestSocket(webSocket);
}
