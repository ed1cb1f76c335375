import { randomUUID } from "node:crypto";
import { ServerProcess } from "./server-process.ts";
import { freePort, type System, temporaryState } from "./system.ts";

/** A system that this driver may kill and start again. */
export interface KillableSystem extends System {
  server: ServerProcess;
}

/** Starts a server in a process of its own, on a free port with a state folder of its own. */
export async function startOwnServer(): Promise<KillableSystem> {
  const state = await temporaryState();
  const adminToken = randomUUID();
  const server = new ServerProcess({
    port: await freePort(),
    stateFolder: state.folder,
    adminToken,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await state.remove();
  };
  console.log("Starting a server of its own");
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: server.url, adminToken, server, stop };
}
