import { expect, it } from "vitest";
import { keptReceipt } from "../../verify/evidence.ts";
import { download, OUTSIDE } from "../../verify/source/download.ts";
import { verifyLog } from "../../verify/verify.ts";
import { useThreeWorkers } from "../support/three-workers.ts";

const { client, harness } = useThreeWorkers();
const ADDRESS = "https://shop.example/api/v1/sales/proven/fairness";

it("gives receipts that the published log holds to, as outsiders verify it", async () => {
  await client.sale("proven");
  const joins = [];
  for (let joined = 0; joined < 3; joined++) {
    const bearer = await client.guest();
    joins.push({ bearer, answer: await client.call("POST", "/sales/proven/queue", { bearer }) });
  }
  await client.admitted("proven");
  const kept = joins.map(({ answer }, index) => keptReceipt(`receipt ${index}`, answer.text));
  const [first] = joins;
  const again = await client.call("POST", "/sales/proven/queue", { bearer: first?.bearer ?? "" });
  expect(again.body["receipt"]).toEqual(first?.answer.body["receipt"]);

  const fetchHere: unknown = (address: string) => harness.fetch(new URL(address).pathname);
  const outside = { ...OUTSIDE, fetch: fetchHere as typeof fetch };
  const read = async () => verifyLog(await download(ADDRESS, 0, () => {}, outside), [], kept);
  // A head covers the grant within a second.
  const granted = async () => (await read()).rules.admissions.granted;
  await expect.poll(granted, { timeout: 20_000 }).toBe(1);
  const verdict = await read();
  expect(verdict.findings).toEqual([]);
  expect(verdict).toMatchObject({ sale: "proven", kept: 3, tiles: 1 });
  expect(verdict.rules.joins.count).toBe(4);
});
