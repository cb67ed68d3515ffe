import type { JsonObject } from "@holdpoint/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Holdpoint,
  type Clarification,
  type ClarificationError,
  type ClarificationHandler,
  type ClarificationOptions,
  type Resolver,
} from "../src/index.ts";
import { QuestioningServer } from "./questioning-server.ts";
import { sendJson } from "./scripted-server.ts";

let server: QuestioningServer;
beforeEach(async () => {
  server = await QuestioningServer.start();
});
afterEach(() => server[Symbol.asyncDispose]());

function client(clarifications?: ClarificationOptions): Holdpoint {
  return new Holdpoint({ url: server.url, apiKey: "hpo_x", clarifications, maxRetries: 0 });
}
const wait = (handler: ClarificationHandler, more: Omit<ClarificationOptions, "handler"> = {}) =>
  client().runs.wait("run_1", { clarifications: { handler, ...more } });
const answers = () => server.decisions.map(({ holdId, body }) => [holdId, body["answer"] ?? body["verdict"]]);

const QUESTIONS: Record<string, JsonObject> = {
  action: { type: "action", url: "https://example.com/", label: "Open", requireConfirmation: true },
  input: { type: "input", schema: { type: "string" }, guidance: "Any will do." },
  choice: { type: "choice", options: [{ value: 1, label: "One" }], multiple: false },
  value: { type: "value", value: 7 },
  verification: { type: "verification" },
  custom: { type: "custom", name: "map", data: { x: 1 } },
};

describe("each kind has its method", () => {
  test("which gets its question, and what it returns is the answer; null and false are answers too", async () => {
    for (const [kind, question] of Object.entries(QUESTIONS)) server.ask(`hold_${kind}`, question);
    const seen: Clarification[] = [];
    const take =
      <Answer>(answer: Answer) =>
      (clarification: Clarification) => {
        seen.push(clarification);
        return answer;
      };
    const run = await wait({
      action: take(true as const),
      input: take("words"),
      choice: async (clarification) => Promise.resolve(take(1)(clarification)),
      value: take(null),
      verification: take(false),
      custom: take({ at: [1, 2] }),
    });
    expect(run.status).toBe("completed");
    expect(Object.fromEntries(answers())).toEqual({
      hold_action: true,
      hold_input: "words",
      hold_choice: 1,
      hold_value: "answer", // null, which this test shows as the verdict
      hold_verification: false,
      hold_custom: { at: [1, 2] },
    });
    expect(server.decisions.find(({ holdId }) => holdId === "hold_value")?.body).toEqual({
      verdict: "answer",
      answer: null,
    });
    expect(seen.map(({ kind, question }) => [kind, question.type])).toEqual(
      Object.keys(QUESTIONS).map((kind) => [kind, kind]),
    );
    expect(seen[1]).toMatchObject({
      id: "hold_input",
      guidance: "Any will do.",
      title: "Question hold_input",
    });
  });

  test("an authorization gives the address for its button, and is over by itself", async () => {
    server.ask("hold_1", {
      type: "authorization",
      provider: "google",
      label: "Google",
      scopes: ["calendar"],
      purpose: "to read your calendar",
    });
    const urls: string[] = [];
    const run = await wait({
      async authorization({ guidance }, { authorize }) {
        urls.push(`${guidance}: ${(await authorize()).url}`);
        server.end("hold_1", "answered"); // the callback
      },
    });
    expect(urls).toEqual(["to read your calendar: https://example.com/begin"]);
    expect([run.status, server.decisions]).toEqual(["completed", []]);
  });

  test("a method of a class has its object", async () => {
    server.ask("hold_1", QUESTIONS["value"] ?? {});
    class Desk implements ClarificationHandler {
      readonly answer = 8;
      value() {
        return this.answer;
      }
    }
    await wait(new Desk());
    expect(answers()).toEqual([["hold_1", 8]]);
  });

  test("one handler may be given to the client for all", async () => {
    server.ask("hold_1", QUESTIONS["value"] ?? {});
    const holdpoint = client({ handler: { value: ({ question }) => question.value } });
    const run = await holdpoint.runs.startAndWait("tester", { input: "go" });
    expect([run.status, answers()]).toEqual(["completed", [["hold_1", 7]]]);
  });
});

