// An Amorce agent as its users write it: it negotiates, asks for a person's approval, and confirms once that is given. The app
// around it chooses how the person is told, and hands their answer in.
//
//   node examples/existing-clients/amorce/book-a-table.ts "sounds good to me!"

const orchestrator = process.env["AMORCE_URL"] ?? "http://localhost:7777";
const agentKey = process.env["AMORCE_AGENT_KEY"] ?? "";
const appKey = process.env["AMORCE_APP_KEY"] ?? "";
const [reply = "sounds good to me!"] = process.argv.slice(2);
const service = { service_id: "le_petit_bistro" };

interface Answer {
  transaction_id: string;
  status: string;
  result: Record<string, unknown>;
  requires_hitl?: boolean;
  error?: string;
}

async function send<T>(key: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(orchestrator + path, {
    method,
    headers: { "X-API-Key": key, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

const transact = (payload: object, transactionId?: string) =>
  send<Answer>(agentKey, "POST", "/v1/a2a/transact", {
    ...service,
    consumer_agent_id: "sarah",
    payload,
    priority: "normal",
    ...(transactionId !== undefined && { transaction_id: transactionId }),
  });

/** The app's own reading of a reply: exact words. What is not clearly a yes is a no. */
function interpret(text: string): "approve" | "reject" {
  const yes = ["yes", "yes please", "ok", "approve", "sounds good", "sounds good to me"];
  return yes.includes(
    text
      .toLowerCase()
      .replaceAll(/[^a-z ]/g, "")
      .trim(),
  )
    ? "approve"
    : "reject";
}

// 1. The agent negotiates.
const offer = await transact({ intent: "check_availability", guests: 4 });
console.log(`offer: ${String(offer.result["content"])}, deposit ${String(offer.result["deposit"])}`);

// 2. It tries to confirm, and is told that a person has to approve that.
const booking = { guests: 4, time: "19:00", deposit: offer.result["deposit"] };
const refused = await transact({ intent: "confirm", ...booking }, offer.transaction_id);
console.log(`requires a person: ${refused.requires_hitl}`);

// 3. It asks for the approval, showing what it would confirm.
const approval = await send<{ approval_id: string; status: string }>(agentKey, "POST", "/api/v1/approvals", {
  transaction_id: offer.transaction_id,
  summary: "Book a table for 4 at Le Petit Bistro, 19:00, with a deposit of 120",
  details: { ...service, ...booking },
  timeout_seconds: 300,
});
console.log(`approval: ${approval.status}`);

// 4. The app tells the person on a channel of its choice, reads the reply, and submits the decision.
await send(appKey, "POST", `/api/v1/approvals/${approval.approval_id}/submit`, {
  decision: interpret(reply),
  approved_by: "user@example.com",
  comments: reply,
});

// 5. The agent looks, and completes or cancels.
const { status, comments } = await send<{ status: string; comments: string | null }>(
  agentKey,
  "GET",
  `/api/v1/approvals/${approval.approval_id}`,
);
console.log(`${status}: ${comments}`);
if (status === "approved") {
  const confirmed = await transact({ intent: "confirm", ...booking }, offer.transaction_id);
  console.log(`${confirmed.status}: ${JSON.stringify(confirmed.result["booked"])}`);
} else {
  console.log("The booking is cancelled.");
}
