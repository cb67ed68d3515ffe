// A client of GLAIP as its users write them: an agent whose tools wait for an operator, its stream, the decisions, the cleaning up.
//
//   AIP_API_KEY=hpo_... node examples/existing-clients/glaip/run-with-operator.ts approved "Delete 5 old records from the users table"

const base = process.env["AIP_API_URL"] ?? "http://localhost:7777";
const headers = {
  "X-API-Key": process.env["AIP_API_KEY"] ?? "",
  "Content-Type": "application/json",
};
const [decision = "rejected", input = "Delete 5 old records from the users table"] = process.argv.slice(2);

interface Chunk {
  status: "success" | "error";
  task_state: string;
  content: string;
  metadata: {
    kind: string;
    hitl?: { decision: string; request_id: string; timeout_at?: string; timeout_seconds?: number };
    tool_info?: { name: string; args: Record<string, unknown> };
  };
}

async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T & { error?: string; message?: string };
  if (!response.ok) throw new Error(`${response.status} ${answer.error}: ${answer.message}`);
  return answer;
}

async function* run(agentId: string): AsyncGenerator<Chunk> {
  const response = await fetch(`${base}/agents/${agentId}/run`, {
    method: "POST",
    headers,
    body: JSON.stringify({ input }),
  });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  let text = "";
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events)
      if (event.startsWith("data: ")) yield JSON.parse(event.slice("data: ".length)) as Chunk;
  }
}

const { agent_id: agentId } = await request<{ agent_id: string }>("POST", "/agents/", {
  name: "hitl-demo",
  instruction: "Look after the users table.",
  type: "config",
  framework: "langchain",
  version: "1.0.0",
  tools: ["query_users", "delete_records"],
  agent_config: { hitl_enabled: true, lm_provider: "openai", lm_name: "gpt-5.2" },
  tool_configs: { delete_records: { hitl: { timeout_seconds: 180 } } },
});
try {
  for await (const { content, metadata } of run(agentId)) {
    const { hitl, tool_info: tool } = metadata;
    if (hitl?.decision === "pending") {
      console.log(`${tool?.name} ${JSON.stringify(tool?.args)}, ${hitl.timeout_seconds} s: ${decision}`);
      await request("POST", "/agents/hitl/decision", { request_id: hitl.request_id, decision });
    } else if (hitl !== undefined) console.log(`now ${hitl.decision}`);
    if (["final_response", "error", "step_limit_exceeded"].includes(metadata.kind))
      console.log(`${metadata.kind}: ${content}`);
  }
} finally {
  await request("DELETE", `/agents/${agentId}`);
}
