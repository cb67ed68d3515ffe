import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLocalServer } from "../src/cli/local-file.ts";
import { Folder, ServerProcess } from "./server-process.ts";

const CONFIG = fileURLToPath(new URL("fixture/transactions.config.ts", import.meta.url));

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

test("kill -9 between asking and deciding loses nothing, and in the middle of a payment pays nothing twice (I2, I4)", async () => {
  const key = await withServer("0", async (call) => {
    const made = await call("POST", "/v1/api-keys", { name: "sarah", kind: "agent", agentId: "sarah" });
    for (const number of [1, 2]) expect((await ask(call, made.body.key, number)).status).toBe(201);
    return made.body.key as string;
  });
  // What was asked before is decided after, and carried out: the first is, and the second is in the middle of it.
  await withServer("1", async (call) => {
    for (const number of [1, 2]) {
      const submitted = await call("POST", `/api/v1/approvals/pay-${number}/submit`, {
        decision: "approve",
        approved_by: "user@example.com",
      });
      expect(submitted.body).toMatchObject({ approval_id: `pay-${number}`, status: "approved" });
    }
    pay(call, key, 2).catch(() => undefined);
    await expect.poll(payments).toEqual([{ intent: "confirm", eur: 2 }]);
  });
  await withServer("0", async (call) => {
    for (let time = 1; time <= 2; time++) {
      const again = await pay(call, key, 2);
      expect([again.status, again.body.code, again.body.details.reason]).toEqual([
        409,
        "CONFLICT",
        "execution_unknown",
      ]);
    }
    const { body } = await call("GET", "/v1/holds?transactionId=tx-2");
    expect(body.data[0]).toMatchObject({ status: "approved", fulfilment: "unknown" });
    expect((await pay(call, key, 1)).body).toMatchObject({ status: "success", result: { paid: true } });
    expect(payments()).toEqual([
      { intent: "confirm", eur: 2 },
      { intent: "confirm", eur: 1 },
    ]);
  });
});

interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
  body: any;
}
type Call = (method: string, path: string, body?: object, key?: string) => Promise<Answer>;

/** A server over the folder, killed when the work is done. */
async function withServer<T>(hang: string, work: (call: Call) => Promise<T>): Promise<T> {
  await using _server = await ServerProcess.start(folder, { HOLDPOINT_CONFIG: CONFIG, HANG: hang });
  const local = await readLocalServer(folder.dataDir);
  // Awaited here: the server ends with this function.
  return await work(async (method, path, body, key = local?.key ?? "") => {
    const response = await fetch(new URL(path, local?.url), {
      method,
      headers: { "x-api-key": key, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  });
}

function ask(call: Call, key: string, number: number): Promise<Answer> {
  const details = { service_id: "bank", eur: number };
  const approval = { approval_id: `pay-${number}`, transaction_id: `tx-${number}`, summary: "Pay", details };
  return call("POST", "/api/v1/approvals", approval, key);
}

function pay(call: Call, key: string, number: number): Promise<Answer> {
  const payload = { intent: "confirm", eur: number };
  const transaction = { service_id: "bank", payload, transaction_id: `tx-${number}` };
  return call("POST", "/v1/a2a/transact", transaction, key);
}

function payments(): unknown[] {
  const path = join(folder.dataDir, "payments");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}
