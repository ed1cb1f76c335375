/** Which orders an admin asks for. */
export interface OrderFilter {
  saleId: string | null;
  status: string | null;
}
