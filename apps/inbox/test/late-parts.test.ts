import type { Holdpoint } from "@holdpoint/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person, waitingHold } from "./person.ts";
import { putPolicy } from "./policy-scenes.ts";
import { ServiceProcess } from "./service-process.ts";

const WORDS = "This part of the page could not be loaded";

describe("a part of the page whose code does not come", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  let admin: Holdpoint;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    admin = service.client();
    ada = await Person.signIn(browser, service.signInUrl);
    await putPolicy(admin, {
      rules: [
        { id: "notes", tools: ["post_note"], effect: { level: "mandatory_review", grants: "allowed" } },
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  const notice = () => ada.page.getByRole("alert").filter({ hasText: WORDS });

  /** Until it is called back: no file of the part comes, as the network lost it or as a newer build took it away. */
  async function lose(part: string, how: "network" | "update" = "network"): Promise<() => Promise<void>> {
    const files = new RegExp(`/assets/${part}-`);
    await ada.page.route(files, (route) =>
      how === "network" ? route.abort("internetdisconnected") : route.fulfill({ status: 404 }),
    );
    return () => ada.page.unroute(files);
  }

  async function propose(impact: "low" | "high"): Promise<string> {
    const { id = "" } = (await admin.holds.create({
      action: {
        name: "post_note",
        arguments: { channel: "team", count: 3 },
        reversibility: "reversible",
        impact,
      },
    })) as { id?: string };
    return id;
  }

  test("is told where it would be, beside all the rest and what was typed there, and is there at another try", async () => {
    const giveBack = await lose("edit-panel");
    await ada.open(service, `/holds/${await propose("low")}`);
    await ada.button("Reject").click();
    await ada.page.getByLabel("Why not? The agent reads this.").fill("Not before Monday.");
    await ada.button("Cancel").click();
    await ada.button("Edit").click();
    await notice().waitFor();
    await ada.page.getByRole("heading", { name: "Post note, count 3", level: 2 }).waitFor();
    await ada.button("Try again").click();
    await notice().waitFor();
    await giveBack();
    await ada.button("Try again").click();
    await ada.page.getByLabel("count", { exact: true }).fill("2");
    await ada.button("Approve with 1 change").waitFor();
    await ada.page.keyboard.press("Escape");
    await ada.button("Reject").click();
    const words = await ada.page.getByLabel("Why not? The agent reads this.").inputValue();
    expect(words).toBe("Not before Monday.");
  });

  test("of what confirms, nothing is told before it is wanted; without it nothing is decided", async () => {
    const id = await propose("high");
    const lost = ada.page.waitForRequest(/\/assets\/confirm-dialog-.*again=/);
    const giveBack = await lose("confirm-dialog");
    await ada.open(service, `/holds/${id}`);
    await lost;
    await ada.button(/^Approve and/).click();
    await notice().waitFor();
    expect((await admin.holds.get(id)).status).toBe("pending");
    await ada.page.keyboard.press("Escape");
    await notice().waitFor({ state: "detached" });
    expect(ada.page.url()).toContain(id);
    await ada.button(/^Approve and/).click();
    await giveBack();
    await ada.button("Try again").click();
    await ada.confirmation.getByRole("button", { name: /^Approve and/ }).click();
    await ada.state.getByText("Approved, not executed yet").waitFor();
  });

  test("after an update the page is loaded anew, with what was typed", async () => {
    const giveBack = await lose("grant-dialog", "update");
    await ada.open(service, `/holds/${await propose("low")}`);
    await ada.button("Reject").click();
    await ada.page.getByLabel("Why not? The agent reads this.").fill("Not before Tuesday.");
    await ada.button("Cancel").click();
    await ada.button("Always allow…").click();
    await notice().waitFor();
    await giveBack();
    await ada.button("Reload the page").click();
    await notice().waitFor({ state: "detached" });
    await ada.button("Always allow…").click();
    await ada.page.getByRole("dialog", { name: /^Always allow/ }).waitFor();
    await ada.page.keyboard.press("Escape");
    await ada.button("Reject").click();
    const words = await ada.page.getByLabel("Why not? The agent reads this.").inputValue();
    expect(words).toBe("Not before Tuesday.");
  });

  test("the sheet of keys, and what amends a call", async () => {
    const giveKeysBack = await lose("key-sheet");
    const giveFormBack = await lose("amend-call");
    const { runId } = await admin.holds.get(
      await waitingHold(service, "Delete 50 old records from the users table"),
    );
    await ada.open(service, `/runs/${runId ?? ""}`);
    await ada.button("Amend…").click();
    await notice().waitFor();
    await giveFormBack();
    await ada.button("Try again").click();
    await ada.page.getByLabel("Why? Whoever decides reads this.").waitFor();
    await ada.button("Go back").click();
    await ada.page.keyboard.press("?");
    await notice().waitFor();
    await giveKeysBack();
    await ada.button("Try again").click();
    await ada.page.getByRole("dialog", { name: "Keys" }).waitFor();
    await ada.page.keyboard.press("Escape");
  });

  test("what asks a question, and the run so far", async () => {
    const giveQuestionBack = await lose("question-panel");
    const giveRunBack = await lose("run-so-far");
    const asked = (await admin.holds.create({
      kind: "clarification",
      question: {
        type: "choice",
        multiple: false,
        guidance: "Which?",
        options: [
          { value: "a", label: "The first" },
          { value: "b", label: "The second" },
        ],
      },
    })) as { id: string };
    await ada.open(service, `/holds/${asked.id}`);
    await notice().waitFor();
    await giveQuestionBack();
    await ada.button("Try again").click();
    await ada.page.getByRole("radio").first().waitFor();
    const held = await waitingHold(service, "Delete 50 old records from the users table");
    await ada.open(service, `/holds/${held}`);
    await notice().waitFor();
    await giveRunBack();
    await ada.button("Try again").click();
    await ada.page.getByRole("heading", { name: "The run so far" }).waitFor();
  });

  test("a page: the way to the others stays", async () => {
    const giveBack = await lose("runs-page");
    await ada.open(service, "/inbox");
    await ada.page.getByRole("link", { name: "Runs" }).click();
    await notice().waitFor();
    await ada.page.getByRole("link", { name: "Inbox" }).waitFor();
    await giveBack();
    await ada.button("Try again").click();
    await ada.page.getByLabel(/What should/).waitFor();
    expect(ada.page.url()).toMatch(/\/runs$/);
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
