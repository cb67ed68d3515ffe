import { createHash } from "node:crypto";
import { parseVerifierKey, verifyReceipt } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Queries } from "../../src/database/database.ts";
import { eraseForAdmin } from "../../src/audit/erasure.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { countLog, exportLines, untilSigned, verifyLines } from "./audit-fixture.ts";

describeEachStore("personal data can be erased without breaking the log", (store) => {
  let service: TestService;
  let orgId: string;
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
    orgId = service.service.firstAdmin?.orgId ?? "";
  });
  afterAll(() => service.stop());

  async function story(endUserId: string, sessionId: string): Promise<string> {
    const { body: hold } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: {
        action: { name: "payout", arguments: { order: 7, to: `IBAN of ${endUserId}` } },
        endUserId,
        sessionId,
      },
    });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "reject", comment: `${endUserId} called twice` },
    });
    return hold.id;
  }
  const erase = (body: object, key?: string) =>
    service.call("POST", "/v1/audit/erasures", { body, ...(key !== undefined && { key }) });

  test("of an end user: the values go, entries, hashes, checkpoints, proofs and who decided stay", async () => {
    const [mine, other] = [await story("kaethe", "s-1"), await story("klaus", "s-2")];
    await story("kaethe", "s-3");
    await untilSigned(store().database, orgId);
    const before = await exportLines(store().database, orgId);
    expect(before.join("\n")).toContain("kaethe");
    expect((await erase({ endUserId: "kaethe" })).body).toMatchObject({ entries: 4 });
    await untilSigned(store().database, orgId);
    const after = await exportLines(store().database, orgId);
    expect(after.join("\n")).not.toContain("kaethe");
    expect(after.join("\n")).toContain("klaus");
    const entries: Record<string, unknown>[] = [];
    const verified = await verifyLines(after, {
      // The checkpoint from before the erasure still holds.
      checkpoints: [JSON.parse(before[0]!).checkpoint],
      onEntry: (_index, { event }) => entries.push(event),
    });
    expect(verified).toMatchObject({ erasedEntries: 4, checkpointsElsewhere: 1 });
    const hashes = (lines: string[]) => lines.flatMap((line) => /"hash":"([^"]+)"/.exec(line)?.[1] ?? []);
    expect(hashes(after).slice(0, hashes(before).length)).toEqual(hashes(before));
    expect(
      entries.find((event) => event["holdId"] === mine && event["type"] === "hold.decided"),
    ).toMatchObject({
      actor: { kind: "member", name: expect.any(String) },
      decision: "rejected",
      rationale: null,
      data: null,
      endUserId: null,
      sessionId: null,
    });
    expect(entries.at(-1)).toMatchObject({ type: "audit.erased", data: { subject: "end_user", entries: 4 } });
    expect((await service.call("GET", "/v1/audit/check")).body.findings).toEqual([]);
    const keys = [parseVerifierKey((await service.call("GET", "/v1/audit/checkpoint")).body.key)];
    for (const id of [mine, other]) {
      const { entries: proved } = await verifyReceipt(
        (await service.call("GET", `/v1/holds/${id}/receipt`)).body,
        { keys },
      );
      expect(proved.map(({ event }) => event["rationale"])).toEqual([
        null,
        id === other ? "klaus called twice" : null,
      ]);
    }
    // The report gives what is left, and does not fail over it.
    expect((await service.call("GET", "/v1/audit?format=text")).body).toContain("rejected");
    // Once more finds nothing, and records nothing.
    expect((await erase({ endUserId: "kaethe" })).body).toEqual({ entries: 0, eventIds: [] });
  });

  test("it is recorded in the transaction that erases: a key revoked meanwhile erases nothing (I5)", async () => {
    await story("nora", "s-30");
    await untilSigned(store().database, orgId);
    const { database } = store();
    const events = async () => (await countLog(database, orgId)).events;
    const before = await events();
    // The first call asks for the right, the second erases and records: in between, the key is taken away.
    const calls: string[] = [];
    const racing: Pick<Queries, "call"> = {
      call(name, ...args) {
        calls.push(name);
        const isErasing = calls.filter((called) => called === "record_erasure_v1").length === 2;
        return database.call(
          name,
          ...(isErasing ? [{ ...(args[0] as object), credentialHash: "none" }] : args),
        );
      },
    };
    const hash = createHash("sha256").update(service.adminKey).digest("hex");
    await expect(eraseForAdmin(racing, hash, { endUserId: "nora" })).rejects.toMatchObject({ status: 401 });
    expect(calls.filter((name) => name.startsWith("erase"))).toEqual([]);
    expect(await events()).toBe(before);
    expect((await exportLines(database, orgId)).join("\n")).toContain("nora called twice");
    const { entries, eventIds } = await eraseForAdmin(database, hash, { endUserId: "nora" });
    expect([entries, eventIds.length, await events()]).toEqual([2, 1, before + 1]);
    await untilSigned(database, orgId);
  });

  test("of a session; what comes later about the same end user is kept", async () => {
    await story("mia", "s-10");
    await untilSigned(store().database, orgId);
    expect((await erase({ sessionId: "s-10" })).body).toMatchObject({ entries: 2 });
    await story("mia", "s-11");
    await untilSigned(store().database, orgId);
    const lines = await exportLines(store().database, orgId);
    expect(lines.filter((line) => line.includes("mia called twice"))).toHaveLength(1);
    await verifyLines(lines);
  });

  test("only by an admin, only what is in the log, and only what is still what it was", async () => {
    expect((await erase({ endUserId: "x" }, service.agentKey)).status).toBe(403);
    expect((await erase({})).status).toBe(422);
    expect((await erase({ endUserId: "x", sessionId: "y" })).status).toBe(422);
    await story("eve", "s-20");
    const early = await erase({ endUserId: "eve" });
    expect([early.status, early.body.code]).toEqual([409, "in_progress"]);
    await untilSigned(store().database, orgId);
    await store().database.ownerSession((owner) =>
      owner.query(
        "update holdpoint.events set decision = 'approved' where end_user_id = 'eve' and decision is not null",
      ),
    );
    const refused = await erase({ endUserId: "eve" });
    expect([refused.status, refused.body.code]).toEqual([409, "conflict"]);
    expect(refused.body.detail).toContain("was changed where it is stored");
    const { findings } = (await service.call("GET", "/v1/audit/check")).body;
    expect(findings).toMatchObject([{ kind: "changed" }]);
  });
});
