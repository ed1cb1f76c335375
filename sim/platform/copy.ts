/** Deeper than any message: what goes on for ever is left to `structuredClone`. */
const DEPTH_MAX = 50;

/**
 * A copy as a call makes it, as `structuredClone` does, at a tenth of its price for what most messages are made of:
 * plain objects, arrays, texts and numbers.
 *
 * @throws DOMException for what cannot be copied.
 */
export function copied<Value>(value: Value): Value {
  return copyOf(value, 0) as Value;
}

function copyOf(value: unknown, depth: number): unknown {
  if (value === null || typeof value !== "object") {
    // Functions and symbols are refused.
    return typeof value === "function" || typeof value === "symbol"
      ? structuredClone(value)
      : value;
  }
  if (depth > DEPTH_MAX) return structuredClone(value);
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = copyOf(part, depth + 1);
  return copy;
}
