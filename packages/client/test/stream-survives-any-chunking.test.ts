import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStreamParser, type ServerSentEvent } from "../src/event-stream.ts";

const encoder = new TextEncoder();

function parseWhole(bytes: Uint8Array): ServerSentEvent[] {
  return new EventStreamParser().push(bytes);
}

function parseInChunks(bytes: Uint8Array, cuts: number[]): ServerSentEvent[] {
  const parser = new EventStreamParser();
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...edges].flatMap((from, index) =>
    parser.push(bytes.subarray(from, edges[index] ?? bytes.length)),
  );
}

/** The rules of the standard again, written the slow and obvious way over the whole text. */
function parseByTheBook(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  let [data, event, idBuffer, lastEventId] = ["", "", "", ""];
  const lines = text
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .split("\n");
  lines.pop(); // what follows the last line end is no line yet
  for (const line of lines) {
    if (line === "") {
      lastEventId = idBuffer;
      if (data !== "") events.push({ lastEventId, event: event || "message", data: data.slice(0, -1) });
      [data, event] = ["", ""];
    } else if (!line.startsWith(":")) {
      const [field] = line.split(":", 1);
      let value = line.slice((field as string).length + 1);
      if (value.startsWith(" ")) value = value.slice(1);
      if (field === "data") data += `${value}\n`;
      if (field === "event") event = value;
      if (field === "id" && !value.includes("\0")) idBuffer = value;
    }
  }
  return events;
}

const piece = fc.oneof(
  fc.constantFrom(
    "data",
    "event",
    "id",
    "retry",
    ":",
    ": ",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\ufeff",
    "\0",
    "é",
    "😀",
  ),
  fc.constantFrom('data: {"id":"evt_1"}\n\n', "id: 7\nevent: hold.created\ndata: x\n\n", ": heartbeat\n\n"),
  fc.string({ unit: "binary", maxLength: 5 }).filter((text) => text.isWellFormed()),
);
const stream = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

describe("an event stream", () => {
  test("reads the same however it is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(2_000), { maxLength: 30 }), (text, cuts) => {
        const bytes = encoder.encode(text);
        expect(parseInChunks(bytes, cuts)).toEqual(parseWhole(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test("reads as the standard says, byte by byte too", () => {
    fc.assert(
      fc.property(stream, (text) => {
        const bytes = encoder.encode(text);
        const everyByte = Array.from(bytes, (_, index) => index);
        expect(parseInChunks(bytes, everyByte)).toEqual(parseByTheBook(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("what it was broken off in is dropped, and its id not taken", () => {
    const parser = new EventStreamParser("3");
    expect(parser.push(encoder.encode("id: 4\ndata: whole\n\nid: 5\ndata: half"))).toHaveLength(1);
    expect(parser.lastEventId).toBe("4");
  });

  test("an id with U+0000 is ignored, an empty one takes the cursor back", () => {
    const parser = new EventStreamParser();
    parser.push(encoder.encode("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n"));
    expect(parser.lastEventId).toBe("1");
    parser.push(encoder.encode("id\ndata: c\n\n"));
    expect(parser.lastEventId).toBe("");
  });

  test("retry counts only as digits", () => {
    const parser = new EventStreamParser();
    parser.push(encoder.encode("retry: 2500\nretry: 3s\n"));
    expect(parser.retryMs).toBe(2500);
  });

  test("an event without an end is refused before it fills the memory", () => {
    const parser = new EventStreamParser();
    const mebibyte = encoder.encode("x".repeat(1024 * 1024));
    expect(() => {
      for (let count = 0; count < 20; count++) parser.push(mebibyte);
    }).toThrow(RangeError);
  });
});
