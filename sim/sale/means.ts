/** Shoppers share few networks, cards and postal addresses: units are limited by each in some sales. */
const NETWORKS = 3;
const CARDS = 4;
const HOMES = 5;

/** The address from which a shopper comes; thieves have one of their own. */
export function addressOf(subject: string): string {
  return `203.0.113.${Number(subject.slice("g_".length)) % NETWORKS}`;
}

/** The card that a shopper pays with; it says how the payment ends no more than a real one does. */
export function cardOf(subject: string): string {
  return `card-${Number(subject.slice("g_".length)) % CARDS}`;
}

/** Where a shopper has things sent to. */
export function homeOf(subject: string): string {
  return `home-${Number(subject.slice("g_".length)) % HOMES}`;
}
