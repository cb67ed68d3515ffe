import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { untilSigned } from "../audit/audit-fixture.ts";
import { startConnections, type ConnectionFixture } from "./connection-fixture.ts";
import { TestBrowser } from "./test-browser.ts";

let person = 0;

describeEachStore("nobody else's consent counts", (store) => {
  let at: ConnectionFixture;
  beforeAll(async () => {
    at = await startConnections(store());
  });
  afterAll(() => at.stop());

  /** A hold, and a browser that has come back with the provider's yes, which is not opened yet. */
  async function atCallback() {
    const endUserId = `user_${person++}`;
    const hold = await at.ask(endUserId);
    const browser = new TestBrowser();
    const url = await at.offer({ holdId: hold.id });
    const callback = await at.toCallback(url, browser);
    return { endUserId, hold, browser, url, callback };
  }
  const statusOf = async (hold: { id: string }) => (await at.call("GET", `/v1/holds/${hold.id}`)).body.status;
  const connectionsOf = async (endUserId: string) =>
    (await at.call("GET", `/v1/connections?endUserId=${endUserId}`)).body.data;

  test("defect 30: a callback replayed does nothing more; parallel ones connect once", async () => {
    const { hold, browser, callback, endUserId } = await atCallback();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => {
        const twin = new TestBrowser();
        // The same browser's cookies, in eight tabs.
        return sameCookies(browser, twin, callback);
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    expect(await statusOf(hold)).toBe("answered");
    const events = async () =>
      (await at.events()).filter(({ end_user_id }) => end_user_id === endUserId).length;
    const before = await events();
    const again = await sameCookies(browser, new TestBrowser(), callback);
    expect(again.status).toBe(409);
    expect(await again.text()).toContain("already finished");
    expect(await events()).toBe(before);
  });

  test("defect 30: consent by another person's browser is refused, and spends nothing", async () => {
    const { hold, browser, callback, endUserId } = await atCallback();
    const foreign = await new TestBrowser().get(callback);
    expect(foreign.status).toBe(403);
    expect(await foreign.text()).toContain("another browser");
    expect(await statusOf(hold)).toBe("pending");
    expect(await connectionsOf(endUserId)).toEqual([]);
    expect((await browser.get(callback)).status).toBe(200);
    expect(await statusOf(hold)).toBe("answered");
  });

  test("a wrong iss is refused (RFC 9207), and so is a missing one", async () => {
    for (const iss of ["https://evil.example", undefined]) {
      const { hold, browser, callback, endUserId } = await atCallback();
      const mixed = new URL(callback);
      if (iss === undefined) mixed.searchParams.delete("iss");
      else mixed.searchParams.set("iss", iss);
      const answer = await browser.get(mixed.href);
      expect(answer.status).toBe(502);
      expect(await statusOf(hold)).toBe("pending");
      expect(await connectionsOf(endUserId)).toEqual([]);
    }
  });

  test("the state of another provider, an unknown one, a doubled one, none", async () => {
    const { hold, browser, callback } = await atCallback();
    const other = callback.replace("/oauth/calendar/", "/oauth/other/");
    const answer = await browser.get(other);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("another sign-in")]);
    for (const wrong of [
      "",
      "?state=",
      "?state=x&code=y",
      `?state=${"x".repeat(43)}&code=y&iss=${at.provider.issuer}`,
    ]) {
      const page = await browser.get(`${at.origin}/v1/oauth/calendar/callback${wrong}`);
      expect(page.status).toBe(400);
    }
    expect(
      (await browser.get(`${at.origin}/v1/oauth/nobody/callback${new URL(callback).search}`)).status,
    ).toBe(404);
    expect(await statusOf(hold)).toBe("pending");
    expect((await browser.get(callback)).status).toBe(200);
  });

  test("HEAD, and what a browser loads ahead, spend neither ticket nor state", async () => {
    const hold = await at.ask(`user_${person++}`);
    const url = await at.offer({ holdId: hold.id });
    const browser = new TestBrowser();
    await browser.get(url, {}, "HEAD");
    expect((await browser.get(url, { "sec-purpose": "prefetch" })).status).toBe(425);
    const callback = await at.toCallback(url, browser);
    await browser.get(callback, {}, "HEAD");
    expect((await browser.get(callback)).status).toBe(200);
  });

  test("an expired state, an expired ticket, a ticket used twice, one that never was", async () => {
    const { hold, browser, callback, url } = await atCallback();
    const twice = await new TestBrowser().get(url);
    expect([twice.status, await twice.text()]).toEqual([409, expect.stringContaining("already used")]);
    const unused = await at.offer({ holdId: hold.id });
    await store().advance(601_000);
    const late = await browser.get(callback);
    expect([late.status, await late.text()]).toEqual([410, expect.stringContaining("took too long")]);
    expect((await new TestBrowser().get(unused)).status).toBe(410);
    expect((await new TestBrowser().get(`${at.origin}/v1/oauth/begin/nothing`)).status).toBe(404);
    expect(await statusOf(hold)).toBe("pending");
    await store().setClock(null);
  });

  test("a ticket of an end user's device is refused on another, and stays good on its own", async () => {
    const endUserId = `user_${person++}`;
    const hold = await at.ask(endUserId);
    const { body: link } = await at.call("POST", `/v1/end-users/${endUserId}/links`, { body: {} });
    const device = new TestBrowser();
    const open = `${at.origin}/v1/questions/open/${link.url.split("/").at(-1)}`;
    expect((await device.post(open, { code: link.code })).status).toBe(200);
    // A sign-in is not given by saying so.
    const said = await device.post(`${at.origin}/v1/questions/${hold.id}/answer`, { answer: true });
    expect(said.status).toBe(422);
    const asked = await device.post(`${at.origin}/v1/questions/${hold.id}/authorize`, {});
    const { url } = (await asked.json()) as { url: string };
    const foreign = await new TestBrowser().get(url);
    expect([foreign.status, await foreign.text()]).toEqual([403, expect.stringContaining("another device")]);
    const { response } = await device.follow(url);
    expect(response.status).toBe(200);
    // It leads back to where its owner's other questions are.
    expect(await response.text()).toContain('href="/questions"');
    const { body } = await at.call("GET", `/v1/holds/${hold.id}`);
    expect(body).toMatchObject({ status: "answered", outcome: { by: { id: endUserId, via: "oauth" } } });
    expect(body.outcome.by.verifiedBy).not.toBe("app");
    // Another's question has no way to it here.
    const other = await at.ask(`user_${person++}`);
    expect((await device.post(`${at.origin}/v1/questions/${other.id}/authorize`, {})).status).toBe(404);
  });

  test("a hold that is over is not begun; one of another end user or organisation is not there", async () => {
    const hold = await at.ask(`user_${person++}`);
    const url = await at.offer({ holdId: hold.id });
    await at.call("POST", `/v1/holds/${hold.id}/cancel`, { body: {} });
    expect((await new TestBrowser().get(url)).status).toBe(409);
    const late = await at.call("POST", "/v1/connections/authorize", { body: { holdId: hold.id } });
    expect([late.status, late.body.code]).toEqual([409, "already_decided"]);
    const open = await at.ask(`user_${person++}`);
    for (const need of [{ holdId: open.id, endUserId: "somebody else" }, { holdId: "hold_nothing" }])
      await expect(at.connections.authorize({ orgId: at.orgId, need })).rejects.toMatchObject({
        code: "not_found",
      });
    await expect(
      at.connections.authorize({ orgId: "org_other", need: { holdId: open.id } }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
    const clarification = await at.call("POST", "/v1/holds", {
      body: { kind: "clarification", question: { type: "verification" }, endUserId: "user_0" },
    });
    expect(
      (await at.call("POST", "/v1/connections/authorize", { body: { holdId: clarification.body.id } }))
        .status,
    ).toBe(404);
    const neither = await at.call("POST", "/v1/connections/authorize", { body: {} });
    expect([neither.status, neither.body.detail]).toEqual([
      422,
      expect.stringContaining("give either holdId, or endUserId, provider and scopes"),
    ]);
  });

  test("the provider's token endpoint is down: the page says so, and loading it again finishes", async () => {
    const { hold, browser, callback, endUserId } = await atCallback();
    at.provider.isDown = true;
    const page = await browser.get(callback);
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining("load this page again")]);
    expect(await statusOf(hold)).toBe("pending");
    at.provider.isDown = false;
    expect((await browser.get(callback)).status).toBe(200);
    expect(await statusOf(hold)).toBe("answered");
    expect(await connectionsOf(endUserId)).toHaveLength(1);
  });

  test("a code that the provider takes no more: said, and the way to begin again is open", async () => {
    const { hold, browser, callback } = await atCallback();
    const spoilt = new URL(callback);
    spoilt.searchParams.set("code", "never-given");
    const page = await browser.get(spoilt.href);
    expect([page.status, await page.text()]).toEqual([502, expect.stringContaining("invalid_grant")]);
    expect(await statusOf(hold)).toBe("pending");
    const { response } = await browser.follow(await at.offer({ holdId: hold.id }));
    expect(response.status).toBe(200);
  });

  test("I9: an agent's own key gets no way to the sign-in that it asks for", async () => {
    const endUserId = `user_${person++}`;
    const hold = await at.ask(endUserId);
    for (const body of [
      { holdId: hold.id },
      { endUserId, provider: "calendar", scopes: ["calendar:read"] },
    ]) {
      const own = await at.call("POST", "/v1/connections/authorize", { body, key: at.agentKey });
      expect([own.status, own.body.needs]).toEqual([403, "scope end_users:tokens"]);
    }
    const { body: backend } = await at.call("POST", "/v1/api-keys", {
      body: { name: "backend", kind: "agent", scopes: ["end_users:tokens"] },
    });
    const vouched = await at.call("POST", "/v1/connections/authorize", {
      body: { holdId: hold.id },
      key: backend.key,
    });
    expect(vouched.status).toBe(201);
    expect(await statusOf(hold)).toBe("pending");
  });

  test("a link that was withdrawn leads nowhere, before the provider and after it", async () => {
    const endUserId = `user_${person++}`;
    const hold = await at.ask(endUserId);
    const { body: link } = await at.call("POST", `/v1/end-users/${endUserId}/links`, { body: {} });
    const device = new TestBrowser();
    const open = `${at.origin}/v1/questions/open/${link.url.split("/").at(-1)}`;
    expect((await device.post(open, { code: link.code })).status).toBe(200);
    const ticket = async () => {
      const asked = await device.post(`${at.origin}/v1/questions/${hold.id}/authorize`, {});
      return ((await asked.json()) as { url: string }).url;
    };
    const [unused, begun] = [await ticket(), await ticket()];
    const callback = await at.toCallback(begun, device);
    const ended = await at.call("DELETE", `/v1/end-users/${endUserId}/links/${link.id}`);
    expect(ended.status).toBe(200);
    expect((await device.get(unused)).status).toBe(410);
    expect((await device.get(callback)).status).toBe(410);
    expect(await statusOf(hold)).toBe("pending");
    expect(await connectionsOf(endUserId)).toEqual([]);
  });

  test("a sign-in that is under way does not outlive the erasure of its person", async () => {
    const { endUserId, hold, browser, callback } = await atCallback();
    const unused = await at.offer({ holdId: hold.id });
    await untilSigned(store().database, at.orgId);
    expect((await at.call("POST", "/v1/audit/erasures", { body: { endUserId } })).status).toBe(200);
    expect((await browser.get(callback)).status).toBe(409);
    expect((await new TestBrowser().get(unused)).status).toBe(409);
    expect(await connectionsOf(endUserId)).toEqual([]);
  });

  test("connections do not cross organisations", async () => {
    const { endUserId, browser, callback } = await atCallback();
    await browser.get(callback);
    const need = { endUserId, provider: "calendar", scopes: ["calendar:read"] };
    expect(await at.connections.fresh({ ...need, orgId: at.orgId })).toMatchObject({ type: "ready" });
    expect(await at.connections.fresh({ ...need, orgId: "org_other" })).toMatchObject({ type: "needed" });
    expect(await at.connections.list({ orgId: "org_other", limit: 10 })).toEqual([]);
    const [{ id }] = await connectionsOf(endUserId);
    await expect(
      at.connections.revoke({
        orgId: "org_other",
        connectionId: id,
        by: { kind: "system", id: "x", name: null },
      }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

async function sameCookies(from: TestBrowser, to: TestBrowser, url: string): Promise<Response> {
  to.copy(from);
  return to.get(url);
}