describe("an answer may come later", () => {
  test("by onResolution, from anywhere, with a comment; what is said twice counts once", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    const said: boolean[] = [];
    const run = await wait({
      choice(_clarification, { onResolution }) {
        setImmediate(() => {
          void (async () => {
            said.push(...(await Promise.all([onResolution(1, "by phone"), onResolution(1)])));
          })();
        });
      },
    });
    expect(run.status).toBe("completed");
    expect(server.decisions.map(({ body }) => body)).toEqual([
      { verdict: "answer", answer: 1, comment: "by phone" },
    ]);
    expect(said).toEqual([true, false]);
  });

  test("or be a no", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    await wait({
      async choice(_clarification, { decline }) {
        expect(await decline("None of these")).toBe(true);
      },
    });
    expect(server.decisions.map(({ body }) => body)).toEqual([
      { verdict: "reject", comment: "None of these" },
    ]);
  });
});

describe("a wrong answer", () => {
  test("leaves the question open, and the method is called again and told why", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {}, (answer) => answer === 1);
    const refusals: (string | undefined)[] = [];
    const run = await wait({
      choice(_clarification, { refused, onResolution }) {
        refusals.push(refused?.code);
        if (refusals.length === 1) return 2; // returned
        void onResolution(refusals.length === 2 ? 3 : 1); // called
        return undefined;
      },
    });
    expect(run.status).toBe("completed");
    expect(refusals).toEqual([undefined, "invalid_answer", "invalid_answer"]);
    expect(answers()).toEqual([
      ["hold_1", 2],
      ["hold_1", 3],
      ["hold_1", 1],
    ]);
  });

  test("is not given for ever", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {}, () => false);
    await expect(wait({ choice: () => 2 }, { maxAttempts: 3 })).rejects.toThrow(
      "The handler did not resolve hold_1 (choice): It says invalid_answer. The question stays open.",
    );
    expect(server.decisions).toHaveLength(3);
  });
});

describe("a handler that fails", () => {
  const FAILING: [string, ClarificationHandler][] = [
    [
      "throws",
      {
        verification() {
          throw new Error("No screen.");
        },
      },
    ],
    ["rejects", { verification: () => Promise.reject(new Error("No screen.")) }],
    ["says so", { verification: (_clarification, { onError }) => onError(new Error("No screen.")) }],
  ];
  test.each(FAILING)("and %s leaves the question open, and the waiting says so", async (_how, handler) => {
    server.ask("hold_1", QUESTIONS["verification"] ?? {});
    const failure = await wait(handler).catch((error: unknown) => error as ClarificationError);
    expect(failure).toMatchObject({
      code: "clarification_not_handled",
      message: "The handler did not resolve hold_1 (verification): No screen. The question stays open.",
      clarification: { id: "hold_1" },
    });
    expect(server.decisions).toEqual([]);
    await expect.poll(() => server.streams).toBe(0);
  });

  test("with onError the other questions go on, and the run is returned with what is open", async () => {
    server.ask("hold_1", QUESTIONS["verification"] ?? {});
    server.ask("hold_2", QUESTIONS["choice"] ?? {});
    const told: string[] = [];
    const run = await wait(
      { verification: () => Promise.reject(new Error("No screen.")), choice: () => 1 },
      { onError: (error, { id }) => told.push(`${id}: ${error.message}`) },
    );
    expect(told).toHaveLength(1);
    expect(run.status).toBe("holding");
    expect(run.holds.map(({ id, status }) => [id, status])).toEqual([
      ["hold_1", "pending"],
      ["hold_2", "answered"],
    ]);
  });

  test("a key that may not answer is such a failure", async () => {
    server.ask("hold_1", QUESTIONS["verification"] ?? {});
    server.before = ({ method }, response) => {
      if (method !== "POST") return false;
      sendJson(response, 403, { code: "not_allowed", detail: "That takes an operator key." });
      return true;
    };
    await expect(wait({ verification: () => true })).rejects.toThrow(/That takes an operator key\./);
  });
});

