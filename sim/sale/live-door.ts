import { encodeBase64url } from "../../domain/base64url.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import { LIVE_TOKEN_MS } from "../../domain/queue/live.ts";
import { liveShardName, liveShardOf } from "../../domain/queue/live-tree.ts";
import type { Region } from "../../domain/queue/region.ts";
import type { Dice } from "../kernel/dice.ts";
import { upgrade, type ClientSocket } from "../platform/socket.ts";
import type { WorkerCaller } from "../platform/worker.ts";
import type { Seals } from "./keys.ts";
import { SALE_ID, type World } from "./world.ts";

/** 96 bits, as the gateway draws them. */
const NONCE_BYTES = 12;

/** The gateway's two steps to a socket, at one edge: an address, and the way to the shopper's shard. */
export class LiveDoor {
  readonly #world: World;
  readonly #caller: WorkerCaller;
  readonly #seals: Seals;
  readonly #dice: Dice;
  /** Sockets that go through here. */
  readonly #sockets = new Set<ClientSocket>();

  constructor(world: World, caller: WorkerCaller, seals: Seals) {
    this.#world = world;
    this.#caller = caller;
    this.#seals = seals;
    this.#dice = world.kernel.dice.fork(`${caller.node}/live`);
  }

  /** The right to a socket, by ticket or, where there is none yet, by whom the access token speaks for. */
  address(
    subject: string,
    ticketToken: string,
    region: Region,
  ): { ok: true; token: string } | Refusal {
    const binding = this.#seals.binding(SALE_ID, subject);
    if (ticketToken !== "" && this.#seals.openTicket(ticketToken)?.binding !== binding)
      return refuse("ticket_invalid");
    const token = this.#seals.liveToken({
      saleId: SALE_ID,
      binding,
      nonce: encodeBase64url(this.#dice.bytes(NONCE_BYTES)),
      expiresAtMs: this.#world.kernel.nowMs(this.#caller.node) + LIVE_TOKEN_MS,
      region,
    });
    return { ok: true, token };
  }

  /** Opens a socket; whether the token has expired is left to the object, which judges it too. */
  async open(token: string): Promise<{ ok: true; socket: ClientSocket } | Refusal> {
    const right = this.#seals.openLiveToken(token);
    if (right?.saleId !== SALE_ID) return refuse("live_token_invalid");
    const { binding, nonce, expiresAtMs, region, saleId } = right;
    const name = liveShardName({ saleId, region, shard: liveShardOf(binding) });
    const query = new URLSearchParams({ binding, nonce, expiresAtMs: String(expiresAtMs) });
    const host = this.#world.host("LIVE_BOARD", name);
    const url = `https://live-board/?${query.toString()}`;
    const answer = await upgrade(this.#world.network, this.#caller, host, url);
    if (!answer.webSocket) return (await answer.json()) as Refusal;
    this.#sockets.add(answer.webSocket);
    return { ok: true, socket: answer.webSocket };
  }

  /** The isolate starts anew: what goes through it is lost. */
  restart(): void {
    for (const socket of this.#sockets) socket.cut();
    this.#sockets.clear();
  }
}
