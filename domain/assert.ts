/**
 * Stops on a broken invariant: a bug, never a shopper's mistake.
 *
 * @throws Error with the message, which says what was expected to hold.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