describe("what is left to others", () => {
  test("without a handler the run is returned as it is", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    const run = await client().runs.wait("run_1");
    expect([run.status, run.holds[0]?.status]).toEqual(["holding", "pending"]);
    await expect.poll(() => server.streams).toBe(0);
  });

  test("a kind without a method, an approval, and a kind that is not known here", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    server.ask("hold_2", null);
    server.ask("hold_3", { type: "hologram" });
    server.ask("hold_4", { type: "constructor" });
    const run = await wait({ verification: () => true });
    expect([run.status, server.decisions]).toEqual(["holding", []]);
  });

  test("the time to wait is bounded, and a signal ends it; the question is then taken from the handler", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    const signals: AbortSignal[] = [];
    const handler: ClarificationHandler = {
      choice(_clarification, { signal }) {
        signals.push(signal);
      },
    };
    const clarifications = { handler };
    expect((await client().runs.wait("run_1", { clarifications, timeoutSeconds: 0.05 })).status).toBe(
      "holding",
    );
    const left = new AbortController();
    const waiting = client().runs.wait("run_1", { clarifications, signal: left.signal });
    await expect.poll(() => signals.length).toBe(2);
    left.abort(new Error("Gone home."));
    await expect(waiting).rejects.toThrow("Gone home.");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await expect(client().runs.wait("run_1", { signal: left.signal })).rejects.toThrow("Gone home.");
  });
});

describe("meanwhile", () => {
  test("answered elsewhere: the handler is told by its signal, and nothing is sent any more", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    server.ask("hold_2", QUESTIONS["value"] ?? {});
    let resolver: Resolver<"choice"> | undefined;
    const reasons: unknown[] = [];
    const waiting = wait({
      choice: (_clarification, given) =>
        new Promise<void>((_resolve, reject) => {
          resolver = given;
          given.signal.addEventListener("abort", () => {
            reasons.push(given.signal.reason);
            reject(given.signal.reason as Error); // as `signal.throwIfAborted()` does
          });
          server.end("hold_1", "expired");
        }),
      value: async () => {
        await expect.poll(() => reasons.length).toBe(1);
        return 7;
      },
    });
    expect((await waiting).status).toBe("completed");
    expect(String(reasons[0])).toContain("hold_1 is expired.");
    expect(await resolver?.onResolution(1)).toBe(false);
    expect(answers()).toEqual([["hold_2", 7]]);
  });

  test("a lost race is no failure", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    server.before = ({ method }) => {
      if (method === "POST") server.end("hold_1", "answered");
      return false;
    };
    expect((await wait({ choice: () => 1 })).status).toBe("completed");
    expect(server.decisions).toHaveLength(1);
  });

  test("two questions stand at once, each asked once, however often the stream breaks", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    server.ask("hold_2", QUESTIONS["choice"] ?? {});
    const resolvers = new Map<string, Resolver<"choice">>();
    const asked: string[] = [];
    const waiting = wait({
      choice({ id }, resolver) {
        asked.push(id);
        resolvers.set(id, resolver);
      },
    });
    await expect.poll(() => asked).toEqual(["hold_1", "hold_2"]);
    for (let round = 0; round < 3; round++) {
      await expect.poll(() => server.opened).toBe(round + 1);
      server.breakStreams();
    }
    await resolvers.get("hold_2")?.onResolution(1);
    await resolvers.get("hold_1")?.onResolution(1);
    expect((await waiting).status).toBe("completed");
    expect(asked).toEqual(["hold_1", "hold_2"]);
  });

  test("the service is away while an answer is given: it is sent again, as the same request", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    let failures = 0;
    server.before = ({ method }, response) => {
      if (method !== "POST" || failures === 2) return false;
      failures++;
      server.decisions.push({ holdId: "", body: {}, key: undefined });
      response.destroy();
      return true;
    };
    expect((await wait({ choice: () => 1 })).status).toBe("completed");
    expect(failures).toBe(2);
    expect(server.decisions.at(-1)?.body).toEqual({ verdict: "answer", answer: 1 });
  });

  test("a question that comes while another is asked is asked too, and an older reading asks nothing twice", async () => {
    server.ask("hold_1", QUESTIONS["choice"] ?? {});
    const asked: string[] = [];
    const run = await wait({
      choice({ id }) {
        asked.push(id);
        if (id === "hold_1") server.ask("hold_2", QUESTIONS["choice"] ?? {});
        return 1;
      },
    });
    expect([run.status, asked]).toEqual(["completed", ["hold_1", "hold_2"]]);
  });
});
