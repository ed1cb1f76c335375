export { LiveBoard } from "../../durable-objects/live-board.ts";
export { LiveRoot } from "../../durable-objects/live-root.ts";
export { QueueLane } from "../../durable-objects/queue-lane.ts";
export { QueueSequencer } from "../../durable-objects/queue-sequencer.ts";
export { BoardFeed } from "./board-feed.ts";
export { WaitingRoomService } from "./service.ts";

/** The Worker has no public surface: it is reached through bindings. */
export default {
  fetch(): Response {
    return new Response(null, { status: 404 });
  },
} satisfies ExportedHandler<WaitingRoomEnv>;
