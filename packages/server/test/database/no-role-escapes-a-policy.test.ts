import { expect, test } from "vitest";
import { ensurePartitions } from "../../src/events/partitions.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { storeHold } from "../../src/testing/stored-hold.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

/** What was a CHECK is a policy for speed; so it has to hold for each role that can write, by every way. */
const ROLES = ["hp_app", "hp_definer"] as const;

describeEachStore("no role of the service escapes a policy", (store) => {
  /** Runs as that role in that organisation, and leaves nothing behind. */
  async function attempt(role: string, orgId: string, sql: string): Promise<string> {
    return store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      try {
        await owner.query("select set_config('hp.org_id', $1, true)", [orgId]);
        await owner.query(`set local role ${role}`);
        const { rowCount } = await owner.query(sql);
        return `wrote ${rowCount}`;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      } finally {
        await owner.query("rollback");
      }
    });
  }

  const copyOfHold = (changes: object): string =>
    `insert into holdpoint.holds select (json_populate_record(h, '${JSON.stringify({ id: "hold_copy", ...changes })}')).*
       from holdpoint.holds h`;
  const event = (columns: string, values: string): string =>
    `insert into holdpoint.events (org_id, id, created_at, actor_kind, data, ${columns})
       values (current_setting('hp.org_id'), 'evt_1', now(), 'member', '{}', ${values})`;

  test.each(ROLES)("%s: invariants of a hold and of a decision (I1, I3, R98)", async (role) => {
    const { orgId } = await seedOrganisation(store().database);
    await storeHold(store().database, orgId, { kind: "approval", status: "pending" });
    const mine = `where org_id = '${orgId}'`;
    expect(await attempt(role, orgId, `${copyOfHold({})} ${mine}`)).toBe("wrote 1");
    const bad: [string, string][] = [
      [`${copyOfHold({ action_hash: null })} ${mine}`, "action_has_its_hash"],
      [`update holdpoint.holds set action_hash = null ${mine}`, "action_has_its_hash"],
      [`${copyOfHold({ decided_at: "2026-01-01T00:00:00Z" })} ${mine}`, "pending_until_decided"],
      [`update holdpoint.holds set status = 'approved' ${mine}`, "pending_until_decided"],
      [`${copyOfHold({ on_timeout: "approve" })} ${mine}`, "only_the_reversible_approves_itself"],
      [
        `update holdpoint.holds set on_timeout = 'approve', reversibility = null ${mine}`,
        "only_the_reversible_approves_itself",
      ],
      [event("type, actor_id, actor_name", "'hold.decided', 'mem_1', 'Ada'"), "decision_names_who_and_what"],
      [
        event("type, actor_id, decision", "'hold.decided', 'mem_1', 'approved'"),
        "decision_names_who_and_what",
      ],
    ];
    for (const [sql, policy] of bad) {
      expect([sql, await attempt(role, orgId, sql)]).toEqual([sql, expect.stringContaining(`"${policy}"`)]);
    }
  });

  test("erasing leaves who decided: its role is under the same policies (R98)", async () => {
    const { orgId } = await seedOrganisation(store().database);
    await store().database.ownerSession((owner) =>
      owner.query(
        `insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, decision, data)
           values ('${orgId}', 'evt_${orgId}', 'hold.decided', now(), 'member', 'mem_1', 'Ada', 'approved', '{}')`,
      ),
    );
    const update = (set: string): string => `update holdpoint.events set ${set} where org_id = '${orgId}'`;
    expect(await attempt("hp_eraser", orgId, update("actor_name = 'erased'"))).toBe("wrote 1");
    expect(await attempt("hp_eraser", orgId, update("actor_id = null"))).toContain(
      "decision_names_who_and_what",
    );
    expect(await attempt("hp_eraser", orgId, update("decision = 'rejected'"))).toContain("permission denied");
  });

  test("an organisation's rows, by insert and by update (I7)", async () => {
    const [mine, theirs] = await Promise.all([
      seedOrganisation(store().database),
      seedOrganisation(store().database),
    ]);
    await storeHold(store().database, mine.orgId, { kind: "approval", status: "pending" });
    const moved = `update holdpoint.holds set org_id = '${theirs.orgId}'`;
    expect(await attempt("hp_app", mine.orgId, moved)).toContain("row-level security");
    expect(await attempt("hp_app", mine.orgId, copyOfHold({ org_id: theirs.orgId }))).toContain(
      "row-level security",
    );
    expect(await attempt("hp_app", theirs.orgId, "update holdpoint.holds set title = 'x'")).toBe("wrote 0");
  });

  test("a partition is reached through its table only, and no role of ours goes past policies", async () => {
    await ensurePartitions(store().database, new Date());
    const found = await store().database.ownerSession(async (owner) => ({
      partitions:
        await owner.query(`select c.relname, r.rolname, has_any_column_privilege(r.oid, c.oid, 'select, insert, update')
          or has_table_privilege(r.oid, c.oid, 'delete, truncate') as may
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r
        where n.nspname = 'holdpoint' and c.relispartition and c.relkind = 'r' and r.rolname like 'hp\\_%'`),
      roles: await owner.query(
        `select rolname from pg_roles where rolname like 'hp\\_%' and (rolsuper or rolbypassrls or rolcanlogin)`,
      ),
      // Who is one of these is held to the policies of all of them: so the service is only itself.
      members: await owner.query(`select m.rolname as member, r.rolname as role from pg_auth_members a
        join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid where m.rolname like 'hp\\_%'`),
    }));
    expect(found.partitions.rows.length).toBeGreaterThanOrEqual(16);
    expect(found.partitions.rows.filter(({ may }) => may)).toEqual([]);
    expect(found.roles.rows).toEqual([]);
    expect(found.members.rows).toEqual([{ member: "hp_app", role: "hp_tools" }]);
  });
});
