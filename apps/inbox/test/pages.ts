import type { Holdpoint } from "@holdpoint/client";
import type { Person } from "./person.ts";
import { waitingHold } from "./person.ts";
import { preparePolicyScenes } from "./policy-scenes.ts";
import type { ServiceProcess } from "./service-process.ts";

/** A page in a state that is worth a look: for axe, and for the eye. */
export interface Scene {
  name: string;
  path: string;
  /** Brings it into the state, once its address is open. */
  arrange?: (person: Person) => Promise<void>;
}

const SESSION = "conversation-4711";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

/** Fills a service with what people meet, and names the pages that show it. */
export async function prepareScenes(service: ServiceProcess): Promise<Scene[]> {
  const client = service.client();
  const executed = await waitingHold(service, "Delete 50 old records from the users table");
  await decide(client, executed, "approve");
  await client.runs.startAndWait("data_manager", {
    input: "How many users are in the users table?",
    sessionId: SESSION,
  });
  await client.request("POST", "/v1/tools/query_users/hold", { body: { reason: "Who asks so often?" } });
  const rejected = await waitingHold(service, "Delete 120 old records from the users table");
  await client.holds.decide(rejected, { verdict: "reject", comment: "The quarter is not closed yet." });
  const changed = await waitingHold(service, "Delete 80 old records from the users table");
  const { action } = await client.holds.get(changed);
  await client.holds.decide(changed, {
    verdict: "modify",
    actionHash: action?.hash ?? "",
    modifications: { count: 10 },
  });
  const question = await ask(client);
  const form = await askForm(client);
  const rich = await proposeRich(client);
  const escalation = await escalate(client);
  const hostile = await proposeHostile(client);
  const notExecuted = await approveUnexecuted(client);
  const notify = await waitingHold(service, "Notify user 7: your account will be closed.");
  const pending = await waitingHold(service, "Delete 50 old records from the users table");
  const { runId } = await client.holds.get(pending);
  const { runId: doneRunId } = await client.holds.get(changed);
  return [
    { name: "inbox", path: "/inbox" },
    { name: "card", path: `/holds/${pending}` },
    {
      name: "card-raw",
      path: `/holds/${pending}`,
      arrange: async (person) => person.button("Raw").click(),
    },
    {
      name: "card-edit",
      path: `/holds/${pending}`,
      arrange: async (person) => {
        await person.button("Edit").click();
        await person.page.getByLabel("count").fill("10");
        await person.page.getByRole("list", { name: "Changes" }).waitFor();
      },
    },
    {
      name: "card-confirm",
      path: `/holds/${pending}`,
      arrange: async (person) => {
        await person.button("Approve and delete 50 records").click();
        await person.confirmation.waitFor();
      },
    },
    {
      name: "card-reject",
      path: `/holds/${notify}`,
      arrange: async (person) => {
        await person.button("Reject").click();
        await person.page.getByLabel("Why not? The agent reads this.").fill("Ask them first.");
      },
    },
    { name: "card-executed", path: `/holds/${executed}?tab=decided` },
    { name: "card-changed", path: `/holds/${changed}?tab=decided` },
    { name: "card-rejected", path: `/holds/${rejected}?tab=decided` },
    { name: "card-hostile", path: `/holds/${hostile}` },
    { name: "card-not-executed", path: `/holds/${notExecuted}?tab=decided` },
    { name: "card-rich", path: `/holds/${rich}` },
    {
      name: "card-rich-edit",
      path: `/holds/${rich}`,
      arrange: async (person) => {
        await person.button("Edit").click();
        await person.page.getByLabel("note", { exact: true }).fill("Changed by hand.");
      },
    },
    { name: "question", path: `/holds/${question}` },
    {
      name: "question-form",
      path: `/holds/${form}`,
      arrange: async (person) => {
        await person.button("Answer").click();
        await person.page.getByText("Write a number.").waitFor();
      },
    },
    { name: "escalation", path: `/holds/${escalation}` },
    { name: "runs", path: "/runs" },
    { name: "run-waiting", path: `/runs/${runId ?? ""}` },
    {
      name: "run-told",
      path: `/runs/${runId ?? ""}`,
      arrange: async (person) => {
        await person.button("Tell the agent…").click();
        await person.page.getByLabel("What should the agent know?").fill("Mind the quarter.");
      },
    },
    {
      name: "run-by-hand",
      path: `/runs/${runId ?? ""}`,
      arrange: async (person) => {
        await person.button("Give its result by hand…").click();
        await person.page.getByLabel("The result that the agent is given").fill('{"deleted": 50}');
        await person.page.getByText("Read as JSON").waitFor();
      },
    },
    {
      name: "run-amend",
      path: `/runs/${runId ?? ""}`,
      arrange: async (person) => {
        await person.button("Amend…").click();
        await person.page.getByLabel("count").fill("10");
        await person.page.getByRole("list", { name: "Changes" }).waitFor();
      },
    },
    { name: "run-messages", path: `/runs/${runId ?? ""}?view=messages` },
    { name: "run-done", path: `/runs/${doneRunId ?? ""}` },
    {
      name: "run-fork",
      path: `/runs/${doneRunId ?? ""}`,
      arrange: async (person) => person.button("Run again from here…").first().click(),
    },
    {
      name: "agents",
      path: "/agents",
      arrange: async (person) => person.button("Hold… send_notification").click(),
    },
    { name: "conversations", path: "/sessions" },
    {
      name: "conversation",
      path: `/sessions/${SESSION}`,
      arrange: async (person) => {
        await person.button("Delete…").click();
        await person.confirmation.waitFor();
      },
    },
    { name: "audit", path: "/audit" },
    {
      name: "audit-entry",
      path: "/audit",
      arrange: async (person) => person.button("as stored").first().click(),
    },
    {
      name: "audit-verified",
      path: `/audit?hold=${changed}`,
      arrange: async (person) => {
        await person.button(/^Verify/).click();
        await person.page.getByText(/are in the log of/).waitFor();
      },
    },
    { name: "audit-chain", path: `/audit?hold=${changed}` },
    { name: "empty-filter", path: "/inbox?q=nothing+like+this" },
    { name: "empty-deferred", path: "/inbox?tab=deferred" },
    { name: "no-such-hold", path: "/holds/hold_0" },
    { name: "no-such-page", path: "/runs/run_0" },
    {
      name: "keys",
      path: `/holds/${pending}`,
      arrange: async (person) => {
        await person.page.keyboard.press("?");
        await person.page.getByRole("dialog").waitFor();
      },
    },
    {
      name: "settings",
      path: "/inbox",
      arrange: async (person) => {
        await person.button(/settings/).click();
        await person.page.getByRole("menu").waitFor();
      },
    },
    ...(await preparePolicyScenes(service)),
  ];
}

