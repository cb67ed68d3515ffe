import { expect, test } from "vitest";
import { exampleHold, HASH } from "./example-hold.ts";
import { command } from "./fake-world.ts";
import { HoldServer } from "./hold-server.ts";

const vote = (name: string, verdict: "approve" | "reject", comment: string | null = null) => ({
  by: { id: `mem_${name}`, name, via: "api", verifiedBy: "session" },
  verdict,
  at: "2026-08-01T11:59:59Z",
  actionHash: verdict === "approve" ? HASH : null,
  arguments: null,
  comment,
});

test("holds show says who has voted and who is asked next", async () => {
  const hold = exampleHold({
    quorum: { required: 2, refusals: 2, votes: [vote("Ada", "approve", "fine"), vote("Rob", "reject")] },
    nextStep: { at: "2026-08-01T13:00:00Z", type: "asked", who: "a manager" },
  });
  await using server = await HoldServer.start(hold);
  const { stdout } = await command(["holds", "show", "hold_1"], { env: server.env });
  expect(stdout).toMatch(/Votes +1 of 2 approvals, 1 of 2 refusals/);
  expect(stdout).toMatch(/Ada: approve .*: "fine"/);
  expect(stdout).toContain("Rob: reject");
  expect(stdout).toMatch(/Next +in .* a manager is asked too/);
});

test("a vote for other bytes shows what it would change", async () => {
  const ada = {
    ...vote("Ada", "approve"),
    verdict: "modify" as const,
    arguments: { table_name: "users", count: 10 },
  };
  await using server = await HoldServer.start(
    exampleHold({ quorum: { required: 2, refusals: 1, votes: [ada] } }),
  );
  const { stdout } = await command(["holds", "show", "hold_1"], { env: server.env });
  expect(stdout).toMatch(/Ada: modify .*\n +count +50 -> 10\n/);
});

test("a hold that nobody has voted on says how many it takes; one that asks one person says nothing", async () => {
  await using two = await HoldServer.start(exampleHold({ quorum: { required: 2, refusals: 1, votes: [] } }));
  expect((await command(["holds", "show", "hold_1"], { env: two.env })).stdout).toContain("0 of 2 approvals");
  await using one = await HoldServer.start();
  expect((await command(["holds", "show", "hold_1"], { env: one.env })).stdout).not.toContain("approvals");
});

test("deciding with votes left says how far it has come", async () => {
  const hold = exampleHold({ quorum: { required: 2, refusals: 1, votes: [vote("Ada", "approve")] } });
  await using server = await HoldServer.start(hold, () => ({ status: 200, body: hold }));
  const { stdout, code } = await command(["holds", "approve", "hold_1", "--yes"], { env: server.env });
  expect([code, stdout]).toEqual([0, "hold_1 waits for a decision: 1 of 2 approvals\n"]);
});
