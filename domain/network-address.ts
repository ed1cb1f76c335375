/** Groups of an IPv6 address that name a network: the other half its owner chooses freely. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/**
 * The network of an address as the edge writes it: an IPv4 address itself, of an IPv6 address the first 64
 * bits, since a household or a host gets all that are behind them (RFC 6177). Anything else is its own.
 */
export function networkOf(address: string): string {
  const text = address.trim().toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  if (!text.includes(":")) return text;
  const [head = "", tail] = text.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, GROUPS - front.length - back.length);
  const groups = [...front, ...Array<string>(missing).fill("0"), ...back];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${network.join(":")}::/64`;
}
