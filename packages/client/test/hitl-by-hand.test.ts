import { describe, expect, test, vi } from "vitest";
import { GlaipClient } from "../src/glaip/index.ts";
import { ScriptedServer, sendJson } from "./scripted-server.ts";

describe("by hand, from another process", () => {
  test("listed and decided, with the environment's address and key", async () => {
    await using server = await ScriptedServer.start((request, response) =>
      request.method === "GET"
        ? sendJson(response, 200, [{ request_id: "req_1", tool: "delete_records" }])
        : sendJson(response, 200, { status: "ok", message: "Request req_1 skipped" }),
    );
    vi.stubEnv("HOLDPOINT_URL", "");
    vi.stubEnv("AIP_API_URL", server.url);
    vi.stubEnv("AIP_API_KEY", "hpo_env");
    const { hitl } = new GlaipClient();
    const elsewhere = new GlaipClient({ url: "http://127.0.0.1:9", maxRetries: 0 });
    vi.unstubAllEnvs();
    expect(await hitl.listPending()).toEqual([{ request_id: "req_1", tool: "delete_records" }]);
    expect((await hitl.skip("req_1", "later", "run_1")).message).toBe("Request req_1 skipped");
    expect(server.received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/agents/hitl/pending", undefined],
      [
        "POST",
        "/agents/hitl/decision",
        { request_id: "req_1", decision: "skipped", operator_input: "later", run_id: "run_1" },
      ],
    ]);
    expect(server.received[0]?.headers.authorization).toBe("Bearer hpo_env");
    await expect(elsewhere.hitl.listPending()).rejects.toMatchObject({ code: "unreachable" });
  });
});
