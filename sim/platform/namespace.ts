import type { Caller, Network } from "./network.ts";
import { copied } from "./copy.ts";
import type { Connection, ObjectHost } from "./object-host.ts";

type Method = (...args: unknown[]) => Promise<unknown>;

/** The binding of a class of objects as one caller has it. */
export interface SimulatedNamespace {
  getByName(name: string): Record<string, Method>;
}

/**
 * Binds a class of objects for a caller. A stub whose call failed on its way stays broken, and one that
 * reached an object does not outlive that object's life in memory, so that code that keeps one is found
 * out (docs: durable-objects/best-practices/error-handling).
 */
export function bindNamespace(
  network: Network,
  caller: Caller,
  hostOf: (name: string) => ObjectHost,
): SimulatedNamespace {
  return { getByName: (name) => stubOf(network, caller, hostOf(name)) };
}

function stubOf(network: Network, caller: Caller, host: ObjectHost): Record<string, Method> {
  let broken: { error: unknown } | null = null;
  const connection: Connection = { to: null };
  const call = async (method: string, args: unknown[]): Promise<unknown> => {
    if (broken) throw broken.error;
    const sent = copied(args);
    try {
      return await network.exchange(caller, host.node, `${host.node}.${method}`, (answer) => {
        host.invoke(method, sent, { connection, answer });
      });
    } catch (error) {
      if (!isRemote(error)) broken = { error };
      throw error;
    }
  };
  return new Proxy<Record<string, Method>>(
    {},
    {
      // A stub is not a promise: what awaits one by mistake must not call a method "then".
      get: (_, method) =>
        method === "then" ? undefined : (...args: unknown[]) => call(String(method), args),
    },
  );
}

function isRemote(error: unknown): boolean {
  return typeof error === "object" && error !== null && "remote" in error && error.remote === true;
}
