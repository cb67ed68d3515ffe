import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ConnectionNeed, FreshConnection } from "../../src/connections/connections.ts";
import { ProviderError } from "../../src/connections/provider-error.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startConnections, type ConnectionFixture } from "./connection-fixture.ts";

let person = 0;

describeEachStore("tokens stay fresh", (store) => {
  let at: ConnectionFixture;
  let need: ConnectionNeed;
  beforeAll(async () => {
    at = await startConnections(store());
  });
  afterAll(() => at.stop());
  beforeEach(async () => {
    await store().setClock(null);
    at.provider.isDown = false;
    at.provider.lifetimeSeconds = 3_600;
    const endUserId = `user_${person++}`;
    at.provider.person = { account: endUserId, allows: true };
    need = { orgId: at.orgId, endUserId, provider: "calendar", scopes: ["calendar:read"] };
    await at.connect(endUserId);
    at.provider.tokenRequests.length = 0;
  });

  async function tokenOf(fresh: Promise<FreshConnection>): Promise<string> {
    const got = await fresh;
    if (got.type !== "ready") throw new Error("not ready");
    return got.accessToken;
  }
  const typesOf = async () =>
    (await at.events()).filter(({ end_user_id }) => end_user_id === need.endUserId).map(({ type }) => type);
  const statusOf = async () =>
    (await at.call("GET", `/v1/connections?endUserId=${need.endUserId}`)).body.data[0].status;

  test("a token is used until its end is near, then renewed; the refresh token rotates each time", async () => {
    const first = await tokenOf(at.connections.fresh(need));
    await store().advance(3_500_000);
    expect(await tokenOf(at.connections.fresh(need))).toBe(first);
    expect(at.provider.tokenRequests).toEqual([]);
    await store().advance(45_000);
    const second = await tokenOf(at.connections.fresh(need));
    expect(second).not.toBe(first);
    await store().advance(3_600_000);
    const third = await tokenOf(at.connections.fresh(need));
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await at.provider.knows(third)).toBe(true);
    expect(at.provider.tokenRequests.map(({ status }) => status)).toEqual([200, 200]);
    expect(await typesOf()).toEqual(["connection.created", "connection.refreshed", "connection.refreshed"]);
  });

  test("64 at once on two instances: one refresh, and all have the new token", async () => {
    const other = await at.second();
    await store().advance(3_590_000);
    const tokens = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        tokenOf((index % 2 === 0 ? at.connections : other.connections).fresh(need)),
      ),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(await at.provider.knows(tokens[0] ?? "")).toBe(true);
    expect(at.provider.tokenRequests.map(({ status }) => status)).toEqual([200]);
    expect(await typesOf()).toEqual(["connection.created", "connection.refreshed"]);
  });

  test("a flight that never lands is taken over when its lease is over", async () => {
    await store().advance(3_590_000);
    const [{ id }] = (await at.call("GET", `/v1/connections?endUserId=${need.endUserId}`)).body.data;
    await store().database.call("lease_connection_v1", {
      orgId: at.orgId,
      id,
      owner: "a dead instance",
      seconds: 1,
    });
    expect(await at.provider.knows(await tokenOf(at.connections.fresh(need)))).toBe(true);
    expect(at.provider.tokenRequests).toHaveLength(1);
  });

  test("trouble on the way is no expiry: the old token while it lasts, then an error that may be tried again", async () => {
    const first = await tokenOf(at.connections.fresh(need));
    at.provider.isDown = true;
    await store().advance(3_590_000);
    expect(await tokenOf(at.connections.fresh(need))).toBe(first);
    await store().advance(3_600_000);
    const error = await at.connections.fresh(need).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ trouble: "unreachable", retryable: true });
    expect(await statusOf()).toBe("active");
    at.provider.isDown = false;
    expect(await tokenOf(at.connections.fresh(need))).not.toBe(first);
  });

  test("defect 29: revoked at the provider in the middle of a run: the 401 is told, renewed once, then consent is asked for anew", async () => {
    const first = await tokenOf(at.connections.fresh(need));
    await at.provider.revokeAll();
    const refused = await at.connections.refuse(need, { accessToken: first, isRenewed: false });
    expect(refused).toMatchObject({
      type: "needed",
      question: { provider: "calendar", scopes: ["calendar:read"] },
    });
    expect(await statusOf()).toBe("expired");
    expect(at.provider.tokenRequests.map(({ answer }) => answer)).toEqual(["invalid_grant"]);
    expect(await at.connections.look(need)).toMatchObject({ type: "needed" });
    const hold = await at.ask(need.endUserId);
    expect(hold.status).toBe("pending");
    await at.connect(need.endUserId);
    expect((await at.call("GET", `/v1/holds/${hold.id}`)).body.status).toBe("answered");
    expect(await at.provider.knows(await tokenOf(at.connections.fresh(need)))).toBe(true);
    expect(await typesOf()).toEqual([
      "connection.created",
      "connection.expired",
      "hold.created",
      "connection.created",
      "hold.decided",
    ]);
  });

  test("a 401 is answered with the token that another has renewed already, or with a renewed one", async () => {
    const first = await tokenOf(at.connections.fresh(need));
    const second = await tokenOf(at.connections.refuse(need, { accessToken: first, isRenewed: false }));
    expect(second).not.toBe(first);
    expect(await tokenOf(at.connections.refuse(need, { accessToken: first, isRenewed: false }))).toBe(second);
    expect(at.provider.tokenRequests).toHaveLength(1);
    expect(await at.connections.refuse(need, { accessToken: second, isRenewed: true })).toMatchObject({
      type: "needed",
    });
    expect(await statusOf()).toBe("expired");
  });

  test("ended here: at the provider too, the token is given to nobody any more, and a repetition changes nothing", async () => {
    const token = await tokenOf(at.connections.fresh(need));
    const [{ id }] = (await at.call("GET", `/v1/connections?endUserId=${need.endUserId}`)).body.data;
    const ended = await at.call("DELETE", `/v1/connections/${id}`);
    expect(ended.body).toMatchObject({ id, status: "revoked", revokedAtProvider: "revoked" });
    expect(await at.provider.knows(token)).toBe(false);
    expect(await at.connections.fresh(need)).toMatchObject({ type: "needed" });
    expect((await at.call("DELETE", `/v1/connections/${id}`)).body).toMatchObject({ status: "revoked" });
    expect((await at.call("DELETE", "/v1/connections/con_nothing")).status).toBe(404);
    expect(await typesOf()).toEqual(["connection.created", "connection.revoked"]);
    const rows = await store().database.ownerSession(
      async (owner) =>
        (await owner.query("select sealed from holdpoint.connections where id = $1", [id])).rows,
    );
    expect(rows).toEqual([{ sealed: null }]);
  });

  test("ended while the provider is down: here it has ended all the same, and it is said", async () => {
    const [{ id }] = (await at.call("GET", `/v1/connections?endUserId=${need.endUserId}`)).body.data;
    const dead = await startConnections(store());
    await dead.provider.close();
    try {
      const ended = await dead.connections.revoke({
        orgId: at.orgId,
        connectionId: id,
        by: { kind: "end_user", id: need.endUserId, name: null },
      });
      expect(ended).toMatchObject({ status: "revoked", revokedAtProvider: "failed" });
    } finally {
      await dead.stop().catch(() => undefined);
    }
    await expect(
      at.connections.revoke({
        orgId: at.orgId,
        connectionId: id,
        endUserId: "somebody else",
        by: { kind: "system", id: "system", name: null },
      }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  test("another secret, or a record put back or swapped: told, consent is asked for, nothing breaks", async () => {
    const other = await at.second("another secret of the tests, long as well");
    expect(await other.connections.fresh(need)).toMatchObject({ type: "needed" });
    expect(await other.connections.look(need)).toMatchObject({ type: "needed" });
    expect(at.logged.join("")).toContain("were sealed under another HOLDPOINT_SECRET");
    // Nothing is lost by a wrong start: with the right secret it is as it was.
    expect(await at.connections.look(need)).toMatchObject({ type: "ready" });
    expect(await other.connections.settleCovered(need)).toEqual([]);

    const read = "select sealed, version from holdpoint.connections where end_user_id = $1";
    const [old] = await store().database.ownerSession(
      async (owner) => (await owner.query(read, [need.endUserId])).rows,
    );
    await at.connect(need.endUserId);
    // An old record put back in place of the new one.
    await store().database.ownerSession((owner) =>
      owner.query("update holdpoint.connections set sealed = $2 where end_user_id = $1", [
        need.endUserId,
        old.sealed,
      ]),
    );
    expect(await at.connections.fresh(need)).toMatchObject({ type: "needed" });
    expect(await statusOf()).toBe("expired");
  });
});
