import type { Role } from "@holdpoint/protocol";
import type { CallAnswer, TestService } from "../../src/testing/test-service.ts";
import { propose } from "./policy-fixture.ts";

/** What the tests of grants and samples use. */
export interface Person {
  call(method: string, path: string, body?: object): Promise<CallAnswer>;
}

const OWN_PAGE = { origin: "http://localhost:7777", "sec-fetch-site": "same-origin" };
let people = 0;

/** A person of that role, signed in. */
export async function signIn(service: TestService, role: Role): Promise<Person> {
  const email = `${role}-${(people += 1)}@example.com`;
  const { body } = await service.call("POST", "/v1/members", { body: { email, name: role, role } });
  const signedIn = await service.call("POST", new URL(body.signInLink.url).pathname, {
    key: null,
    headers: OWN_PAGE,
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  return {
    call: (method, path, sent) =>
      service.call(method, path, {
        key: null,
        headers: { ...OWN_PAGE, cookie },
        ...(sent !== undefined && { body: sent }),
      }),
  };
}

/** Proposes an action that is held, and has it approved by that person (the admin by default). */
export async function approvedHold(
  service: TestService,
  name: string,
  options: Parameters<typeof propose>[2] = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
): Promise<any> {
  const { body: hold, status } = await propose(service, name, options);
  if (status !== 201) throw new Error(JSON.stringify(hold));
  const decided = await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
    body: { verdict: "approve", actionHash: hold.action.hash },
  });
  if (decided.status !== 200) throw new Error(JSON.stringify(decided.body));
  return decided.body;
}
