import { expect } from "vitest";
import { z } from "zod";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import type { CallAnswer, TestService } from "../../src/testing/test-service.ts";
import { defineService } from "../../src/transactions/service.ts";

/** What services of these tests were carried out with, in order. */
export interface Carried {
  serviceId: string;
  payload: unknown;
  intent: string | null;
  transactionId: string;
}

/** A restaurant that wants approvals of what is dear or personal, a shop that is new, a vault that always asks. */
export function amorceWorld(carried: Carried[], gate: { wait?: Promise<unknown> } = {}): DefinedConfig {
  return defineConfig({
    agents: [],
    services: [
      defineService({
        id: "restaurant",
        description: "Tables at Le Petit Bistro.",
        input: z.object({
          guests: z.number().int().optional(),
          eur: z.number().default(0),
          email: z.string().optional(),
        }),
        approval: ["high_value_transaction", "personal_data"],
        value: ({ eur }) => eur,
        execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "restaurant", payload, intent, transactionId });
          return intent === "check_availability" ? { offer: "7pm" } : { booked: true };
        },
      }),
      defineService({
        id: "shop",
        approval: ["first_time_service"],
        execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "shop", payload, intent, transactionId });
          return { ordered: true };
        },
      }),
      defineService({
        id: "vault",
        approval: "always",
        timeoutSeconds: 1,
        async execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "vault", payload, intent, transactionId });
          await gate.wait;
          if (payload["fail"] === true) throw new Error("The vault is stuck.");
          return { opened: true };
        },
      }),
      defineService({
        id: "deep_vault",
        approval: "always",
        timeoutSeconds: 300,
        async execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "deep_vault", payload, intent, transactionId });
          await gate.wait;
          return { opened: true };
        },
      }),
      defineService({ id: "undeclared", execute: () => null }),
      defineService({ id: "weather", reversibility: "reversible", execute: () => ({ sky: "blue" }) }),
    ],
  });
}

/** What its clients send: by the agent's key, but for `submit`. */
export function amorceCalls(service: () => TestService, agentKey: () => string) {
  let count = 0;
  const newTransaction = (): string => `tx-${++count}`;
  const transact = (
    serviceId: string,
    payload: object,
    more: object = {},
    headers: Record<string, string> = {},
  ) =>
    service().call("POST", "/api/v1/a2a/transact", {
      key: agentKey(),
      body: { service_id: serviceId, payload, ...more },
      headers,
    });
  const ask = async (transactionId: string, details: object, more: object = {}): Promise<string> => {
    const { status, body } = await service().call("POST", "/api/v1/approvals", {
      key: agentKey(),
      body: { transaction_id: transactionId, summary: "Please", details, ...more },
    });
    expect([status, body.status]).toEqual([201, "pending"]);
    return body.approval_id;
  };
  const submit = (id: string, more: object = {}, key = service().adminKey): Promise<CallAnswer> =>
    service().call("POST", `/api/v1/approvals/${id}/submit`, {
      key,
      body: { decision: "approve", approved_by: "user@example.com", ...more },
    });
  const approved = async (details: object): Promise<{ id: string; transaction_id: string }> => {
    const transactionId = newTransaction();
    const id = await ask(transactionId, details);
    expect((await submit(id)).status).toBe(200);
    return { id, transaction_id: transactionId };
  };
  return { transact, ask, submit, approved, newTransaction };
}
