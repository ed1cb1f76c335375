import gateway from "../../workers/gateway/index.ts";
import purchase from "../../workers/purchase/index.ts";

export { PurchaseService, Sku } from "../../workers/purchase/index.ts";
export { QueueLane, QueueSequencer, WaitingRoomService } from "../../workers/waiting-room/index.ts";

export default { fetch: gateway.fetch, queue: purchase.queue };
