/** The page of a receipt: checks it against the sale's public log, here in the browser. */
import { byId, focusOn, h, setText } from "./dom.ts";
import { fairnessLink, receiptLink, saleLink, saleOfPage } from "./links.ts";
import { checkReceipt, CHECKS, type CheckName, type CheckResult } from "./log/check-receipt.ts";
import {
  FILE_MAX_BYTES,
  heldReceipt,
  keepHeads,
  readReceiptFile,
  receiptFile,
  type HeldReceipt,
} from "./log/receipt-file.ts";
import {
  CHECK_TITLES,
  checkText,
  overallText,
  verdictOf,
  type Verdict,
} from "./log/receipt-text.ts";
import { logOf } from "./log/source.ts";
import { createNotice } from "./notice.ts";
import { lead, mainButton, panelHeading, quietButton } from "./panels/panel.ts";

const main = byId("main");
const stage = byId("stage");
const showNotice = createNotice(byId("notice"));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Checks a receipt and shows what comes of it, check by check. Of an opened file nothing is kept here. */
async function show(held: HeldReceipt, isKeptHere: boolean): Promise<void> {
  main.dataset["state"] = "checking";
  showNotice("");
  const heading = panelHeading("Checking…");
  const explained = lead("The log is read and computed again in this browser.");
  const rows = new Map(CHECKS.map((name) => [name, checkRow(name)]));
  let heads = held.heads;
  const save = mainButton("save", "Save the receipt", () => saveFile({ ...held, heads }));
  const again = quietButton(
    "again",
    "Check again",
    () => void show({ ...held, heads }, isKeptHere),
  );
  stage.replaceChildren(
    h(
      "div",
      { class: "panel-body" },
      heading,
      explained,
      h("ol", { class: "checks" }, ...rows.values()),
      h("div", { class: "actions" }, save, again, openButton()),
      h(
        "p",
        { class: "fine" },
        "This browser keeps the receipt for a week. The file gives nobody your place: show it to whom you like. Whoever checks the whole sale (npm run verify-sale) can check it along.",
      ),
      furtherLinks(held.saleId),
    ),
  );
  const verdicts: Verdict[] = [];
  const told = (result: CheckResult): void => {
    verdicts.push(verdictOf(result));
    fillRow(rows.get(result.name), result, held);
  };
  heads = await checkReceipt(held, logOf(held.saleId), told, wait);
  if (isKeptHere) {
    keepHeads(held.saleId, heads);
  }
  const [title, text] = overallText(verdicts);
  setText(heading, title);
  setText(explained, text);
  document.title = `${title} · Ropeline`;
  const worst = (["failed", "open"] as const).find((verdict) => verdicts.includes(verdict));
  main.dataset["state"] = worst ?? "passed";
  focusOn(heading);
}

function checkRow(name: CheckName): HTMLLIElement {
  return h(
    "li",
    { class: "check", "data-testid": `check-${name}` },
    h("h3", {}, CHECK_TITLES[name]),
    h("p", { class: "fine" }, "…"),
  );
}

const SPOKEN = { passed: "Holds: ", failed: "Does not hold: ", open: "Not checked: " } as const;

function fillRow(row: HTMLLIElement | undefined, result: CheckResult, held: HeldReceipt): void {
  const verdict = verdictOf(result);
  const { said, advice } = checkText(result, held);
  const { error, details } = result;
  const reason = error instanceof Error ? [["Reason", error.message] as const] : [];
  row?.setAttribute("data-verdict", verdict);
  row?.replaceChildren(
    h(
      "h3",
      {},
      h("span", { class: "visually-hidden" }, SPOKEN[verdict]),
      CHECK_TITLES[result.name],
    ),
    h("p", {}, said),
    advice === null ? "" : h("p", { class: "check-advice" }, advice),
    h(
      "details",
      {},
      h("summary", {}, "Details"),
      h(
        "dl",
        { class: "check-details" },
        ...[...reason, ...details].flatMap(([term, text]) => [
          h("dt", {}, term),
          h("dd", { class: "code" }, text),
        ]),
      ),
    ),
  );
}

function saveFile(held: HeldReceipt): void {
  const href = URL.createObjectURL(new Blob([receiptFile(held)], { type: "application/json" }));
  h("a", { href, download: `receipt-${held.saleId}.json` }).click();
  URL.revokeObjectURL(href);
}

/** A file is opened, checked and forgotten: whose place this browser keeps is decided by joining. */
function openButton(): HTMLElement {
  const input = h("input", {
    type: "file",
    accept: "application/json,.json",
    class: "visually-hidden",
    "data-testid": "open",
    change: () => void openFile(input.files?.[0]),
  });
  return h("label", { class: "button button-quiet file-button" }, "Open a file", input);
}

async function openFile(file: File | undefined): Promise<void> {
  const held = file && file.size <= FILE_MAX_BYTES ? readReceiptFile(await file.text()) : null;
  if (held === null) {
    showNotice("This file is no receipt. Open one that was saved on this page.");
    return;
  }
  history.replaceState(null, "", receiptLink(held.saleId));
  await show(held, false);
}

function furtherLinks(saleId: string): HTMLElement {
  return h(
    "p",
    { class: "proof-links" },
    h("a", { href: fairnessLink(saleId) }, "How the line was kept"),
    h("a", { href: saleLink(saleId) }, "Back to the sale"),
  );
}

function showNone(saleId: string | null): void {
  main.dataset["state"] = "missing";
  stage.replaceChildren(
    h(
      "div",
      { class: "panel-body" },
      panelHeading("There is no receipt here"),
      lead(
        "A receipt comes with a place in line and is kept by the browser that joined, for a week. If you saved yours as a file, open it here.",
      ),
      h("div", { class: "actions" }, openButton()),
      saleId === null ? null : furtherLinks(saleId),
    ),
  );
}

const saleId = saleOfPage();
const held = saleId === null ? null : heldReceipt(saleId);
if (held === null) {
  showNone(saleId);
} else {
  void show(held, true);
}
