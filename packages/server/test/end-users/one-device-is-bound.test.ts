import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { ask, boundDevice, makeLink, newDevice, OWN_PAGE } from "./end-user-fixture.ts";

const WRONG = "000-000"; // no code has a zero

describeEachStore("a link names a place and proves nobody", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(async () => {
    await store().setClock(null);
    await service.stop();
  });

  test("a code is six characters that cannot be mistaken, and is stored nowhere", async () => {
    const { link, code } = await makeLink(service, "una");
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}$/);
    const rows = JSON.stringify(
      await store().database.ownerSession(async (owner) => {
        await owner.query("begin");
        await owner.query("set local role hp_definer");
        const found = await owner.query("select * from holdpoint.end_user_links");
        await owner.query("commit");
        return found.rows as unknown[];
      }),
    );
    expect(rows).not.toContain(link);
    expect(rows).not.toContain(code);
    expect(rows).not.toContain(code.replace("-", ""));
  });

  test("looking binds nothing, the press with the code does, however it was typed", async () => {
    const { link, code } = await makeLink(service, "ulf");
    const device = newDevice(service);
    for (const method of ["GET", "HEAD", "OPTIONS", "GET"]) {
      const seen = await device.call(method, `/v1/questions/open/${link}?code=${code}`);
      expect([method, seen.headers.get("set-cookie")]).toEqual([method, null]);
      if (method === "GET") expect(seen.body).toMatchObject({ status: "waiting", attemptsLeft: 5 });
    }
    expect((await device.call("GET", "/v1/questions")).status).toBe(401);
    const opened = await device.open(link, ` ${code.toLowerCase().replace("-", " ")} `);
    expect(opened.body).toMatchObject({ status: "bound" });
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^holdpoint_end_user=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await device.call("GET", "/v1/questions")).body).toEqual({ data: [], nextCursor: null });
    // Again on the same device: nothing to do, and no second cookie.
    const again = await device.open(link, WRONG);
    expect([again.status, again.headers.get("set-cookie")]).toEqual([200, null]);
    expect((await device.call("GET", `/v1/questions/open/${link}`)).body.status).toBe("bound");
  });

  test("another device is told to ask for a new link, also with the code, and learns nothing of it", async () => {
    const { link, code } = await makeLink(service, "ulf");
    expect((await newDevice(service).open(link, code)).status).toBe(200);
    for (const attempt of [code, WRONG]) {
      const second = await newDevice(service).open(link, attempt);
      expect(second.status).toBe(409);
      expect(second.body.code).toBe("link_taken");
      expect(second.body.detail).toContain("ask for a new link");
      expect(second.headers.get("set-cookie")).toBeNull();
    }
    expect((await newDevice(service).call("GET", `/v1/questions/open/${link}`)).body.status).toBe("taken");
  });

  test("five wrong codes end a link, and the right one comes too late", async () => {
    const { link, code } = await makeLink(service, "ulf");
    const left = [];
    for (let n = 1; n <= 5; n++) {
      const tried = await newDevice(service).open(link, WRONG);
      left.push([tried.status, tried.body.code, tried.body.attemptsLeft]);
    }
    expect(left).toEqual([
      [403, "wrong_code", 4],
      [403, "wrong_code", 3],
      [403, "wrong_code", 2],
      [403, "wrong_code", 1],
      [410, "link_ended", undefined],
    ]);
    const late = await newDevice(service).open(link, code);
    expect([late.status, late.body.code]).toEqual([410, "link_ended"]);
    expect(late.body.detail).toContain("Ask for a new link");
  });

  test("guesses at the same time are counted one by one", async () => {
    const { link, code } = await makeLink(service, "ulf");
    const tries = await Promise.all(Array.from({ length: 20 }, () => newDevice(service).open(link, WRONG)));
    expect(tries.filter(({ status }) => status === 403)).toHaveLength(4);
    expect((await newDevice(service).open(link, code)).status).toBe(410);
  });

  test("of two devices at the same time one is bound", async () => {
    for (let round = 0; round < 5; round++) {
      const { link, code } = await makeLink(service, "ulf");
      const devices = Array.from({ length: 6 }, () => newDevice(service));
      const opened = await Promise.all(devices.map((device) => device.open(link, code)));
      expect(opened.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(opened.filter(({ status }) => status === 409)).toHaveLength(5);
      const can = await Promise.all(devices.map((device) => device.call("GET", "/v1/questions")));
      expect(can.map(({ status }) => status)).toEqual(
        opened.map(({ status }) => (status === 200 ? 200 : 401)),
      );
    }
  });

  test("revoked or out of date, link and device are nobody", async () => {
    const { link, code, id } = await makeLink(service, "ulf");
    const device = newDevice(service);
    await device.open(link, code);
    const revoked = await service.call("DELETE", `/v1/end-users/ulf/links/${id}`);
    expect(revoked.body).toMatchObject({ id, status: "revoked" });
    expect((await device.call("GET", "/v1/questions")).status).toBe(401);
    expect((await device.open(link, code)).body.code).toBe("link_ended");

    const short = await makeLink(service, "ulf", { body: { expiresInSeconds: 60 } });
    const other = newDevice(service);
    await other.open(short.link, short.code);
    await store().advance(61_000);
    expect((await other.call("GET", "/v1/questions")).status).toBe(401);
    expect((await other.open(short.link, short.code)).body.code).toBe("link_ended");
    const { data } = (await service.call("GET", "/v1/end-users/ulf/links")).body;
    expect(data[0]).toMatchObject({ id: short.id, status: "expired" });
    expect(JSON.stringify(data)).not.toContain(short.code);
    expect(JSON.stringify(data)).not.toContain(short.link);
    await store().setClock(null);
  });

  test("a press or a cookie from another site's page is refused", async () => {
    const { link, code } = await makeLink(service, "ulf");
    const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    for (const headers of [foreign, { origin: "", "sec-fetch-site": "" }]) {
      const pressed = await service.call("POST", `/v1/questions/open/${link}`, {
        key: null,
        body: { code },
        headers,
      });
      expect(pressed.status).toBe(403);
    }
    const device = await boundDevice(service, "ulf");
    const id = await ask(service, "ulf");
    for (const path of ["/v1/questions", `/v1/questions/${id}`, "/v1/questions/events"])
      expect((await device.call("GET", path, { headers: foreign })).status).toBe(403);
    const answered = await device.call("POST", `/v1/questions/${id}/answer`, {
      headers: foreign,
      body: { answer: "work" },
    });
    expect([answered.status, answered.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    expect((await device.call("GET", `/v1/questions/${id}`)).body.status).toBe("pending");
  });

  test("the same Idempotency-Key tells the same link and code, to the same person's alone", async () => {
    const make = (id: string) =>
      service.call("POST", `/v1/end-users/${id}/links`, {
        body: {},
        headers: { "idempotency-key": "one-link" },
      });
    const [first, second] = [await make("ida"), await make("ida")];
    expect(second.body).toEqual(first.body);
    expect((await make("ivo")).body.code).toBe("idempotency_mismatch");
  });

  test("made, bound and guessed to its end are in the log, without link or code", async () => {
    const { link, code, id } = await makeLink(service, "log");
    await newDevice(service).open(link, code);
    const guessed = await makeLink(service, "log");
    for (let n = 0; n < 5; n++) await newDevice(service).open(guessed.link, WRONG);
    const { orgId } = service.service.firstAdmin ?? { orgId: "" };
    const all = (await store().database.call("read_events_v1", orgId, "0", "", null, null, 1_000)) as {
      event: { type: string; end_user_id: string; actor_kind: string; data: Record<string, unknown> };
    }[];
    const own = all.map(({ event }) => event).filter(({ end_user_id }) => end_user_id === "log");
    expect(
      own.map(({ type, actor_kind, data }) => [type, actor_kind, data["step"] ?? data["reason"]]),
    ).toEqual([
      ["end_user.linked", "member", "made"],
      ["end_user.linked", "end_user", "bound"],
      ["end_user.linked", "member", "made"],
      ["end_user.link_ended", "system", "wrong_codes"],
    ]);
    expect(own[1]?.data["linkId"]).toBe(id);
    for (const secret of [link, code, guessed.link, guessed.code])
      expect(JSON.stringify(all)).not.toContain(secret);
  });

  test("under https the cookie is bound to the host", async () => {
    const secure = await startTestService(store(), { publicUrl: "https://holds.example.com" });
    const made = await secure.call("POST", "/v1/end-users/ulf/links", {
      body: {},
      headers: { host: "holds.example.com" },
    });
    expect(made.body.url).toMatch(/^https:\/\/holds\.example\.com\/questions\/open\//);
    const opened = await secure.call("POST", `/v1/questions/open/${made.body.url.split("/").at(-1)}`, {
      key: null,
      body: { code: made.body.code },
      headers: { ...OWN_PAGE, host: "holds.example.com", origin: "https://holds.example.com" },
    });
    expect(opened.headers.get("set-cookie")).toMatch(
      /^__Host-holdpoint_end_user=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    await secure.stop();
  });
});
