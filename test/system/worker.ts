import gateway from "../../workers/gateway/index.ts";
import purchase from "../../workers/purchase/index.ts";

export {
  AuditLog,
  BooksService,
  ProviderBreaker,
  PurchaseService,
  Sku,
  SkuIntake,
} from "../../workers/purchase/index.ts";
export {
  BoardFeed,
  LiveBoard,
  LiveRoot,
  QueueLane,
  QueueSequencer,
  WaitingRoomService,
} from "../../workers/waiting-room/index.ts";

/** The gateway's requests and the purchase Worker's queues. */
export default {
  fetch: (request, env, ctx) => gateway.fetch(request, env, ctx),
  queue: (batch, env, ctx) => purchase.queue(batch, env, ctx),
} satisfies ExportedHandler<GatewayEnv & PurchaseEnv>;
