import { afterAll, beforeAll, expect, test } from "vitest";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { eventsOf, put, testConfig, testTool } from "./policy-fixture.ts";

const rule = (id: string) => ({
  id,
  when: `value > ${id.codePointAt(0) ?? 0}.0`,
  effect: { level: "mandatory_review" as const },
});

describeEachStore("a policy is edited", (store) => {
  let service: TestService;
  let other: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store(), { config: testConfig([testTool({ name: "add_tag" })]) });
    other = await seedOrganisation(store().database);
  });
  afterAll(() => service.stop());
  const edit = (body: object, more: object = {}) => service.call("PUT", "/v1/policies", { body, ...more });

  test("before anybody gave one there is version 0, empty", async () => {
    const { body } = await service.call("GET", "/v1/policies", { key: other.adminKey });
    expect(body).toMatchObject({ version: 0, document: {}, source: "none", shadowVersion: null });
    expect(body.findings).toBeInstanceOf(Array);
  });

  test("every version is kept as it was given, and one event says who changed what", async () => {
    const one = await put(service, { rules: [rule("a"), rule("b")] }, { comment: "First." });
    const two = await put(service, {
      rules: [rule("b"), rule("c")],
      tiers: { sync_gate: { timeoutSeconds: 600 } },
    });
    expect(two).toBe(one + 1);
    const kept = await service.call("GET", `/v1/policies/versions/${one}`);
    expect(kept.body).toMatchObject({
      version: one,
      comment: "First.",
      source: "api",
      createdBy: "Admin",
      // With its defaults.
      document: { rules: [rule("a"), rule("b")], groups: {}, rotations: {} },
    });
    const [event] = await eventsOf(service, "policy.changed");
    expect(event).toMatchObject({
      actor: { kind: "member", name: "Admin" },
      data: {
        version: two,
        before: one,
        mode: "enforce",
        changes: {
          rulesAdded: ["c"],
          rulesRemoved: ["a"],
          rulesChanged: [],
          isReordered: false,
          partsChanged: ["tiers"],
        },
      },
    });
    const list = await service.call("GET", "/v1/policies/versions?limit=1");
    expect(list.body.data).toMatchObject([{ version: two }]);
    expect(list.body.data[0].document).toBeUndefined();
    const next = await service.call("GET", `/v1/policies/versions?cursor=${list.body.nextCursor}`);
    expect(next.body).toMatchObject({ data: [{ version: one }], nextCursor: null });
    expect((await service.call("GET", "/v1/policies/versions/99")).status).toBe(404);
    expect((await service.call("GET", "/v1/policies/versions/x")).status).toBe(422);
  });

  test("of two editors the second is told what is in force, and overwrites nothing", async () => {
    const version = await put(service, { rules: [rule("base")] });
    expect((await edit({ document: { rules: [rule("mine")] }, expectedVersion: version })).status).toBe(200);
    const late = await edit({ document: { rules: [rule("theirs")] }, expectedVersion: version });
    expect([late.status, late.body.code, late.body.currentVersion]).toEqual([409, "conflict", version + 1]);
    const { body } = await service.call("GET", "/v1/policies");
    expect(body.document.rules[0].id).toBe("mine");
    const both = await Promise.all(
      ["x", "y"].map((id) => edit({ document: { rules: [rule(id)] }, expectedVersion: version + 1 })),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test("the same key gives the same version once", async () => {
    const headers = { "idempotency-key": "edit-1" };
    const body = { document: { rules: [rule("once")] } };
    const [first, again] = [await edit(body, { headers }), await edit(body, { headers })];
    expect(again.body).toEqual(first.body);
    expect((await edit({ document: {} }, { headers })).status).toBe(422);
    expect((await service.call("GET", "/v1/policies")).body.version).toBe(first.body.version);
  });

  test("who is neither admin nor operator changes nothing; agents do not read it", async () => {
    const document = { rules: [] };
    for (const key of [other.reviewerKey, other.agentKey, service.agentKey]) {
      const { status } = await edit({ document }, { key });
      expect(status).toBe(403);
    }
    expect((await edit({ document }, { key: null })).status).toBe(401);
    expect((await service.call("GET", "/v1/policies", { key: service.agentKey })).status).toBe(403);
    expect((await service.call("GET", "/v1/policies", { key: other.reviewerKey })).status).toBe(200);
  });

  test("a version is its organisation's", async () => {
    const version = await put(service, { rules: [rule("ours")] });
    const theirs = await service.call("GET", `/v1/policies/versions/${version}`, { key: other.adminKey });
    expect(theirs.status).toBe(404);
    expect((await service.call("GET", "/v1/policies", { key: other.adminKey })).body.version).toBe(0);
  });

  test("a document with mistakes is refused whole, each named with place and remedy", async () => {
    const before = (await service.call("GET", "/v1/policies")).body.version;
    const { status, body } = await edit({
      document: {
        rules: [
          { id: "Bad Id", efect: {} },
          { id: "ok", effect: { timeoutSeconds: -1 } },
        ],
      },
    });
    expect([status, body.code]).toEqual([422, "invalid_request"]);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(["document.rules[0].id", "document.rules[1].effect.timeoutSeconds"]),
    );
    for (const finding of body.findings) expect(finding.remedy).not.toBe("");
    expect((await service.call("GET", "/v1/policies")).body.version).toBe(before);
  });
});
