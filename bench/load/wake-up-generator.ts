// Pairs of clients of two instances: one waits for a hold at the second, the other one decides it at the first. A process
// of its own.
import { setTimeout as delay } from "node:timers/promises";
import { becomeChild } from "../processes/child.ts";
import { openConnections } from "./http-connections.ts";
import { percentile } from "./latencies.ts";
import { PROPOSED_ACTION } from "./target.ts";

export interface WakeUpTarget {
  /** Where it is decided. */
  deciderUrl: string;
  /** Where it is waited for. */
  waiterUrl: string;
  agentKey: string;
  operatorKey: string;
}

export interface WakeUpOrder {
  pairs: number;
  forMs: number;
}

export interface Times {
  p50Ms: number;
  p99Ms: number;
}

export interface WakeUps {
  count: number;
  perSecond: number;
  /** From the answer to the decider, who then knows that it is accepted. Under zero when the waiter was told first. */
  afterAcceptance: Times;
  /** From the moment the decider sent the request: the decision itself, its commit included. */
  afterSending: Times;
}

/** Until then the long poll has surely begun: it waits, and does not find the decision when it comes. */
const PAUSE_MS = { least: 60, most: 140 };

const target = JSON.parse(process.argv[2] ?? "") as WakeUpTarget;
const decider = openConnections(target.deciderUrl);
const waiter = openConnections(target.waiterUrl);
const proposal = JSON.stringify({ kind: "approval", action: PROPOSED_ACTION });

becomeChild<undefined, WakeUpOrder, WakeUps>({
  ready: undefined,
  answer: measure,
  stop: async () => {
    decider.close();
    waiter.close();
  },
});

async function measure({ pairs, forMs }: WakeUpOrder): Promise<WakeUps> {
  const afterAcceptance: number[] = [];
  const afterSending: number[] = [];
  const startedAt = performance.now();
  async function pair(): Promise<void> {
    while (performance.now() - startedAt < forMs) {
      const { sentAt, acceptedAt, wokenAt } = await wakeOne();
      afterAcceptance.push(wokenAt - acceptedAt);
      afterSending.push(wokenAt - sentAt);
    }
  }
  await Promise.all(Array.from({ length: pairs }, pair));
  return {
    count: afterSending.length,
    perSecond: (afterSending.length * 1_000) / (performance.now() - startedAt),
    afterAcceptance: timesOf(afterAcceptance),
    afterSending: timesOf(afterSending),
  };
}

async function wakeOne(): Promise<{ sentAt: number; acceptedAt: number; wokenAt: number }> {
  const hold = JSON.parse(
    await decider.ask({
      method: "POST",
      path: "/v1/holds",
      key: target.agentKey,
      body: proposal,
      expected: 201,
    }),
  ) as { id: string; action: { hash: string } };
  const waiting = waitFor(hold.id);
  await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  const sentAt = performance.now();
  await decider.ask({
    method: "POST",
    path: `/v1/holds/${hold.id}/decisions`,
    key: target.operatorKey,
    body: JSON.stringify({ verdict: "approve", actionHash: hold.action.hash }),
    expected: 200,
  });
  const acceptedAt = performance.now();
  return { sentAt, acceptedAt, wokenAt: await waiting };
}

/** Resolves to when the answer was there. Throws when it is not the decision. */
async function waitFor(holdId: string): Promise<number> {
  const path = `/v1/holds/${holdId}/wait?timeoutSeconds=30`;
  const text = await waiter.ask({ method: "GET", path, key: target.agentKey, expected: 200 });
  const wokenAt = performance.now();
  const { status } = JSON.parse(text) as { status: string };
  if (status !== "approved") throw new Error(`${holdId} is ${status}.`);
  return wokenAt;
}

function timesOf(values: readonly number[]): Times {
  const sorted = Float64Array.from(values).sort();
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}
