import { randomUUID } from "node:crypto";
import { ServerProcess } from "./server-process.ts";
import { freePort, type System, temporaryState } from "./system.ts";

/** A system that this driver may kill and start again. */
export interface KillableSystem extends System {
  server: ServerProcess;
}

/**
 * Starts a server in a process of its own, on a free port with a state folder of its own. With
 * `laneDelayMs` every call to a lane waits for a random time up to it; payments run `timeScale` times
 * faster than in production.
 */
export async function startOwnServer(laneDelayMs = 0, timeScale = 1): Promise<KillableSystem> {
  const state = await temporaryState();
  const adminToken = randomUUID();
  const server = new ServerProcess({
    port: await freePort(),
    stateFolder: state.folder,
    adminToken,
    laneDelayMs,
    timeScale,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await state.remove();
  };
  const slowly = laneDelayMs > 0 ? `, with 0 to ${laneDelayMs} ms on every way to a lane` : "";
  const faster = timeScale > 1 ? `, payments at ${timeScale} times their pace` : "";
  console.log(`Starting a server of its own${slowly}${faster}`);
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: server.url, adminToken, server, stop };
}
