/** Where something is sent, as a shopper types it. */
export interface PostalAddress {
  name?: string | undefined;
  line1: string;
  line2?: string | undefined;
  postalCode: string;
  city: string;
  region?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

/**
 * The same text for the same door however it is typed: case, accents, punctuation, blanks, and what stands
 * on which of the two lines make no difference. Who lives there does not count, nor the region, which
 * follows from the postal code. Words stay as they are: nobody is told apart who spells a street in two ways.
 */
export function normalisePostalAddress(address: PostalAddress): string {
  const { line1, line2 = "", postalCode, city, country } = address;
  const door = fold(`${line1} ${line2}`);
  return [...[country, postalCode, city].map((text) => fold(text).replaceAll(" ", "")), door].join(
    "|",
  );
}

/** Letters and digits; between two numbers a blank stays: 1, flat 12 is not 11, flat 2. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .replace(/(?<!\p{N}) | (?!\p{N})/gu, "");
}