async function decide(client: Holdpoint, id: string, verdict: "approve"): Promise<void> {
  const { action } = await client.holds.get(id);
  await client.holds.decide(id, { verdict, ...(action === null ? {} : { actionHash: action.hash }) });
}

async function ask(client: Holdpoint): Promise<string> {
  const hold = (await client.holds.create({
    kind: "clarification",
    title: "Which account should the refund go to?",
    endUserId: "customer-4711",
    question: {
      type: "choice",
      multiple: false,
      guidance:
        "The customer has **two** accounts. The older one was closed in *May*; see [the note](https://example.com/n).",
      options: [
        { value: 1, label: "Current account", detail: "DE89 3704 0044 0532 0130 00" },
        { value: 2, label: "Savings account", detail: "Closed in May" },
      ],
    },
  })) as { id: string };
  return hold.id;
}

async function askForm(client: Holdpoint): Promise<string> {
  const hold = (await client.holds.create({
    kind: "clarification",
    title: "Where should the parcel go?",
    question: {
      type: "input",
      schema: {
        type: "object",
        properties: {
          name: { type: "string" },
          street: { type: "string", description: "With the number of the house." },
          floor: { type: "integer", minimum: 0 },
          kind: { enum: ["home", "office"] },
          isGift: { type: "boolean" },
          note: { type: "string", maxLength: 1_000 },
        },
        required: ["name", "street", "floor", "kind", "isGift"],
      },
    },
  })) as { id: string };
  return hold.id;
}

async function proposeRich(client: Holdpoint): Promise<string> {
  const hold = (await client.holds.create({
    title: "Refund order 17 in full, the customer is angry",
    summary:
      "The parcel came broken. I promised a refund today.\nThe customer has been with us for nine years.",
    endUserId: "customer-4711",
    action: {
      name: "refund_order",
      arguments: {
        order: 17,
        eur: 240,
        note: "Broken parcel, photos attached.\nSee ticket 88.",
        notify: true,
        lines: [{ sku: "A-1", quantity: 2 }],
        address: { city: "Lund", zip: "22100" },
      },
      reversibility: "partially_reversible",
      impact: "medium",
      value: 240,
    },
    evidence: [
      { type: "link", title: "Ticket 88", url: "https://example.com/tickets/88" },
      { type: "image", title: "Photo of the parcel", mediaType: "image/png", base64: PIXEL },
      { type: "file", title: "invoice-17.pdf", mediaType: "application/pdf", base64: PIXEL },
      { type: "diff", title: "Balance", before: "balance: 1200.00", after: "balance: 960.00" },
    ],
    timeoutSeconds: 86_400,
  })) as { id: string };
  return hold.id;
}

/** What does not fit, runs the other way, or cannot be seen. */
async function proposeHostile(client: Holdpoint): Promise<string> {
  const text =
    "Delete \u202e05\u202c rec\u200bords \u001b[31mred \u05e9\u05dc\u05d5\u05dd 50 \u05e2\u05d5\u05dc\u05dd";
  const hold = (await client.holds.create({
    title: text,
    summary: `[here](javascript:alert(1)) ![x](https://example.com/p.png) <b>bold</b>\n${"word ".repeat(200)}`,
    endUserId: "\u05e9\u05dc\u05d5\u05dd 123",
    action: {
      name: `delete_${"x".repeat(120)}`,
      arguments: {
        ["k".repeat(80)]: "v".repeat(1_000),
        text,
        file: Array.from({ length: 500 }, (_, index) => `line ${index + 1}`).join("\n"),
      },
    },
    evidence: Array.from({ length: 20 }, (_, index) => ({
      type: "text" as const,
      title: `${index} ${text}`,
      text: index % 2 === 0 ? "A long sentence. ".repeat(200) : "one\ntwo\nthree",
    })),
  })) as { id: string };
  return hold.id;
}

/** Approved, while whoever asked has not come for it. */
async function approveUnexecuted(client: Holdpoint): Promise<string> {
  const { id } = (await client.holds.create({
    action: { name: "rotate_key", arguments: { key: "k-1" } },
  })) as { id: string };
  await decide(client, id, "approve");
  return id;
}

async function escalate(client: Holdpoint): Promise<string> {
  const hold = (await client.holds.create({
    kind: "escalation",
    title: "Is this summary right?",
    task: "Summarise the contract of 3 May.",
    result: "The contract runs until **2028** and can be ended with three months' notice.",
    confidence: 0.41,
    threshold: 0.7,
    reason: "Two clauses contradict each other.",
  })) as { id: string };
  return hold.id;
}
