import { afterAll, beforeAll, expect, test } from "vitest";
import { listen, type Listening } from "../../src/http/listen.ts";

// Tools of the config file run in the process that serves, with whatever libraries they use.
let server: Listening;
let second: Listening;
beforeAll(async () => {
  const fetch = (): Response => new Response("served", { headers: { "x-a": "b" } });
  server = await listen({ fetch, host: "127.0.0.1", port: 0 });
  second = await listen({ fetch, host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await Promise.all([server.close(0), second.close(0)]);
});

test("what fetch gives is a Response, and so is what is made here, and each copy of both", async () => {
  for (const { port } of [server, second]) {
    const fetched = await fetch(`http://127.0.0.1:${port}/`);
    expect(fetched).toBeInstanceOf(Response);
    expect(fetched.clone()).toBeInstanceOf(Response);
    expect(await new Response(fetched.body, fetched).text()).toBe("served");
    expect(fetched.headers.get("x-a")).toBe("b");
  }
  const made = new Response("made");
  expect(made).toBeInstanceOf(Response);
  expect(made.clone()).toBeInstanceOf(Response);
  expect(Response.json({})).toBeInstanceOf(Response);
  expect(await new Response("body", made).text()).toBe("body");
});

test("what is no Response is none, and a class made of it knows its own", () => {
  class Own extends Response {}
  expect(new Own("own")).toBeInstanceOf(Own);
  expect(new Own("own")).toBeInstanceOf(Response);
  expect(new Response("other")).not.toBeInstanceOf(Own);
  for (const value of [null, "", {}, new Request("http://localhost/")])
    expect(value).not.toBeInstanceOf(Response);
});
