import { WorkerEntrypoint } from "cloudflare:workers";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { answerBoard, saleIdOf } from "./board-answer.ts";

/**
 * The board of a sale, for the gateway's isolates: the one entrypoint with a cache in front, which lets
 * one of all those who ask at once through to the sequencer. The cache is not there locally.
 */
export class BoardFeed extends WorkerEntrypoint<WaitingRoomEnv> {
  override fetch(request: Request): Promise<Response> {
    const saleId = saleIdOf(request.url);
    return answerBoard(
      () => this.env.QUEUE_SEQUENCER.getByName(saleId).board(),
      () => systemRuntime.now(),
    );
  }
}
