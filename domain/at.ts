/** The number at an index that is there: what the compiler cannot know of a list is known by its reader. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
