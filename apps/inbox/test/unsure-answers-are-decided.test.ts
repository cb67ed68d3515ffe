import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { parseFencedBlocks } from "../../../test/fenced-block.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

// The agent is the one of docs/how-to/confidence.md, so what that page shows is what runs here.
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(root, ".tmp", "confidence-page");
const UNSURE = "I think the turnover was 4 million EUR, but I am not sure.";
const SURE = "The turnover was 4.2 million EUR, as **table 3** of the report says.";

let service: ServiceProcess;
let browser: Browser;
let ada: Person;
let runId: string;
beforeAll(async () => {
  const page = readFileSync(join(root, "docs", "how-to", "confidence.md"), "utf8");
  const [block] = parseFencedBlocks(page).filter(({ language }) => language === "ts");
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "holdpoint.config.ts");
  writeFileSync(config, block?.code ?? "");
  service = await ServiceProcess.start({ config });
  browser = await launchChromium();
  ada = await Person.signIn(browser, service.signInUrl);
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const client = service.client();
  runId = (await client.runs.start("analyst", { input: "What was the turnover?" })).id;
  await expect.poll(async () => (await client.runs.get(runId)).status, { timeout: 15_000 }).toBe("holding");
  const [hold] = (await client.runs.get(runId)).holds;
  await ada.open(service, `/holds/${hold?.id ?? ""}`);
});
afterEach(() => {
  expect(ada.complaints).toEqual([]);
});

async function ended(): Promise<object> {
  const client = service.client();
  await expect.poll(async () => (await client.runs.get(runId)).endedAt, { timeout: 15_000 }).not.toBeNull();
  const { status, output, endReason } = await client.runs.get(runId);
  return { status, output, endReason };
}

/** For the eye, where somebody asks for it. */
async function look(name: string): Promise<void> {
  const shots = process.env["CONSOLE_SHOTS"];
  if (shots !== undefined) await ada.page.screenshot({ path: join(shots, `${name}.png`) });
}

test("the confidence stands there as number and words, with task, result and reason; accepted, the run completes", async () => {
  await ada.card.getByText("The agent is unsure").waitFor();
  await ada.card.getByText("confidence 0.30, below the threshold 0.85").waitFor();
  await ada.card.getByText("Confidence 0.30 below threshold 0.85").waitFor();
  await ada.card.getByText(UNSURE).first().waitFor();
  const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
  await look("doubt");
  await ada.button("Accept the result").click();
  await ada.state.getByText("Accepted").waitFor();
  expect(await ended()).toEqual({ status: "completed", output: UNSURE, endReason: "result_accepted" });
  await look("doubt-accepted");
});

test("edited by the key that edits; the run page shows what was given out instead", async () => {
  await expect.poll(() => ada.button("Edit the result").isEnabled()).toBe(true);
  await ada.page.keyboard.press("e");
  await ada.page.getByLabel("Result").fill("4.2 million EUR (table 3)");
  // What was written is not passed over by accepting what stood there before.
  expect(await ada.button("Accept the result").count()).toBe(0);
  await look("doubt-edit");
  await ada.button(/^Accept with/).click();
  await ada.state.getByText("Accepted with corrections").waitFor();
  await ada.card.getByText("What was given out instead").waitFor();
  expect(await ended()).toEqual({
    status: "completed",
    output: "4.2 million EUR (table 3)",
    endReason: "result_edited",
  });
  await ada.open(service, `/runs/${runId}`);
  await ada.page.getByText("The answer, as a reviewer corrected it").waitFor();
  await ada.page.getByText("unsure (0.30)").waitFor();
  await look("run-edited");
});

test("sent back with a word: the agent answers again, and what is sure goes out", async () => {
  await ada.button("Send back with a word").click();
  await ada.page.getByLabel("What should the agent do differently?").fill("Name the table.");
  await look("doubt-send-back");
  await ada.button("Send back").click();
  await ada.state.getByText("Sent back to the agent").waitFor();
  expect(await ended()).toEqual({ status: "completed", output: SURE, endReason: "end_turn" });
  await ada.open(service, `/runs/${runId}`);
  await ada.page.getByText("sure (0.90)").waitFor();
  await ada.page.getByText("Admin: Name the table.").waitFor();
  await look("run-sent-back");
});

test("Escape leaves what is being written, and not the card", async () => {
  await ada.button("Send back with a word").click();
  await ada.page.getByLabel("What should the agent do differently?").press("Escape");
  await ada.button("Accept the result").waitFor();
  await ada.button("Edit the result").waitFor();
});

test("rejected, nothing goes out, and the run says why", async () => {
  await ada.button("Reject").click();
  await ada.page.getByLabel("Why not?").fill("That is last year's figure.");
  await look("doubt-reject");
  await ada.button("Reject the result").click();
  await ada.state.getByText("Rejected").waitFor();
  expect(await ended()).toEqual({ status: "failed", output: null, endReason: "result_rejected" });
  await ada.open(service, `/runs/${runId}`);
  await ada.page.getByText("Ended: a reviewer rejected its answer").waitFor();
  await look("run-rejected");
});
