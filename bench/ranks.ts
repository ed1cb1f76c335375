/** The rank of every value, from 0; equal values share one. */
export function ranks(values: readonly number[]): Map<number, number> {
  const sorted = [...new Set(values)].toSorted((a, b) => a - b);
  return new Map(sorted.map((value, index) => [value, index]));
}
