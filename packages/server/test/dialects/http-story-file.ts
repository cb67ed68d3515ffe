// The text of a story, parsed. http-story.ts says how a story is written.

export interface StoryBlock {
  readonly title: string;
  /** Of the title, in the file. */
  readonly line: number;
  readonly step: StoryStep;
}

export type StoryStep =
  | {
      readonly kind: "request";
      readonly request: StoryRequest;
      /** undefined in a file of requests alone: then any 2xx will do. */
      readonly answer: StoryAnswer | undefined;
      /** `# @name`: what the answer is known by. */
      readonly name: string | undefined;
      readonly until: boolean;
    }
  /** A stream that an earlier block left open goes on. */
  | { readonly kind: "stream"; readonly name: string; readonly events: readonly StoryEvent[] }
  /** What no request can do: the test gives it by name. */
  | { readonly kind: "action"; readonly name: string };

export interface StoryRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface StoryAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** What is expected of a stream, one after the other. */
export type StoryEvent =
  | {
      readonly kind: "event";
      readonly event: string | undefined;
      readonly data: string;
      readonly many: boolean;
    }
  | { readonly kind: "more" }
  | { readonly kind: "open"; readonly name: string };

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})( .*)?$/;

/** The blocks of a story; throws with the line of what cannot be read. */
export function parseStory(text: string, isRequestsOnly = false): StoryBlock[] {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, index) => (line.startsWith("### ") ? [index] : []));
  return starts.map((start, index) => {
    const title = lines[start]?.slice("### ".length).trim() ?? "";
    try {
      return {
        title,
        line: start + 1,
        step: parseStep(lines.slice(start + 1, starts[index + 1]), isRequestsOnly),
      };
    } catch (error) {
      throw new Error(
        `line ${start + 1}, "${title}": ${error instanceof Error ? error.message : "unreadable"}`,
        {
          cause: error,
        },
      );
    }
  });
}

/** `event:` and `data:` as they are expected; data may go over several lines. */
export function parseExpectedEvents(text: string): StoryEvent[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      if (part === "{{...}}") return { kind: "more" };
      const open = /^\{\{open:([\w-]+)\}\}$/.exec(part)?.[1];
      if (open !== undefined) return { kind: "open", name: open };
      const found = /^(\{\{many\}\}\n)?(?:event: *(\S+)\n)?data: *([\s\S]*)$/.exec(part);
      if (found === null) throw new Error(`"${part.slice(0, 80)}" is no event of a stream`);
      return { kind: "event", many: found[1] !== undefined, event: found[2], data: found[3] ?? "" };
    });
}

/** `@name = value` before the first block. */
export function parseVariables(text: string): Record<string, string> {
  const [head = ""] = text.split(/^### /m);
  return Object.fromEntries(
    Array.from(head.matchAll(/^@([\w-]+) *= *(.*)$/gm), ([, name = "", value = ""]) => [name, value.trim()]),
  );
}

function parseStep(lines: readonly string[], isRequestsOnly: boolean): StoryStep {
  const until = lines.some((line) => /^# @until\s*$/.test(line));
  const name = lines.map((line) => /^# @name (\w+)\s*$/.exec(line)?.[1]).find((found) => found !== undefined);
  const rest = lines.filter((line) => !/^(#|\/\/)/.test(line));
  const first = rest.findIndex((line) => line.trim() !== "");
  const [verb = "", ...words] = (rest[first] ?? "").trim().split(/\s+/);
  if (verb === "DO") return { kind: "action", name: words.join(" ") };
  if (verb === "STREAM") {
    const events = parseExpectedEvents(rest.slice(first + 1).join("\n"));
    return { kind: "stream", name: words.join(" "), events };
  }
  const [url] = words;
  if (!/^[A-Z]+$/.test(verb) || url === undefined) throw new Error("it has no request line");
  const status = rest.findIndex((line) => STATUS_LINE.test(line));
  if (status === -1 && isRequestsOnly) {
    const request = { method: verb, url, ...parsePart(rest.slice(first + 1)) };
    return { kind: "request", until, name, request, answer: undefined };
  }
  if (status === -1) throw new Error("it has no HTTP/1.1 line with the status that is expected");
  return {
    kind: "request",
    until,
    name,
    request: { method: verb, url, ...parsePart(rest.slice(first + 1, status)) },
    answer: {
      status: Number(STATUS_LINE.exec(rest[status] ?? "")?.[1]),
      ...parsePart(rest.slice(status + 1)),
    },
  };
}

function parsePart(lines: readonly string[]): Pick<StoryRequest, "headers" | "body"> {
  const blank = lines.findIndex((line) => line.trim() === "");
  const head = blank === -1 ? lines : lines.slice(0, blank);
  return {
    headers: head.map((line) => {
      const colon = line.indexOf(":");
      if (colon < 1) throw new Error(`"${line.slice(0, 80)}" is no header`);
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
    }),
    body: blank === -1 ? "" : lines.slice(blank).join("\n").trim(),
  };
}
