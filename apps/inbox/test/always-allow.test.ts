import { AxeBuilder } from "@axe-core/playwright";
import type { Holdpoint } from "@holdpoint/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { putPolicy } from "./policy-scenes.ts";
import { ServiceProcess } from "./service-process.ts";

describe("always allow: a decision that is to stand", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  let admin: Holdpoint;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    admin = service.client();
    ada = await Person.join(browser, service, { name: "Ada", role: "manager" });
    await putPolicy(admin, {
      rules: [
        { id: "notes", tools: ["post_note"], effect: { level: "mandatory_review", grants: "allowed" } },
        { id: "never", tools: ["refund_order"], effect: { level: "mandatory_review", grants: "never" } },
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  async function propose(name: string, values: { channel: string; count: number }): Promise<{ id?: string }> {
    return (await admin.holds.create({
      action: { name, arguments: values, reversibility: "reversible", impact: "low" },
    })) as { id?: string };
  }

  test("is offered only where the policy lets it, never as the main button, and Enter alone gives nothing", async () => {
    const { id: never = "" } = await propose("refund_order", { channel: "a", count: 1 });
    await ada.open(service, `/holds/${never}`);
    await ada.button("Approve and").waitFor();
    expect(await ada.button("Always allow…").count()).toBe(0);
    const { id = "" } = await propose("post_note", { channel: "team", count: 3 });
    await ada.open(service, `/holds/${id}`);
    await ada.button("Always allow…").click();
    const dialog = ada.page.getByRole("dialog", { name: /^Always allow: post/ });
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain("team");
    await ada.page.keyboard.press("Enter");
    expect((await admin.holds.get(id)).status).toBe("pending");
    await ada.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(ada.page.url()).toContain(id);
    expect((await admin.holds.get(id)).status).toBe("pending");
  });

  test("approves, and from then on the same proceeds by itself, within its condition; revoked, it asks again", async () => {
    const { id = "" } = await propose("post_note", { channel: "team", count: 5 });
    await ada.open(service, `/holds/${id}`);
    await ada.button("Always allow…").click();
    await ada.page.getByLabel("Where a condition is true").check();
    await ada.page
      .getByLabel("Condition, in CEL")
      .fill('arguments.channel == "team" && arguments.count <= 10');
    await ada.page.getByLabel("How often at most").fill("many");
    await ada.page.getByRole("button", { name: /^Approve, and allow for 30 days/ }).click();
    await ada.page.getByText("Write a whole number, 1 or more.").waitFor();
    await ada.page.getByLabel("How often at most").fill("5");
    const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
    expect(violations.map((violation) => violation.id)).toEqual([]);
    await ada.page.getByRole("button", { name: /^Approve, and allow for 30 days/ }).click();
    await ada.state.getByText("Approved, not executed yet").waitFor();
    await ada.page.getByTestId("granted").getByText("Allowed from now on.").waitFor();
    expect(await propose("post_note", { channel: "team", count: 7 })).toMatchObject({
      outcome: "auto_proceeded",
    });
    expect((await propose("post_note", { channel: "all", count: 7 })).id).toMatch(/^hold_/);

    await ada.page.getByRole("link", { name: "All grants" }).click();
    const grants = ada.page.getByRole("list", { name: "Grants" });
    await grants.getByText('arguments.channel == "team" && arguments.count <= 10').waitFor();
    await grants.getByText(/Used once, 4 left of 5/).waitFor();
    await grants.getByRole("button", { name: /^Revoke/ }).click();
    await ada.page.getByText(/^There is no grant now/).waitFor();
    expect((await propose("post_note", { channel: "team", count: 7 })).id).toMatch(/^hold_/);
    await ada.page.getByLabel("Also those that are over").check();
    await ada.page.getByText(/^Revoked by Ada/).waitFor();
  });

  test("a refusal of the service is told, and leaves it at the approval", async () => {
    const { id = "" } = await propose("post_note", { channel: "team", count: 9 });
    await ada.open(service, `/holds/${id}`);
    await ada.button("Always allow…").click();
    await ada.page.getByLabel("Where a condition is true").check();
    await ada.page.getByLabel("Condition, in CEL").fill("arguments.count ===== 9");
    await ada.page.getByRole("button", { name: /^Approve, and allow for 30 days/ }).click();
    await ada.page.getByText("It was approved, but no grant was made.").waitFor();
    expect((await admin.holds.get(id)).status).toBe("approved");
    await ada.button("Always allow…").click();
    await ada.page.getByRole("button", { name: /^Allow for 30 days/ }).click();
    await ada.page.getByTestId("granted").waitFor();
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
