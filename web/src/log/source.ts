/** A sale's public log over HTTP. */
import { NoAnswer } from "../problem.ts";
import type { Bytes } from "./bytes.ts";
import { LogFault } from "./fault.ts";

/** As long as any other call of the pages. */
const CALL_TIMEOUT_MS = 10_000;

/** Where a log is read; every function throws NoAnswer, or LogFault `missing`. */
export interface LogSource {
  /** The newest checkpoint, signed. */
  readonly checkpoint: () => Promise<string>;
  /** The keys that sign checkpoints, one a line. */
  readonly keys: () => Promise<string>;
  /** A tile by its path, such as `tile/0/000.p/5`. */
  readonly tile: (path: string) => Promise<Bytes>;
}

/** The log of a sale, as this page's shop serves it. */
export function logOf(saleId: string): LogSource {
  const ask = async (path: string): Promise<Bytes> => {
    const address = `/api/v1/sales/${encodeURIComponent(saleId)}/fairness/${path}`;
    let bytes: ArrayBuffer;
    let response: Response;
    try {
      response = await fetch(address, {
        credentials: "omit",
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      bytes = await response.arrayBuffer();
    } catch (error) {
      throw new NoAnswer(error);
    }
    if (response.ok) {
      return new Uint8Array(bytes);
    }
    if (response.status === 429 || response.status >= 500) {
      throw new NoAnswer(`status ${response.status}`);
    }
    throw new LogFault("missing", `${path} is not there: status ${response.status}.`);
  };
  const text = async (path: string): Promise<string> => new TextDecoder().decode(await ask(path));
  return { checkpoint: () => text("checkpoint"), keys: () => text("keys"), tile: ask };
}
