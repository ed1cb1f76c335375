/** The admin page: asks for the token, keeps it for this tab, opens the console. */
import { AdminApi } from "./admin/admin-api.ts";
import { showConsole } from "./admin/console.ts";
import { byId, h } from "./dom.ts";
import { inputField, textOf, workForm } from "./admin/form.ts";

const TOKEN = "ropeline.admin-token";

const host = byId("console");
const signOut = byId("sign-out");

function leave(): void {
  sessionStorage.removeItem(TOKEN);
  location.reload();
}

function open(token: string): void {
  signOut.hidden = false;
  byId("main").dataset["state"] = "open";
  showConsole(host, new AdminApi(token), leave);
}

async function tryToken(data: FormData): Promise<string> {
  const token = textOf(data, "token");
  // A wrong token is told here, before it is kept.
  await new AdminApi(token).sales();
  sessionStorage.setItem(TOKEN, token);
  open(token);
  return "";
}

function askForToken(): void {
  byId("main").dataset["state"] = "locked";
  host.replaceChildren(
    h(
      "section",
      { class: "admin-card gate" },
      h("p", { class: "lead" }, "The admin token is printed where the shop was started."),
      workForm(
        "Open the console",
        tryToken,
        inputField("Admin token", "token", {
          type: "password",
          autocomplete: "current-password",
          required: true,
          "data-testid": "admin-token",
        }),
      ),
    ),
  );
}

signOut.addEventListener("click", leave);
const kept = sessionStorage.getItem(TOKEN);
if (kept === null) {
  askForToken();
} else {
  open(kept);
}
