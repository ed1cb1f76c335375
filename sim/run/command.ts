import { UsageError } from "../../bench/options.ts";

/** What a shell expects of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Runs a command and sets the exit code: what it answers, 2 for a mistake on the command line, 1 for any
 * other error. Ctrl-C aborts the signal; the second one ends the process as usual.
 */
export async function runCommand(
  main: (args: readonly string[], signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  try {
    process.exitCode = await main(process.argv.slice(2), interrupt.signal);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? `${error.message}; --help lists the options` : error);
    process.exitCode = isUsage ? 2 : 1;
  }
}
