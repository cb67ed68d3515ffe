import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { playStory, type StoryOptions } from "./http-story.ts";

const folder = mkdtempSync(join(tmpdir(), "story-"));
afterAll(() => rmSync(folder, { recursive: true }));

function play(text: string, send: StoryOptions["send"], more: Partial<StoryOptions> = {}) {
  const path = join(folder, "a.http");
  writeFileSync(path, text);
  return playStory(path, { send, ...more });
}

const streamOf = (text: string) => () =>
  new Response(text, { headers: { "content-type": "text/event-stream" } });

describe("a story", () => {
  test("captures what it uses later, and encodes the fields of a form", async () => {
    const bodies: string[] = [];
    const known = await play(
      `### Ask
# @name is for people
POST /a?b={{start}}
Content-Type: application/x-www-form-urlencoded

message=Delete it & more
&tools=[{"a": "b"}]

HTTP/1.1 200 OK
content-type: application/json{{any}}

{"id": "{{capture:id}}", "text": "Request {{capture:request}} waits", "list": [1, "{{...}}"], "{{...}}": ""}

### Again
DO something

### And again
GET /{{id}}/{{request}}

HTTP/1.1 200

{"id": "{{id}}", "is": "{{any}}"}
`,
      async (request) => {
        bodies.push(`${new URL(request.url).pathname} ${await request.text()}`);
        return request.method === "POST"
          ? Response.json({ id: 7, text: "Request r1 waits", list: [1, 2, 3], more: true })
          : Response.json({ id: 7, is: null });
      },
      { variables: { start: "x" }, actions: { something: (variables) => void (variables.done = true) } },
    );
    expect(bodies).toEqual([
      "/a message=Delete%20it%20%26%20more&tools=%5B%7B%22a%22%3A%20%22b%22%7D%5D",
      "/7/r1 ",
    ]);
    expect(known).toEqual({ start: "x", id: 7, request: "r1", done: true });
  });

  test.each([
    ["the status", "HTTP/1.1 201\n\n{{any}}", "the status is 200, not 201"],
    ["a member", 'HTTP/1.1 200\n\n{"a": 2}', "$.a is 1, not 2"],
    ["a member that is missing", 'HTTP/1.1 200\n\n{"a": 1, "b": "{{any}}"}', "$.b is missing"],
    ["a member too many", "HTTP/1.1 200\n\n{}", "$.a is not in the story: 1"],
    ["a header", "HTTP/1.1 200\nx-a: b\n\n{{any}}", "header x-a is missing"],
    ["a body where none is told of", "HTTP/1.1 200", "there is a body"],
  ])("tells of %s", async (_, answer, message) => {
    const played = play(`\n### Look\nGET /\n\n${answer}\n`, () => Response.json({ a: 1 }));
    await expect(played).rejects.toThrow(`a.http:2 "Look"\n${message}`);
  });

  test("asks again until the answer fits, where it says so", async () => {
    let asked = 0;
    const send = () => Response.json({ asked: ++asked });
    await play('### Poll\n# @until\nGET /\n\nHTTP/1.1 200\n\n{"asked": 3}\n', send);
    expect(asked).toBe(3);
  });
});

describe("a stream", () => {
  const events =
    'event: A\ndata: {"n":1}\n\n: beat\n\nevent: B\ndata: {"n":2}\n\nevent: B\ndata: {"n":3}\n\ndata: end\n\n';
  const head = "### Stream\nGET /\n\nHTTP/1.1 200\n\n";

  test.each([
    [
      "each event",
      'event: A\ndata: {"n": 1}\n\nevent: B\ndata: {\n  "n": 2\n}\n\nevent: B\ndata: {"n": 3}\n\ndata: end\n',
    ],
    ["many of one", 'event: A\ndata: {"n": 1}\n\n{{many}}\nevent: B\ndata: {"n": "{{any}}"}\n\ndata: end\n'],
    ["any between", 'event: A\ndata: {"n": 1}\n\n{{...}}\n\ndata: end\n'],
    ["any at the end", 'event: A\ndata: {"n": 1}\n\n{{...}}\n'],
  ])("is told as %s", async (_, expected) => {
    await play(head + expected, streamOf(events));
  });

  test.each([
    ["another order", 'event: B\ndata: {"n": 2}\n', "the event is A, not B"],
    ["more than told", 'event: A\ndata: {"n": 1}\n', "More came than the story has"],
    ["fewer than told", "{{...}}\n\ndata: other\n", "the stream has ended"],
  ])("is refused with %s", async (_, expected, message) => {
    await expect(play(head + expected, streamOf(events))).rejects.toThrow(message);
  });

  test("goes on after what happened meanwhile", async () => {
    const line = new TransformStream<Uint8Array, Uint8Array>();
    const writer = line.writable.getWriter();
    const write = (text: string) => writer.write(new TextEncoder().encode(text));
    await play(
      `${head}data: {"n": 1}\n\n{{open:line}}\n\n### Meanwhile\nDO the rest\n\n### Goes on\nSTREAM line\n\ndata: {"n": 2}\n`,
      () => {
        void write('data: {"n":1}\n\n');
        return new Response(line.readable, { headers: { "content-type": "text/event-stream" } });
      },
      {
        actions: {
          "the rest": () => void write('data: {"n":2}\n\n').then(() => writer.close()),
        },
      },
    );
  });
});
