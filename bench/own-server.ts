import { randomUUID } from "node:crypto";
import { type FaultPlan, NO_FAULTS, sentencesOf } from "./faults/plan.ts";
import { ServerProcess } from "./server-process.ts";
import { freePort, type System, temporaryState } from "./system.ts";

/** A system that this driver may kill and start again. */
export interface KillableSystem extends System {
  server: ServerProcess;
}

/**
 * Starts a server in a process of its own, on a free port with a state folder of its own, and with these
 * faults; payments run `timeScale` times faster than in production. With `isPurchaseApart` it has two of the runtime's.
 */
export async function startOwnServer(
  faults: FaultPlan = NO_FAULTS,
  timeScale = 1,
  isPurchaseApart = false,
): Promise<KillableSystem> {
  const state = await temporaryState();
  const adminToken = randomUUID();
  const edgePort = isPurchaseApart ? await freePort() : null;
  const server = new ServerProcess({
    port: await freePort(),
    stateFolder: state.folder,
    adminToken,
    faults,
    timeScale,
    purchaseApart: edgePort === null ? null : { edgePort },
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await state.remove();
  };
  const faster = timeScale > 1 ? [`payments at ${timeScale} times their pace`] : [];
  const apart = isPurchaseApart ? ["purchases in a process of their own"] : [];
  const manner = [...sentencesOf(faults), ...faster, ...apart]
    .map((part) => `, with ${part}`)
    .join("");
  console.log(`Starting a server of its own${manner}`);
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const secondEdgeUrl = edgePort === null ? null : `http://127.0.0.1:${edgePort}`;
  return { url: server.url, secondEdgeUrl, adminToken, server, stop };
}
