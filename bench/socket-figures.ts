import type { ShopperRecord, SocketTold } from "./shopper-record.ts";

/** How the sockets of a crowd fared, in sum. */
export interface SocketFigures extends SocketTold {
  /** Who wanted to wait by a socket and had to wait. */
  shoppers: number;
}

/** Adds up what the shoppers' records say. */
export function socketFigures(records: readonly ShopperRecord[]): SocketFigures {
  const sum: SocketFigures = {
    shoppers: 0,
    opened: 0,
    refused: 0,
    lost: 0,
    boards: 0,
    claimsTooSoon: 0,
  };
  for (const { socket } of records) {
    if (socket === null) continue;
    sum.shoppers += 1;
    sum.opened += socket.opened;
    sum.refused += socket.refused;
    sum.lost += socket.lost;
    sum.boards += socket.boards;
    sum.claimsTooSoon += socket.claimsTooSoon;
  }
  return sum;
}
