import type { Board } from "../../domain/queue/board.ts";
import {
  answerBoard,
  boardUrl,
  readBoardAnswer,
  saleIdOf,
} from "../../workers/waiting-room/board-answer.ts";
import type { SimulatedResponse } from "../platform/socket.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { World } from "./world.ts";

/** What the cache is asked to keep, and for how many seconds. */
const KEEP = /^public, max-age=(\d+)/;

/**
 * The board's feed behind Cloudflare's cache, one for all edges: of those who ask at once one comes through, and a
 * fresh answer is given again for as long as it says.
 */
export class Feed {
  readonly #world: World;
  readonly #caller: WorkerCaller;
  readonly #cover: (name: string) => void;
  readonly #kept = new Map<string, { answer: SimulatedResponse; untilUs: number }>();
  readonly #underWay = new Map<string, Promise<SimulatedResponse>>();

  constructor(world: World, cover: (name: string) => void) {
    this.#world = world;
    this.#cover = cover;
    this.#caller = new WorkerCaller(world.kernel, "feed");
  }

  /**
   * A sale's board, as an edge reads it.
   * @throws Error as the feed met it.
   */
  async board(saleId: string): Promise<Board | null> {
    const answer = await this.#fetch(boardUrl(saleId));
    return readBoardAnswer(answer as unknown as Response);
  }

  #fetch(url: string): Promise<SimulatedResponse> {
    const { scheduler } = this.#world.kernel;
    const kept = this.#kept.get(url);
    if (kept && kept.untilUs > scheduler.nowUs) {
      this.#cover("board.kept");
      return Promise.resolve(kept.answer);
    }
    const known = this.#underWay.get(url);
    if (known) return known;
    const asked = this.#answer(url).finally(() => this.#underWay.delete(url));
    this.#underWay.set(url, asked);
    return asked;
  }

  async #answer(url: string): Promise<SimulatedResponse> {
    const { scheduler } = this.#world.kernel;
    const sequencer = this.#world.sequencers(this.#caller).getByName(saleIdOf(url));
    const answer = (await answerBoard(
      () => sequencer.board(),
      () => this.#caller.runtime.now(),
    )) as unknown as SimulatedResponse;
    const seconds = Number(KEEP.exec(answer.cacheControl)?.[1] ?? 0);
    this.#kept.set(url, { answer, untilUs: scheduler.nowUs + seconds * 1_000_000 });
    return answer;
  }
}
