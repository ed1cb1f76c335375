/** Units of this item that count against a limit. */
export interface ShopperUnits {
  held: number;
  bought: number;
}

export const NO_UNITS: ShopperUnits = { held: 0, bought: 0 };
