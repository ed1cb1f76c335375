import { Kernel } from "../kernel/kernel.ts";
import type { Construct, Instance } from "../platform/incarnation.ts";
import { bindNamespace } from "../platform/namespace.ts";
import { Network, type Caller } from "../platform/network.ts";
import { ObjectHost } from "../platform/object-host.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { drive } from "./driver.ts";
import { Probe, probeOf, type ProbeEnv, type Seen } from "./probe.ts";

/** Any time will do. */
const START_MS = Date.UTC(2030, 0, 1);

/** The objects of one program, in the simulator without faults. */
class ProbeWorld {
  readonly kernel: Kernel;
  readonly #network: Network;
  readonly #hosts = new Map<string, ObjectHost>();
  readonly #seen: Seen = new Map();

  constructor(seed: number) {
    this.kernel = new Kernel({ seed, startMs: START_MS, faults: [], keepHistory: false });
    this.#network = new Network(this.kernel);
  }

  bind(caller: Caller): ProbeEnv["PROBE"] {
    const namespace = bindNamespace(this.#network, caller, (name) => this.#host(name));
    return namespace as unknown as ProbeEnv["PROBE"];
  }

  close(): void {
    for (const host of this.#hosts.values()) host.storage.close();
  }

  #host(name: string): ObjectHost {
    const known = this.#hosts.get(name);
    if (known) return known;
    const construct: Construct = (ctx, caller, runtime) => {
      const env: ProbeEnv = { PROBE: this.bind(caller) };
      return new Probe(ctx, env, runtime, this.#seen) as unknown as Instance;
    };
    const watcher = { threw: () => {}, written: () => {}, durable: () => {}, lost: () => {} };
    const host = new ObjectHost(this.kernel, watcher, {
      node: name,
      name,
      kind: null,
      construct,
    });
    this.#hosts.set(name, host);
    return host;
  }
}

/**
 * Runs the program of this name in the simulator, with the delays that a seed gives.
 *
 * @throws Error when the program waits for something that does not happen.
 */
export async function runInSimulator(program: string, seed: number): Promise<string[]> {
  const world = new ProbeWorld(seed);
  const { scheduler } = world.kernel;
  const namespace = world.bind(new WorkerCaller(world.kernel, "driver"));
  try {
    let isOver = false;
    const driven = drive(program, {
      probe: (role) => probeOf(namespace, program, role),
      sleep: (delayMs) => scheduler.sleep(delayMs * 1000),
    }).finally(() => {
      isOver = true;
    });
    // Told below, once no step is left to take.
    driven.catch(() => {});
    while (await scheduler.step()) if (isOver) break;
    if (!isOver) throw new Error("Nothing happens any more, and the program goes on.");
    return await driven;
  } finally {
    world.close();
  }
}
