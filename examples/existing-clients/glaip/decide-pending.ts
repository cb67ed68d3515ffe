// The manual flow of GLAIP: another process looks what waits and decides, minutes or days later.
//
//   AIP_API_KEY=hpo_... node examples/existing-clients/glaip/decide-pending.ts approved

const base = process.env["AIP_API_URL"] ?? "http://localhost:7777";
const headers = { "X-API-Key": process.env["AIP_API_KEY"] ?? "", "Content-Type": "application/json" };
const [decision = "rejected"] = process.argv.slice(2);

interface Pending {
  request_id: string;
  tool: string;
  arguments: Record<string, unknown>;
  run_id: string | null;
  hitl_metadata: { timeout_at?: string };
}

const listed = await fetch(`${base}/agents/hitl/pending`, { headers });
for (const pending of (await listed.json()) as Pending[]) {
  console.log(`${pending.tool} ${JSON.stringify(pending.arguments)}`);
  const response = await fetch(`${base}/agents/hitl/decision`, {
    method: "POST",
    headers,
    body: JSON.stringify({ request_id: pending.request_id, decision, run_id: pending.run_id }),
  });
  // Somebody else was faster, or the time is over.
  if (response.status === 404 || response.status === 409) console.log("resolved already");
  else if (response.ok) console.log(((await response.json()) as { message: string }).message);
  else throw new Error(await response.text());
}
