import { text } from "node:stream/consumers";
import { readFile } from "node:fs/promises";
import { verifyReceipt } from "@holdpoint/protocol";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { makeLargeLog } from "./large-log.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const LARGE = 30_000;
/** So often at least the page has its turn while so many entries are verified: it is done in slices, not at a stretch. */
const TURNS = 10;

describe("the page verifies the log by itself", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  let hold: string;
  let log: string;
  const scripts: string[] = [];
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
    ada.page.on("request", (request) => {
      if (request.url().endsWith(".js")) scripts.push(request.url());
    });
    hold = await waitingHold(service, "Delete 50 old records from the users table");
    await service.client().holds.decide(hold, { verdict: "reject", comment: "no" });
    await untilQuiet(service);
    log = await text(await service.client().audit.log());
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  const result = (): Locator => ada.page.getByRole("region", { name: "Verification" });
  const fault = (): Locator => ada.page.getByRole("alert", { name: "Verification" });
  const verify = () => ada.button(/^Verify/).click();
  /** What the service answers from now on, when it is asked for the log. */
  async function answerWith(body: string): Promise<void> {
    await ada.page.unrouteAll();
    await ada.page.route(/\/v1\/audit\?.*format=log/, (route) =>
      route.fulfill({ body, contentType: "application/jsonl" }),
    );
  }

  test("what fits is told in words: how many entries, up to which checkpoint, signed by whom", async () => {
    await ada.open(service, "/audit");
    await ada.isRead();
    const { orgId } = await service.client().me();
    const entries = log.split("\n").filter((line) => line.startsWith('{"index"')).length;
    expect(scripts.filter((url) => url.includes("verify-log"))).toEqual([]);
    await verify();
    await result()
      .getByText(`Everything fits: ${entries} entries verified, up to the checkpoint of ${entries} entries.`)
      .waitFor();
    await result()
      .getByText(new RegExp(`^holdpoint/${orgId}\\+[0-9a-f]{8}$`))
      .waitFor();
    expect(scripts.filter((url) => url.includes("verify-log"))).toHaveLength(1);
  });

  test("the next time the log is compared with the checkpoint that this browser kept", async () => {
    await ada.open(service, "/audit");
    await verify();
    await result()
      .getByText(/also fits the checkpoint of \d+ entries that this browser kept/)
      .waitFor();
  });

  test("one hold: its entries are in the log; that there are no others is not claimed", async () => {
    await ada.open(service, `/audit?hold=${hold}`);
    await verify();
    await result()
      .getByText(/^2 entries of this hold are in the log of \d+ entries, as recorded\.$/)
      .waitFor();
    await result().getByText("That there are no others, only the whole log can show.").waitFor();
  });

  test("an entry that was changed is named, with the way to its hold", async () => {
    const lines = log.split("\n");
    const at = lines.findIndex((line) => line.includes('"decision":"rejected"'));
    const changed = lines.with(
      at,
      (lines[at] ?? "").replace('"decision":"rejected"', '"decision":"approved"'),
    );
    await answerWith(changed.join("\n"));
    await ada.open(service, "/audit");
    await verify();
    const { index, leaf } = JSON.parse(lines[at] ?? "") as { index: number; leaf: { id: string } };
    await fault().getByText(`Entry ${index} was changed: its hash is another one.`).waitFor();
    await fault().getByText(leaf.id).waitFor();
    await fault().getByRole("link", { name: "its hold in the log" }).click();
    await ada.page.waitForURL(`**/audit?hold=${hold}`);
  });

  test("a log that was cut off, even by its own service, does not fit what this browser kept", async () => {
    await ada.page.unrouteAll();
    await waitingHold(service, "Notify user 7: your account will be closed.");
    await untilQuiet(service);
    await ada.open(service, "/audit");
    await verify();
    await result()
      .getByText(/^Everything fits/)
      .waitFor();
    await answerWith(log);
    await verify();
    await fault()
      .getByText(/^The log was cut off/)
      .waitFor();
    await ada.button("Forget it and verify again").click();
    await result()
      .getByText(/^Everything fits/)
      .waitFor();
    await ada.page.evaluate(() => window.localStorage.clear());
  });

  test("a long log leaves the page usable, shows how far it is, and can be cancelled", async () => {
    const { orgId } = await service.client().me();
    await answerWith(makeLargeLog(orgId, LARGE));
    await ada.open(service, "/audit");
    await ada.isRead();
    await verify();
    const bar = ada.page.getByRole("progressbar", { name: "Verified so far" });
    await expect.poll(() => bar.getAttribute("value").then(Number), { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await bar.getAttribute("max")).toBe(String(LARGE));
    await ada.page.getByLabel("About").selectOption("Runs");
    await ada.page.waitForURL(/about=run/);
    await bar.waitFor();
    await ada.button("Cancel").click();
    await bar.waitFor({ state: "detached" });
    await ada.page.evaluate(countTurns);
    await verify();
    await result()
      .getByText(/Everything fits: 30,000 entries/)
      .waitFor({ timeout: 60_000 });
    expect(
      await ada.page.evaluate(() => (window as unknown as { turns: number }).turns),
    ).toBeGreaterThanOrEqual(TURNS);
    await ada.page.evaluate(() => window.localStorage.clear());
    await ada.page.unrouteAll();
  });

  test("the receipt of a decided hold holds without the service; one that waits has none", async () => {
    await ada.open(service, `/audit?hold=${hold}`);
    const download = ada.page.waitForEvent("download");
    await ada.button("Download the receipt").click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`receipt-${hold}.json`);
    const { entries } = await verifyReceipt(JSON.parse(await readFile(await file.path(), "utf8")));
    expect(entries.at(-1)?.event).toMatchObject({ decision: "rejected", rationale: "no", holdId: hold });
    const waiting = await waitingHold(service, "Notify user 7: your account will be closed.");
    await ada.open(service, `/audit?hold=${waiting}`);
    await ada.page.getByRole("list", { name: "Entries" }).waitFor();
    expect(await ada.button("Download the receipt").count()).toBe(0);
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});

/** In the page: how often it could show progress, which takes a turn of its own each time. */
function countTurns(): void {
  Object.assign(window, { turns: 0 });
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => (target as Element).tagName === "PROGRESS"))
      (window as unknown as { turns: number }).turns += 1;
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["value"] });
}

/** Everything that has happened is signed. */
async function untilQuiet(service: ServiceProcess): Promise<void> {
  const client = service.client();
  await vi.waitFor(
    async () => {
      const { data } = await client.audit.page({ limit: 1 });
      const id = data[0]?.event.id ?? "";
      const proof = await client.request<{ status?: string }>("GET", `/v1/audit/inclusion/${id}`);
      expect(proof.status).toBeUndefined();
    },
    { timeout: 20_000 },
  );
}
