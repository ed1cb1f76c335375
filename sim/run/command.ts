import { runMain } from "../../bench/options.ts";

/** What a shell expects of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Runs a command as `runMain` does. Ctrl-C aborts the signal; the second one ends the process as usual.
 */
export async function runCommand(
  main: (args: readonly string[], signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  await runMain((args) => main(args, interrupt.signal));
}
