import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

let service: ServiceProcess;
let browser: Browser;
beforeAll(async () => {
  service = await ServiceProcess.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
});

test("an approval of Amorce reads as one: its button, and what could be done instead", async () => {
  const { approval_id: id } = await service
    .client()
    .request<{ approval_id: string }>("POST", "/api/v1/approvals", {
      body: {
        transaction_id: "tx_4711",
        summary: "Book the late flight",
        details: { amount: 120, currency: "EUR", flight: "HP 12" },
        alternatives: [{ amount: 80, flight: "HP 7" }, "Go by train", 3],
      },
    });
  const ada = await Person.signIn(browser, service.signInUrl);
  await ada.open(service, `/holds/${id}`);
  await ada.button("Approve: amorce transaction, EUR 120").waitFor();
  const list = ada.card.getByRole("list", { name: "Alternatives" });
  const rows = await list.getByRole("listitem").allInnerTexts();
  expect(rows.map((row) => row.split(/\s+/))).toEqual([
    ["amount", "80", "flight", "HP", "7"],
    ["Go", "by", "train"],
    ["3"],
  ]);
  expect(await ada.card.innerText()).not.toContain("{");
  const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
  expect(ada.complaints).toEqual([]);
});
