import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Cable } from "./cable.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const TASK = "Delete 50 old records from the users table";
const NOTIFY = "Notify user 7: your account will be closed.";

describe("the page stays live and honest", () => {
  let cable: Cable;
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  beforeAll(async () => {
    cable = await Cable.lay();
    service = await ServiceProcess.start({ publicUrl: cable.url });
    cable.leadTo(service.port);
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
  });
  afterAll(async () => {
    await browser?.close();
    await cable?.cut();
    await service?.remove();
  });

  afterEach(() => cable.mend());

  test("new items wait behind a button; nothing moves until it is pressed", async () => {
    await waitingHold(service, TASK);
    // An empty list has nothing to move.
    await ada.list.getByRole("link", { name: /Delete 50 records/ }).waitFor();
    await waitingHold(service, NOTIFY);
    await ada.button("1 new").waitFor();
    expect(await ada.list.getByRole("link").count()).toBe(1);
    await ada.button("1 new").click();
    await ada.list.getByRole("link", { name: /Send notification/ }).waitFor();
    expect(await ada.list.getByRole("link").count()).toBe(2);
    await expect.poll(() => ada.page.title()).toBe("(2) Holdpoint");
  });

  test("defect 20: a reload loses nothing that waits, and nothing that was written", async () => {
    await ada.list.getByRole("link", { name: /Send notification/ }).click();
    await ada.button("Reject").click();
    await ada.page.getByLabel("Why not? The agent reads this.").fill("Not before Monday.");
    const address = ada.page.url();
    await ada.page.reload();
    expect(ada.page.url()).toBe(address);
    await ada.page.getByRole("heading", { name: "Send notification", level: 2 }).waitFor();
    expect(await ada.list.getByRole("link").count()).toBe(2);
    await ada.button("Reject").click();
    expect(await ada.page.getByLabel("Why not? The agent reads this.").inputValue()).toBe(
      "Not before Monday.",
    );
    await ada.button("Cancel").click();
    // Another browser of the same person shows the same, at the same address.
    const { signInLink } = await service
      .client()
      .members.add({ name: "Mia", email: "mia@example.com", role: "manager" });
    const mia = await Person.signIn(browser, signInLink.url);
    await mia.page.goto(address);
    await mia.page.getByRole("heading", { name: "Send notification", level: 2 }).waitFor();
    await mia.context.close();
  });

  test("defect 25: the buttons live on when the service was restarted under the open page", async () => {
    const id = await waitingHold(service, NOTIFY);
    await openArmed(ada, service, id);
    await service.stop();
    await connectionIs(ada, "Not connected");
    await ada.card.getByText("Not connected: what you see may be old.").waitFor();
    await service.start();
    await connectionIs(ada, "Live");
    await ada.button("Approve and send notification").click();
    await ada.state.getByText("Executed", { exact: true }).waitFor();
  });

  test("what happened while the network was cut is there when it is back", async () => {
    const id = await waitingHold(service, TASK);
    const rob = await joinPastTheCable(browser, service, cable);
    await openArmed(ada, service, id);
    await cable.cut();
    await connectionIs(ada, "Not connected");
    // Of what lays text out nothing comes: it is shown plain, and his page is none the worse.
    const lost = rob.page.waitForRequest("**/assets/markdown-*.js");
    await rob.page.route("**/assets/markdown-*.js", (route) => route.abort());
    await rob.page.goto(`http://localhost:${service.port}/holds/${id}`);
    await lost;
    await rob.button("Reject").click();
    await rob.button("Reject").click();
    await rob.state.getByText("Rejected", { exact: true }).waitFor();
    expect(rob.complaints.filter((words) => words.includes("dynamically imported"))).toEqual([]);
    // What is on Ada's screen is old, and says so; her press is refused by the network, and is not kept for later.
    expect(await ada.state.count()).toBe(0);
    await cable.mend();
    await connectionIs(ada, "Live");
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
    await ada.card.getByText(/Rob rejected this/).waitFor();
    await rob.context.close();
  });

  test("defect 32: a press without a network decides nothing, then or later", async () => {
    const id = await waitingHold(service, NOTIFY);
    await openArmed(ada, service, id);
    await cable.cut();
    await ada.button("Approve and send notification").click();
    await ada.page.getByRole("alert").getByText("The service does not answer").waitFor();
    expect(await ada.state.count()).toBe(0);
    await cable.mend();
    await connectionIs(ada, "Live");
    await openArmed(ada, service, id);
    expect((await service.client().holds.get(id)).status).toBe("pending");
  });

  test("a page that could not be read while the network was away reads itself when it is back", async () => {
    await waitingHold(service, NOTIFY);
    await ada.open(service, "/inbox");
    await ada.list
      .getByRole("link", { name: /Send notification/ })
      .first()
      .waitFor();
    await cable.cut();
    await ada.list
      .getByRole("link", { name: /Send notification/ })
      .first()
      .click();
    await ada.page.getByRole("alert").getByText("The service does not answer").waitFor();
    await cable.mend();
    await ada.page.getByRole("heading", { name: "Send notification", level: 2 }).waitFor();
  });

  test("a card that was read before an event and arrived after it is read again", async () => {
    const id = await waitingHold(service, NOTIFY);
    const answered = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    let reads = 0;
    await ada.page.route(`**/v1/holds/${id}`, async (route) => {
      if (reads++ > 0) return route.continue();
      const response = await route.fetch();
      answered.resolve();
      await late.promise;
      return route.fulfill({ response });
    });
    await ada.open(service, `/holds/${id}`);
    await answered.promise;
    // Once the list is read anew, the page knows of the event.
    const told = ada.page.waitForResponse((response) => response.url().includes("/v1/holds?"));
    await service.client().holds.decide(id, { verdict: "reject" });
    await told;
    late.resolve();
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
    await ada.page.unroute(`**/v1/holds/${id}`);
  });

  test("a cursor that the service does not know (a backup was put back) is given up, and all is read anew", async () => {
    const id = await waitingHold(service, NOTIFY);
    await openArmed(ada, service, id);
    let refused = 0;
    await ada.page.route("**/v1/events", (route) => {
      if (route.request().headers()["last-event-id"] === undefined) return route.continue();
      refused += 1;
      return route.fulfill({
        status: 400,
        contentType: "application/problem+json",
        body: JSON.stringify({
          status: 400,
          code: "invalid_request",
          detail: "Not a cursor of this server.",
        }),
      });
    });
    await cable.cut();
    await connectionIs(ada, "Not connected");
    await service.client().holds.decide(id, { verdict: "reject" });
    await cable.mend();
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
    await connectionIs(ada, "Live");
    expect(refused).toBe(1);
    await ada.page.unroute("**/v1/events");
  });

  test("defect 32: nothing is shown as decided before the service has said so", async () => {
    const id = await waitingHold(service, NOTIFY);
    await openArmed(ada, service, id);
    const held = Promise.withResolvers<void>();
    await ada.page.route("**/decisions", async (route) => {
      await held.promise;
      await route.continue();
    });
    const request = ada.page.waitForRequest("**/decisions");
    await ada.button("Approve and send notification").click();
    await request;
    await ada.button("Approving…").waitFor();
    expect(await ada.button("Approving…").isDisabled()).toBe(true);
    expect(await ada.state.count()).toBe(0);
    await ada.card.getByText("Waits for a decision").first().waitFor();
    await ada.list.locator(`[data-hold="${id}"]`).getByText("left").waitFor();
    held.resolve();
    await ada.state.getByText("Executed", { exact: true }).waitFor();
    await ada.page.unroute("**/decisions");
  });

  test("defect 32: a refusal is told, with the id of the request, and leaves the hold as it is", async () => {
    const id = await waitingHold(service, NOTIFY);
    await ada.open(service, `/holds/${id}`);
    await ada.page.route("**/decisions", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({
          title: "This credential may not do that",
          status: 403,
          code: "not_allowed",
          detail: "This needs another person.",
          requestId: "req_1",
        }),
      }),
    );
    await ada.button("Approve and send notification").click();
    const alert = ada.page.getByRole("alert");
    await alert.getByText("This needs another person.").waitFor();
    await alert.getByText("req_1").waitFor();
    expect(await ada.state.count()).toBe(0);
    await ada.page.unroute("**/decisions");
  });

  test("defect 6: a press approves what is on the screen and nothing newer", async () => {
    const id = await waitingHold(service, NOTIFY);
    await openArmed(ada, service, id);
    const newer = await waitingHold(service, TASK);
    await ada.button("1 new").waitFor();
    await ada.page.keyboard.press("a");
    await ada.state.getByText("Executed", { exact: true }).waitFor();
    expect((await service.client().holds.get(newer)).status).toBe("pending");
    expect((await service.client().holds.get(id)).outcome?.verdict).toBe("approve");
  });

  test("defect 6: an action that is not the one on the screen is not approved", async () => {
    const id = await waitingHold(service, NOTIFY);
    await ada.page.route(`**/v1/holds/${id}`, async (route) => {
      const response = await route.fetch();
      const hold = (await response.json()) as { action: { hash: string } };
      hold.action.hash = `sha256:${"0".repeat(64)}`;
      await route.fulfill({ response, json: hold });
    });
    await ada.open(service, `/holds/${id}`);
    await ada.button("Approve and send notification").click();
    await ada.page.getByRole("alert").getByText("The action is not the one that was shown").waitFor();
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await ada.page.unroute(`**/v1/holds/${id}`);
  });

  test("a hold that changed while it was open says so, and its keys are disarmed", async () => {
    const { id } = (await service.client().holds.create({
      action: { name: "rotate_key", arguments: { key: "k-1" }, reversibility: "reversible" },
      tier: "sync_gate",
      timeoutSeconds: 2,
      onTimeout: "hold",
    })) as { id: string };
    await ada.open(service, `/holds/${id ?? ""}`);
    await ada.page.getByText("This changed while it was open.").waitFor();
    expect(await ada.button("Approve and rotate key").isDisabled()).toBe(true);
    await ada.page.keyboard.press("a");
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await ada.card.getByText("None: it waits until somebody decides.").waitFor();
    await ada.button("I have looked at it again").click();
    await ada.page.keyboard.press("a");
    await ada.state.getByText("Approved, not executed yet").waitFor();
  });

  test("what expired while it was open says so, and offers nothing to press", async () => {
    const { id } = (await service.client().holds.create({
      action: { name: "rotate_key", arguments: { key: "k-2" } },
      timeoutSeconds: 2,
    })) as { id: string };
    await ada.open(service, `/holds/${id}`);
    await ada.state.getByText("Expired without a decision").waitFor();
    await ada.card.getByText(/^Nobody decided in time: it expired/).waitFor();
    expect(await ada.page.getByRole("group", { name: "Decide" }).count()).toBe(0);
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});

/** Opens a hold and waits until its buttons may be pressed. */
async function openArmed(person: Person, service: ServiceProcess, id: string): Promise<void> {
  await person.open(service, `/holds/${id}`);
  await person.page.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
}

async function connectionIs(person: Person, word: string): Promise<void> {
  await person.page.getByRole("status", { name: "Connection" }).getByText(word).waitFor({ timeout: 30_000 });
}

/** Somebody whose network is whole: their browser goes to the service itself. */
async function joinPastTheCable(browser: Browser, service: ServiceProcess, cable: Cable): Promise<Person> {
  const { signInLink } = await service
    .client()
    .members.add({ name: "Rob", email: "rob@example.com", role: "reviewer" });
  return Person.signIn(browser, signInLink.url.replace(cable.url, `http://localhost:${service.port}`));
}
