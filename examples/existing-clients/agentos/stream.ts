// A client of AgentOS that follows the events of a run: multipart forms out, server-sent events in.
//
//   node examples/existing-clients/agentos/stream.ts "Delete 5 old records from the users table"

const base = process.env["AGENT_OS_URL"] ?? "http://localhost:7777";
const headers = { "X-API-Key": process.env["AGENT_OS_KEY"] ?? "" };
const [message = "Delete 5 old records from the users table"] = process.argv.slice(2);

interface RunEvent {
  event: string;
  run_id: string;
  session_id: string;
  content?: string;
  tool?: { tool_name: string };
  tools?: { tool_name: string; requires_confirmation: boolean; confirmed: boolean | null }[];
}

async function* stream(path: string, fields: Record<string, string>): AsyncGenerator<RunEvent> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const response = await fetch(base + path, { method: "POST", headers, body: form });
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`);
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) yield JSON.parse(data.slice("data: ".length)) as RunEvent;
    }
  }
}

async function follow(events: AsyncGenerator<RunEvent>): Promise<RunEvent | undefined> {
  let spoken = "";
  for await (const event of events) {
    if (event.event === "RunContent") {
      spoken += event.content ?? "";
      continue;
    }
    console.log([event.event, event.tool?.tool_name ?? event.content ?? ""].join(" ").trim());
    if (event.event === "RunPaused") return event;
  }
  console.log(spoken);
  return undefined;
}

let paused = await follow(stream("/agents/data_manager/runs", { message }));
while (paused !== undefined) {
  const tools = (paused.tools ?? []).map((tool) =>
    tool.requires_confirmation && tool.confirmed === null ? { ...tool, confirmed: true } : tool,
  );
  paused = await follow(
    stream(`/agents/data_manager/runs/${paused.run_id}/continue`, {
      tools: JSON.stringify(tools),
      session_id: paused.session_id,
    }),
  );
}
