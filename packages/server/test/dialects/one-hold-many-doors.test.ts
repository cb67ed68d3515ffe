import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { playStory } from "./http-story.ts";
import { createStage, stageConfig } from "./stage-config.ts";

// I3, I5: one hold with one outcome, and one log, whichever door was used.
describeEachStore("one hold and many doors", (store) => {
  const stage = createStage();
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config: stageConfig(stage) });
  });
  afterAll(() => service?.stop());
  beforeEach(() => {
    stage.deeds.length = 0;
  });

  test("AgentOS asks, GLAIP lists, Amorce submits: the same hold, and the same log", async () => {
    const story = new URL("fixtures/across/asked-here-decided-there.http", import.meta.url).pathname;
    const { run } = await playStory(story, {
      send: (request) => service.service.app.request(request),
      variables: { operatorKey: service.adminKey, session: randomUUID() },
      actions: {
        "five users were deleted, once": () => expect(stage.deeds).toEqual(["delete 5 users"]),
      },
    });
    expect(await logOf(String(run))).toEqual([...BEFORE, "hold.decided", ...AFTER]);
  });

  test("GLAIP makes an agent, AgentOS runs it under its name and for its end user", async () => {
    const story = new URL("fixtures/across/made-here-run-there.http", import.meta.url).pathname;
    await playStory(story, {
      send: (request) => service.service.app.request(request),
      variables: { operatorKey: service.adminKey },
    });
    expect(stage.deeds).toEqual([]);
  });

  // The native API's way, to compare with.
  const BEFORE = ["run.started", "run.step", "hold.created", "run.holding"];
  const AFTER = ["run.resumed", "action.executing", "action.executed", "run.step", "run.completed"];

  test.each(["native", "agentos", "agentos approvals", "glaip", "amorce"])(
    "the log of a decision is the same by every door: %s",
    async (door) => {
      const begun = await service.call("POST", "/v1/agents/data_manager/runs", {
        body: { input: "delete 5 users", sessionId: randomUUID() },
      });
      const runId: string = begun.body.id;
      const hold = await waitingHold(runId);
      const decided = await decide(door, runId, hold);
      expect(decided.status).toBe(200);
      await expect
        .poll(async () => (await service.call("GET", `/v1/runs/${runId}`)).body.status)
        .toBe("completed");
      expect(await logOf(runId)).toEqual([...BEFORE, "hold.decided", ...AFTER]);
      expect(stage.deeds).toEqual(["delete 5 users"]);
    },
  );

  interface Waiting {
    id: string;
    hash: string;
    callId: string;
  }

  async function waitingHold(runId: string): Promise<Waiting> {
    for (;;) {
      const { body } = await service.call("GET", `/v1/holds?runId=${runId}&status=pending`);
      const [hold] = body.data;
      if (hold !== undefined) return { id: hold.id, hash: hold.action.hash, callId: hold.toolCallId };
    }
  }

  async function decide(door: string, runId: string, hold: Waiting): Promise<{ status: number }> {
    switch (door) {
      case "native":
        return service.call("POST", `/v1/holds/${hold.id}/decisions`, {
          body: { verdict: "approve", actionHash: hold.hash },
        });
      case "agentos":
        return service.service.app.request(
          `http://localhost:7777/agents/data_manager/runs/${runId}/continue`,
          {
            method: "POST",
            headers: { host: "localhost:7777", authorization: `Bearer ${service.adminKey}` },
            body: new URLSearchParams({
              session_id: await sessionOf(runId),
              stream: "false",
              tools: JSON.stringify([{ tool_call_id: hold.callId, confirmed: true }]),
            }),
          },
        );
      case "agentos approvals":
        return service.call("POST", `/approvals/${hold.id}/resolve`, { body: { status: "approved" } });
      case "glaip":
        return service.call("POST", "/agents/hitl/decision", {
          body: { request_id: hold.id, decision: "approved" },
        });
      default:
        return service.call("POST", `/api/v1/approvals/${hold.id}/submit`, {
          body: { decision: "approve", approved_by: "alice" },
        });
    }
  }

  async function sessionOf(runId: string): Promise<string> {
    return (await service.call("GET", `/v1/runs/${runId}`)).body.sessionId ?? "";
  }

  async function logOf(runId: string): Promise<string[]> {
    const { body } = await service.call("GET", `/v1/audit/entries?runId=${runId}`);
    return body.data.map(({ event }: { event: { type: string } }) => event.type).reverse();
  }
});
