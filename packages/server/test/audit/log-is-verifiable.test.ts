import {
  canonicalJson,
  fromBase64,
  isSameHash,
  leafHash,
  parseVerifierKey,
  rootOfInclusion,
  verifyCheckpoint,
  verifyConsistency,
  verifyReceipt,
} from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refundConfig } from "../../src/testing/refund-config.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { countLog, untilSigned, verifyLines } from "./audit-fixture.ts";

describeEachStore("the audit log can be verified from outside", (store) => {
  let service: TestService;
  let orgId: string;
  beforeAll(async () => {
    service = await startTestService(store(), { config: refundConfig() });
    orgId = service.service.firstAdmin?.orgId ?? "";
  });
  afterAll(() => service.stop());

  const propose = async (body: object = {}) =>
    (
      await service.call("POST", "/v1/holds", {
        key: service.agentKey,
        body: { action: { name: "refund", arguments: { order: 7, eur: 240 } }, ...body },
      })
    ).body;
  const decide = (hold: { id: string; action: { hash: string } }, verdict = "approve") =>
    service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict, actionHash: hold.action.hash, comment: "fine by me" },
    });
  const get = (path: string) =>
    service.service.app.request(`http://localhost:7777${path}`, {
      headers: { host: "localhost:7777", authorization: `Bearer ${service.adminKey}` },
    });
  const lines = async (query = "") =>
    (await (await get(`/v1/audit?format=log${query}`)).text()).trimEnd().split("\n");

  test("an export verifies alone; of one hold, too", async () => {
    const hold = await propose();
    await decide(hold);
    for (let count = 0; count < 20; count++) await propose({ sessionId: `s-${count}` });
    const size = await untilSigned(store().database, orgId);
    const whole = await verifyLines(await lines());
    expect(whole).toMatchObject({ entries: size, erasedEntries: 0, header: { orgId, filter: null } });
    const seen: unknown[] = [];
    const part = await verifyLines(await lines(`&holdId=${hold.id}`), {
      onEntry: (_index, { event }) => seen.push([event["type"], event["decision"], event["rationale"]]),
    });
    expect(part.entries).toBe(2);
    expect(seen).toEqual([
      ["hold.created", null, null],
      ["hold.decided", "approved", "fine by me"],
    ]);
    // Another hold's approval, given out as this one's.
    const passedOff = (await lines(`&holdId=${hold.id}`)).with(
      0,
      ((await lines(`&holdId=${hold.id}`))[0] ?? "").replaceAll(hold.id, (await propose()).id),
    );
    await expect(verifyLines(passedOff)).rejects.toMatchObject({ fault: "wrong_entry" });
    expect((await verifyLines(await lines("&sessionId=s-3"))).entries).toBe(1);
    expect((await service.call("GET", "/v1/audit/check")).body).toMatchObject({ findings: [] });
  });

  test("each line is JSON, and its leaf is canonical", async () => {
    await propose();
    await untilSigned(store().database, orgId);
    for (const line of (await lines()).filter((text) => text.startsWith('{"index"'))) {
      const { leaf, hash } = JSON.parse(line);
      expect(Buffer.from(leafHash(canonicalJson(leaf))).toString("base64url")).toBe(hash);
    }
  });

  test("a receipt is 409 before the decision, 202 with Retry-After before its leaf is signed, then a proof", async () => {
    const hold = await propose();
    expect((await service.call("GET", `/v1/holds/${hold.id}/receipt`)).status).toBe(409);
    await decide(hold, "reject");
    const early = await service.call("GET", `/v1/holds/${hold.id}/receipt`);
    expect([early.status, early.headers.get("retry-after"), early.body]).toEqual([
      202,
      "1",
      { status: "pending" },
    ]);
    await untilSigned(store().database, orgId);
    const { status, body } = await service.call("GET", `/v1/holds/${hold.id}/receipt`);
    expect(status).toBe(200);
    const { key } = (await service.call("GET", "/v1/audit/checkpoint")).body;
    const { entries } = await verifyReceipt(body, { keys: [parseVerifierKey(key)] });
    expect(entries.map(({ event }) => [event["type"], event["decision"], event["rationale"]])).toEqual([
      ["hold.created", null, null],
      ["hold.decided", "rejected", "fine by me"],
    ]);
    expect(entries[0]?.event["actionHash"]).toBe(hold.action.hash);
    const forged = structuredClone(body);
    forged.entries[1].disclosures.find((item: string[]) => item[1] === "rationale")[2] = "never";
    await expect(verifyReceipt(forged)).rejects.toMatchObject({ fault: "wrong_entry" });
    forged.entries[1] = { ...body.entries[1], leaf: { ...body.entries[1].leaf, decision: "approved" } };
    await expect(verifyReceipt(forged)).rejects.toMatchObject({ fault: "wrong_root" });
    await expect(verifyReceipt({ ...body, holdId: "hold_x" })).rejects.toMatchObject({
      fault: "wrong_entry",
    });
    await expect(verifyReceipt({ ...body, entries: body.entries.toReversed() })).rejects.toMatchObject({
      fault: "malformed_receipt",
    });
  });

  test("what was only put off is no end: a receipt over it is none (I3)", async () => {
    const hold = await propose();
    expect((await service.call("POST", `/v1/holds/${hold.id}/defer`)).status).toBe(200);
    await decide(hold, "reject");
    await untilSigned(store().database, orgId);
    const { body: receipt } = await service.call("GET", `/v1/holds/${hold.id}/receipt`);
    const entries = (await lines(`&holdId=${hold.id}`))
      .filter((line) => line.startsWith('{"index"'))
      .map((line) => JSON.parse(line))
      .map(({ index, leaf, disclosures, proof }) => {
        const hashes = proof.map((hash: string) => Buffer.from(hash, "base64url").toString("base64"));
        return { index, leaf, disclosures, proof: hashes };
      });
    expect(entries.map(({ leaf }) => leaf.type)).toEqual(["hold.created", "hold.deferred", "hold.decided"]);
    await verifyReceipt({ ...receipt, entries });
    await expect(verifyReceipt({ ...receipt, entries: entries.slice(0, 2) })).rejects.toMatchObject({
      fault: "malformed_receipt",
    });
  });

  test("a report's header cannot be given lines; instants are written as everywhere", async () => {
    const { body } = await service.call("GET", "/v1/audit?format=text&sessionId=x%0A%5B2026%5D%20approved");
    expect(body).toBe("Audit trail for session x\\u{a}[2026] approved\n");
    const { createdAt } = (await service.call("GET", "/v1/audit/checkpoint")).body;
    expect(createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test("inclusion and consistency over the API, and the same as a tlog-proof", async () => {
    const first = await service.call("GET", "/v1/audit/checkpoint");
    await propose();
    await untilSigned(store().database, orgId);
    const { body: second } = await service.call("GET", "/v1/audit/checkpoint");
    const keys = [parseVerifierKey(second.key)];
    const [older, newer] = await Promise.all([
      verifyCheckpoint(first.body.checkpoint, keys),
      verifyCheckpoint(second.checkpoint, keys),
    ]);
    const { body: proof } = await service.call(
      "GET",
      `/v1/audit/consistency?from=${older.size}&to=${newer.size}`,
    );
    const hashes = proof.proof.map(fromBase64);
    verifyConsistency(older.root, newer.root, { from: older.size, to: newer.size, hashes });
    const { data } = (await service.call("GET", "/v1/audit")).body;
    for (const { event } of data.slice(-3)) {
      const { body: inclusion } = await service.call("GET", `/v1/audit/inclusion/${event.id}`);
      const root = rootOfInclusion(fromBase64(inclusion.leafHash)!, {
        index: inclusion.index,
        size: inclusion.size,
        hashes: inclusion.proof.map(fromBase64),
      });
      expect(isSameHash(root, newer.root)).toBe(true);
      const { body: text } = await service.call("GET", `/v1/audit/inclusion/${event.id}?format=tlog-proof`);
      expect(text).toBe(
        [
          "c2sp.org/tlog-proof@v1",
          `index ${inclusion.index}`,
          ...inclusion.proof,
          "",
          second.checkpoint,
        ].join("\n"),
      );
    }
    expect((await service.call("GET", "/v1/audit/inclusion/evt_none")).status).toBe(404);
    for (const query of ["from=3&to=2", "from=0&to=100000", "from=-1", "from=x"]) {
      expect((await service.call("GET", `/v1/audit/consistency?${query}`)).status).toBe(422);
    }
  });

  test("tiles and bundles of c2sp.org/tlog-tiles rebuild the root", async () => {
    while ((await countLog(store().database, orgId)).events < 260) await propose();
    const size = await untilSigned(store().database, orgId);
    const prefix = `/v1/audit/logs/${orgId}`;
    const read = async (path: string) => {
      const response = await get(`${prefix}/${path}`);
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    };
    const note = (await read("checkpoint")).bytes.toString();
    expect(note).toContain(`holdpoint/${orgId}\n${size}\n`);
    const full = await read("tile/0/000");
    const rest = await read(`tile/0/001.p/${size - 256}`);
    expect([full.bytes.length, rest.bytes.length]).toEqual([8192, (size - 256) * 32]);
    const above = await read("tile/1/000.p/1");
    expect(above.bytes.length).toBe(32);
    const bundle = (await read(`tile/entries/001.p/${size - 256}`)).bytes;
    let at = 0;
    for (let index = 0; at < bundle.length; index++) {
      const length = bundle.readUInt16BE(at);
      const hash = leafHash(new Uint8Array(bundle.subarray(at + 2, at + 2 + length)));
      expect(isSameHash(hash, new Uint8Array(rest.bytes.subarray(index * 32, index * 32 + 32)))).toBe(true);
      at += 2 + length;
    }
    for (const path of [
      "tile/0/001",
      "tile/0/000.p/256",
      "tile/0/0",
      "tile/2/000",
      "tile/x/000",
      "tile/64/000",
    ]) {
      expect([path, (await read(path)).status]).toEqual([path, 404]);
    }
  });

  test("another organisation sees neither log, nor proof, nor receipt (I7)", async () => {
    const stranger = await seedOrganisation(store().database);
    const { data } = (await service.call("GET", "/v1/audit")).body;
    const paths = [
      `/v1/audit/logs/${orgId}/checkpoint`,
      `/v1/audit/logs/${orgId}/tile/0/000`,
      `/v1/audit/logs/${orgId}/tile/entries/000`,
      `/v1/audit/inclusion/${data[0].event.id}`,
      `/v1/holds/${data[0].event.holdId}/receipt`,
      "/v1/audit/checkpoint",
      "/v1/audit?format=log",
    ];
    for (const path of paths) {
      expect([path, (await service.call("GET", path, { key: stranger.adminKey })).status]).toEqual([
        path,
        404,
      ]);
    }
    expect((await service.call("GET", "/v1/audit/check", { key: stranger.adminKey })).body.entries).toBe(0);
  });

  test("the log is insert-only for the service", async () => {
    for (const statement of [
      "update holdpoint.audit_leaves set hash = hash",
      "delete from holdpoint.audit_leaves",
      "update holdpoint.audit_tiles set root = root",
      "delete from holdpoint.audit_checkpoints",
      "insert into holdpoint.audit_leaves values ('o', 0, 'e', ''::bytea)",
    ]) {
      await expect(store().database.query(statement)).rejects.toThrow(/permission denied/);
    }
  });
});
