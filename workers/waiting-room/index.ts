import { WorkerEntrypoint } from "cloudflare:workers";
export { QueueLane } from "../../durable-objects/queue-lane.ts";
export { QueueSequencer } from "../../durable-objects/queue-sequencer.ts";
export class WaitingRoomService extends WorkerEntrypoint<Env> {}
export default { fetch() { return new Response("", {status: 404}); } };
