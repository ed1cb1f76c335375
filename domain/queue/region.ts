/**
 * Parts of the world, by the names that Cloudflare gives them as hints for where an object is made
 * (developers.cloudflare.com/durable-objects/reference/data-location). Names of objects are made from
 * them: one that has been used keeps its meaning.
 */
export const REGIONS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

export type Region = (typeof REGIONS)[number];

/** What the edge knows of where a request came in, as `request.cf` says it; any of it may be missing. */
export interface Whence {
  /** Two letters: AF, AN, AS, EU, NA, OC, SA. */
  continent?: string | undefined;
  /** ISO 3166, two letters. */
  country?: string | undefined;
  /** Degrees east, as text. */
  longitude?: string | undefined;
}

/** Whoever comes from nowhere: between the two continents with the most shoppers. */
export const DEFAULT_REGION: Region = "enam";

/** East of the Rocky Mountains and of the plains behind them. */
const EAST_OF_NORTH_AMERICA_DEGREES = -100;
/** From Vienna, Warsaw and Athens on. */
const EAST_OF_EUROPE_DEGREES = 15;

/** In Asia by continent, and far from its other shoppers. */
const MIDDLE_EAST = new Set("AE BH CY GE IL IQ IR JO KW LB OM PS QA SA SY TR YE AM AZ".split(" "));

const REGION_OF_CONTINENT: Readonly<Record<string, Region>> = {
  AF: "afr",
  AS: "apac",
  OC: "oc",
  SA: "sam",
};

/** The region of a request: east and west where a continent has both, a default where nothing is known. */
export function regionOf({ continent = "", country = "", longitude }: Whence = {}): Region {
  const degrees = longitude === undefined ? NaN : Number.parseFloat(longitude);
  if (continent === "NA") return degrees < EAST_OF_NORTH_AMERICA_DEGREES ? "wnam" : "enam";
  if (continent === "EU") return degrees >= EAST_OF_EUROPE_DEGREES ? "eeur" : "weur";
  if (continent === "AS" && MIDDLE_EAST.has(country)) return "me";
  return Object.hasOwn(REGION_OF_CONTINENT, continent)
    ? (REGION_OF_CONTINENT[continent] ?? DEFAULT_REGION)
    : DEFAULT_REGION;
}
