import type { Money } from "./money.ts";
import type { SaleControl, SaleDefinition } from "./purchase/sale.ts";

/** Something a shop sells. */
export interface Product {
  productId: string;
  name: string;
  description: string;
  price: Money;
  images: string[];
}

/** What is to change about a product; what is left out stays. */
export type ProductChanges = Partial<Omit<Product, "productId">>;

/** A sale as the catalogue lists it: what was defined, and its control as last written. */
export interface CataloguedSale {
  definition: SaleDefinition;
  control: SaleControl;
}

/** An item of a sale to be created; name and regular price come from its product. */
export interface NewSaleItem {
  sku: string;
  productId: string;
  salePrice: Money;
  stock: number;
  intakes?: number | undefined;
}

/** A sale to be created. Repeating a `saleId` finishes or returns that sale. */
export interface NewSale extends Omit<SaleDefinition, "items"> {
  draft: boolean;
  startsAtMs: number;
  endsAtMs: number;
  items: NewSaleItem[];
}
