// Who may pause, resume, cancel and kill a run; each is refused before anything happens.
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlRun } from "../../src/runs/control-run.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

const ACTIONS = ["pause", "resume", "cancel", "kill"] as const;

describeEachStore("a run is taken in hand", (store) => {
  let fixture: RunFixture;
  let runId: string;
  beforeAll(async () => {
    fixture = await createRunFixture(store(), { tools: createTestTools().tools, script: obey });
    runId = await fixture.start("delete 5");
  });
  afterAll(() => fixture.stop());

  /** How each of the actions ends for whom that credential belongs to. */
  async function tried(credentialHash: string): Promise<Record<string, string>> {
    const results: Record<string, string> = {};
    for (const action of ACTIONS) {
      results[action] = await controlRun(
        { database: store().database, wakeups: fixture.wakeups },
        { credentialHash, runId, action, reason: "to see" },
      ).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      );
    }
    return results;
  }

  async function key(hash: string, columns: string): Promise<void> {
    await store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      await owner.query(`update holdpoint.api_keys set ${columns} where hash = $1`, [hash]);
      await owner.query("commit");
    });
  }

  const each = (code: string) => Object.fromEntries(ACTIONS.map((action) => [action, code]));

  test("by nobody who is not known, and not by a reviewer who did not start it", async () => {
    expect(await tried("0".repeat(64))).toEqual(each("unauthorized"));
    expect(await tried(fixture.organisation.reviewerHash)).toEqual(each("not_allowed"));
  });

  test("by no agent whose run it is not, or whose key may not, and never killed by one", async () => {
    const { agentHash } = fixture.organisation;
    await key(agentHash, "agent_id = 'somebody_else'");
    expect(await tried(agentHash)).toEqual(each("not_found"));
    await key(agentHash, "agent_id = null, scopes = '{holds:create,runs:read}'");
    expect(await tried(agentHash)).toEqual(each("not_allowed"));
    await key(agentHash, "scopes = '{runs:*}'");
    expect(await tried(agentHash)).toEqual({
      pause: "queued",
      resume: "queued",
      cancel: "cancelled",
      kill: "not_allowed",
    });
  });

  test("by whoever started it, but for the last resort", async () => {
    runId = await fixture.start("delete 5");
    await store().database.ownerSession((owner) =>
      owner.query("update holdpoint.runs set starter_member_id = $3 where org_id = $1 and id = $2", [
        fixture.organisation.orgId,
        runId,
        fixture.organisation.reviewerId,
      ]),
    );
    expect(await tried(fixture.organisation.reviewerHash)).toEqual({
      pause: "queued",
      resume: "queued",
      cancel: "cancelled",
      kill: "not_allowed",
    });
    runId = await fixture.start("delete 5");
    expect(await tried(fixture.organisation.adminHash)).toMatchObject({ cancel: "cancelled" });
  });
});
