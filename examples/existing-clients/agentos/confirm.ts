// A client of AgentOS as its users write them: start a run, show what waits for a confirmation, continue with the decision.
//
//   node examples/existing-clients/agentos/confirm.ts yes "Delete 5 old records from the users table"

const base = process.env["AGENT_OS_URL"] ?? "http://localhost:7777";
const headers = { Authorization: `Bearer ${process.env["AGENT_OS_KEY"] ?? ""}` };
const [decision, message = "Delete 5 old records from the users table"] = process.argv.slice(2);
const sessionId = `session-${crypto.randomUUID()}`;

interface Tool {
  tool_call_id: string;
  tool_name: string;
  tool_args: Record<string, unknown>;
  requires_confirmation: boolean;
  confirmed: boolean | null;
  confirmation_note: string | null;
}

interface RunResponse {
  run_id: string;
  status: "PENDING" | "RUNNING" | "COMPLETED" | "PAUSED" | "CANCELLED" | "ERROR";
  content: string;
  tools: Tool[];
}

async function post(path: string, fields: Record<string, string>): Promise<RunResponse> {
  const response = await fetch(base + path, { method: "POST", headers, body: new URLSearchParams(fields) });
  if (!response.ok) {
    const { detail } = (await response.json()) as { detail: string };
    throw new Error(`${response.status}: ${detail}`);
  }
  return (await response.json()) as RunResponse;
}

let run = await post("/agents/data_manager/runs", {
  message,
  session_id: sessionId,
  user_id: "admin@example.com",
  stream: "false",
});

while (run.status === "PAUSED") {
  for (const tool of run.tools) {
    if (!tool.requires_confirmation || tool.confirmed !== null) continue;
    console.log(`${tool.tool_name} ${JSON.stringify(tool.tool_args)}? ${decision}`);
    tool.confirmed = decision === "yes";
    tool.confirmation_note = tool.confirmed ? null : "Not today.";
  }
  run = await post(`/agents/data_manager/runs/${run.run_id}/continue`, {
    tools: JSON.stringify(run.tools),
    session_id: sessionId,
    stream: "false",
  });
}
console.log(`${run.status}: ${run.content}`);
