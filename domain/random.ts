/** A source of numbers in [0, 1). */
export type Random = () => number;

const UINT32_RANGE = 2 ** 32;
/** The odd constant nearest to 2^32 divided by the golden ratio: spreads neighbouring seeds. */
const GOLDEN_STEP = 0x9e3779b9;

/**
 * A small seeded generator: a Weyl counter whose steps are scrambled by two xor-multiply rounds.
 * The same seed and stream give the same numbers, so a flood's choices can be repeated; it is not
 * for secrets.
 */
export function seededRandom(seed: number, stream = 0): Random {
  let counter = scramble(seed ^ Math.imul(stream + 1, GOLDEN_STEP));
  return () => {
    counter = (counter + GOLDEN_STEP) | 0;
    return scramble(counter) / UINT32_RANGE;
  };
}

/** A whole-number hash of 32 bits in, 32 bits out, unsigned. */
function scramble(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
