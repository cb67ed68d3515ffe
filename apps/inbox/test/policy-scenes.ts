import type { Holdpoint } from "@holdpoint/client";
import type { JsonObject, PolicyInput } from "@holdpoint/protocol";
import type { Scene } from "./pages.ts";
import { joinAsMember } from "./person.ts";
import type { ServiceProcess } from "./service-process.ts";

/** A policy with something of everything that the pages show. */
export const POLICY = {
  rules: [
    {
      id: "large_refunds",
      description: "Refunds above 1,000 need two people of finance.",
      tools: ["refund_order"],
      when: "value > 1000.0",
      effect: {
        tier: "escalation",
        route: { anyOf: [{ role: "manager" }, { after: "30m", to: { group: "finance" } }] },
        quorum: { required: 2, refusals: 1 },
        strength: "L2",
        respondWithinSeconds: 900,
        timeoutSeconds: 7_200,
        onTimeout: "reject",
        grants: "never",
      },
    },
    { id: "personal_data", preset: "personal_data", effect: { strength: "L2" } },
    {
      id: "small_notes",
      description: "Notes to colleagues are harmless.",
      tools: ["post_note", "edit_note"],
      effect: { level: "auto_proceed", sample: 0.05 },
    },
    {
      id: "reports",
      tools: ["publish_report"],
      when: 'arguments.audience == "public"',
      effect: { tier: "async_review", route: { rotation: "weekly" }, businessHours: true, grants: "allowed" },
    },
  ],
  tiers: { async_review: { respondWithinSeconds: 3_600, remindEverySeconds: 1_800 } },
  groups: { finance: ["fay@example.com", "finn@example.com"] },
  rotations: {
    weekly: {
      people: ["ada@example.com", "rob@example.com"],
      timeZone: "Europe/Berlin",
      startsOn: "2026-01-05",
    },
  },
  businessHours: { timeZone: "Europe/Berlin", holidays: ["2026-12-25"] },
  detectors: { personalData: { arguments: ["*_ssn", "date_of_birth"] } },
} as const satisfies PolicyInput;

export async function putPolicy(client: Holdpoint, document: PolicyInput, comment?: string): Promise<number> {
  const { version } = await client.request<{ version: number }>("PUT", "/v1/policies", {
    body: { document, comment },
  });
  return version;
}

/** The pages of the policy. Written last: it is another policy that those before were looked at by. */
export async function preparePolicyScenes(service: ServiceProcess): Promise<Scene[]> {
  const client = service.client();
  for (const [name, email] of [
    ["Fiona", "fay@example.com"],
    ["Finn", "finn@example.com"],
    ["Ada", "ada@example.com"],
    ["Rob", "rob@example.com"],
  ] as const)
    await client.members.add({ name, email, role: "manager" });
  await putPolicy(client, { ...POLICY, rules: POLICY.rules.slice(1) }, "A first try.");
  const version = await putPolicy(client, POLICY, "Finance asked for two people above 1,000.");
  const voted = await propose(client, {
    name: "refund_order",
    arguments: { order: 17, eur: 2_400, note: "Broken parcel" },
    value: 2_400,
  });
  const fay = await joinAsMember(service, { name: "Fay", role: "manager" });
  await fay.holds.decide(voted, {
    verdict: "modify",
    actionHash: (await fay.holds.get(voted)).action?.hash ?? "",
    modifications: { eur: 1_900 },
    comment: "The shipping was paid back in May.",
  });
  const grantable = await propose(client, {
    name: "publish_report",
    arguments: { audience: "public", report: "march" },
    value: 20,
  });
  await client.request("POST", "/v1/grants", {
    body: {
      tool: "publish_report",
      condition: 'arguments.audience == "team"',
      expiresInSeconds: 2_592_000,
      uses: 20,
      budget: 500,
      reason: "Reports to the team are read by the team only.",
    },
  });
  return [
    { name: "policy-grants", path: "/policy?tab=grants" },
    { name: "card-votes", path: `/holds/${voted}` },
    {
      name: "card-grant",
      path: `/holds/${grantable}`,
      arrange: async (person) => {
        await person.button("Always allow…").click();
        await person.page.getByRole("dialog").waitFor();
        await person.page.getByLabel("Where a condition is true").check();
      },
    },
    { name: "policy", path: "/policy" },
    { name: "policy-rule", path: "/policy?rule=reports" },
    { name: "policy-versions", path: `/policy?tab=versions&version=${version}` },
    {
      name: "policy-explain",
      path: "/policy?tab=explain",
      arrange: async ({ page }) => {
        await page.getByLabel("Action").fill("refund_order");
        await page.getByLabel("Arguments, as JSON").fill('{"order": 17}');
        await page.getByLabel("Value, if it has one").fill("2400");
        await page.getByRole("button", { name: /^Explain/ }).click();
        await page.getByText(/^It is held/).waitFor();
      },
    },
    {
      name: "policy-trial",
      path: "/policy?tab=trial",
      arrange: async ({ page }) => {
        await page.getByRole("button", { name: /^Run / }).click();
        await page.getByRole("table", { name: "By rule" }).waitFor();
      },
    },
    // Last: its draft stays in the tab.
    {
      name: "policy-edit",
      path: "/policy?tab=edit",
      arrange: async ({ page }) => {
        const draft: PolicyInput = structuredClone(POLICY);
        draft.rules?.unshift({ id: "typo", tools: ["delet_records"], when: "valu > 3.0" });
        draft.rules?.push({ id: "never_reached", tools: ["refund_order"], when: "value > 2000.0" });
        await page.getByLabel("The policy, as JSON").fill(JSON.stringify(draft, null, 2));
        await page.getByRole("list", { name: "Findings" }).waitFor();
        await page.getByText(/^\d errors?, which/).waitFor();
      },
    },
  ];
}

async function propose(
  client: Holdpoint,
  action: { name: string; arguments: JsonObject; value: number },
): Promise<string> {
  const hold = (await client.holds.create({ action, endUserId: "customer-4711" })) as { id: string };
  return hold.id;
}
