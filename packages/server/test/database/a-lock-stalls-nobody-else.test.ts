import pg from "pg";
import { expect, test } from "vitest";
import { openTestStore } from "../../src/testing/stores.ts";
import { startTestService } from "../../src/testing/test-service.ts";

// On PostgreSQL alone: nobody else can lock anything in the embedded database, which has one connection.
test("a decision that waits for a lock keeps no other decision waiting (G4)", async () => {
  await using running = new AsyncDisposableStack();
  const store = await openTestStore("postgres");
  running.defer(() => store.close());
  const service = await startTestService(store);
  running.defer(() => service.stop());
  const create = async (number: number): Promise<{ id: string; action: { hash: string } }> => {
    const body = { kind: "approval", action: { name: "send", arguments: { number } } };
    return (await service.call("POST", "/v1/holds", { key: service.agentKey, body })).body;
  };
  const decide = async ({ id, action }: { id: string; action: { hash: string } }): Promise<number> => {
    const body = { verdict: "approve", actionHash: action.hash };
    return (await service.call("POST", `/v1/holds/${id}/decisions`, { body })).status;
  };
  const [locked, other] = [await create(1), await create(2)];
  const holder = new pg.Client(store.url);
  await holder.connect();
  running.defer(() => holder.end());
  await holder.query("begin");
  await holder.query("set local role hp_definer");
  await holder.query("select id from holdpoint.holds where id = $1 for update", [locked.id]);

  let isLockedDecided = false;
  const waiting = decide(locked).finally(() => (isLockedDecided = true));
  expect(await decide(other)).toBe(200);
  expect(isLockedDecided).toBe(false);
  await holder.query("commit");
  expect(await waiting).toBe(200);
});
