/**
 * A failure that the person at the terminal can do something about. The message says what happened
 * and what to do; it is printed alone, without a stack trace.
 */
export class LocalError extends Error {
  override readonly name = "LocalError";
}

/**
 * Runs the body of a command line tool. A `LocalError` ends the process with its message and exit
 * code 1; anything else is a bug and keeps its stack trace.
 */
export async function runCommand(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const isExpected = error instanceof LocalError;
    console.error(isExpected ? `ropeline: ${error.message}` : error);
    process.exit(1);
  }
}

/** The `code` of a Node.js system error such as `EADDRINUSE`, or undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
