import type { TestStore } from "../../src/testing/stores.ts";
import type { CallAnswer, CallOptions, TestService } from "../../src/testing/test-service.ts";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";

export const OWN_PAGE = { origin: "http://localhost:7777", "sec-fetch-site": "same-origin" };

/** A browser that keeps the one cookie that matters here. */
export interface Device {
  cookie: string | undefined;
  call(method: string, path: string, options?: Omit<CallOptions, "key">): Promise<CallAnswer>;
  open(link: string, code: string): Promise<CallAnswer>;
}

export function newDevice(service: TestService): Device {
  const device: Device = {
    cookie: undefined,
    async call(method, path, { body, headers } = {}) {
      const answer = await service.call(method, path, {
        key: null,
        body,
        headers: { ...OWN_PAGE, ...(device.cookie && { cookie: device.cookie }), ...headers },
      });
      const set = answer.headers.get("set-cookie");
      if (set !== null) device.cookie = set.split(";")[0];
      return answer;
    },
    open: (link, code) => device.call("POST", `/v1/questions/open/${link}`, { body: { code } }),
  };
  return device;
}

export interface MadeLink {
  id: string;
  link: string;
  code: string;
  url: string;
}

export async function makeLink(
  service: TestService,
  endUserId: string,
  { key, body = {} }: { key?: string; body?: object } = {},
): Promise<MadeLink> {
  const made = await service.call("POST", `/v1/end-users/${encodeURIComponent(endUserId)}/links`, {
    body,
    ...(key !== undefined && { key }),
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const { id, url, code } = made.body as { id: string; url: string; code: string };
  return { id, url, code, link: url.split("/").at(-1) ?? "" };
}

/** A device that has brought the code of a link of that person's. */
export async function boundDevice(service: TestService, endUserId: string, key?: string): Promise<Device> {
  const device = newDevice(service);
  const { link, code } = await makeLink(service, endUserId, { ...(key !== undefined && { key }) });
  const opened = await device.open(link, code);
  if (opened.status !== 200) throw new Error(JSON.stringify(opened.body));
  return device;
}

export async function tokenOf(service: TestService, endUserId: string, key?: string): Promise<string> {
  const made = await service.call("POST", `/v1/end-users/${encodeURIComponent(endUserId)}/tokens`, {
    body: {},
    ...(key !== undefined && { key }),
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.token as string;
}

export const WHICH_ACCOUNT = {
  type: "choice",
  options: [
    { value: "work", label: "Work" },
    { value: "home", label: "Home" },
  ],
};

/** A question to that person; resolves to its id. */
export async function ask(
  service: TestService,
  endUserId: string,
  { key = service.agentKey, ...more }: { key?: string } & Record<string, unknown> = {},
): Promise<string> {
  const made = await service.call("POST", "/v1/holds", {
    key,
    body: { kind: "clarification", title: "Which account?", question: WHICH_ACCOUNT, endUserId, ...more },
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.id as string;
}

/** Another organisation, with a key of its app's backend. */
export const seedOther = (store: TestStore): Promise<SeededOrganisation> => seedOrganisation(store.database);

/** The types of a hold's events, in order. */
export async function eventsOf(store: TestStore, orgId: string, holdId: string): Promise<string[]> {
  const read = (await store.database.call("read_events_v1", orgId, "0", "", null, holdId, 100)) as {
    event: { type: string };
  }[];
  return read.map(({ event }) => event.type);
}
