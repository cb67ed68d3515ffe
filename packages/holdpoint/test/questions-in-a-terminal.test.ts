import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Holdpoint, type NewHold } from "@holdpoint/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFencedBlocks } from "../../../test/fenced-block.ts";
import { readLocalServer } from "../src/cli/local-file.ts";
import { Folder, PROGRAM } from "./server-process.ts";
import { TerminalSession } from "./terminal-session.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
// Inside the repository, so that what the page imports is found by name.
const PAGE = join(ROOT, ".tmp", "how-to-ask");
const HANDLER = fileURLToPath(new URL("fixture/ask-at-the-terminal.ts", import.meta.url));

let folder: Folder;
let service: TerminalSession;
let client: Holdpoint;
let key: { url: string; key: string };

function terminal(...argv: string[]): TerminalSession {
  return program(PROGRAM, ...argv);
}

function program(...argv: string[]): TerminalSession {
  const HOLDPOINT_CONFIG = join(PAGE, "holdpoint.config.ts");
  const { NO_COLOR: _, ...env } = folder.environment({ HOLDPOINT_CONFIG, TERM: "xterm-256color" });
  return new TerminalSession(process.execPath, argv, { env, cwd: folder.path });
}

/** The agent is the one of docs/how-to/ask-a-question.md, as it stands there. */
beforeAll(async () => {
  folder = new Folder();
  const page = readFileSync(join(ROOT, "docs/how-to/ask-a-question.md"), "utf8");
  const [config] = parseFencedBlocks(page).filter(({ language }) => language === "ts");
  mkdirSync(PAGE, { recursive: true });
  writeFileSync(join(PAGE, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(PAGE, "holdpoint.config.ts"), config?.code ?? "");
  service = terminal("start");
  await service.see(/Ctrl-C stops it/);
  key = (await readLocalServer(folder.dataDir)) ?? { url: "", key: "" };
  client = new Holdpoint({ url: key.url, apiKey: key.key });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  rmSync(PAGE, { recursive: true, force: true });
});

const WHICH = /Which one; or \/decline, \/leave\? $/;
const RIGHT = /Is "Rent" right: yes, edit, \/decline, \/leave\? $/;

async function ask(question: NewHold["question"]): Promise<string> {
  const hold = await client.holds.create({ kind: "clarification", title: "A question", question });
  return "id" in hold ? hold.id : "";
}
const answerOf = async (id: string) => {
  const { status, outcome } = await client.holds.get(id);
  return [status, outcome?.answer ?? outcome?.comment ?? null];
};

describe("a run with --interactive", () => {
  test("asks what its tool asks; Enter and what is no answer ask again", async () => {
    await using run = terminal("run", "bank", "Pay the rent.", "--end-user", "alice", "--interactive");
    await run.see(/bank asks to choose one for alice/);
    await run.see(/│ \*\*700 EUR\*\* go to the landlord\./);
    await run.see(/1\. Current +.*\n.*1200 EUR/);
    await run.see(/Who is asked +alice, the end user/);
    await run.see(WHICH);
    run.answer("");
    await run.see(WHICH);
    run.answer("Cash");
    await run.see(/"Cash" is none of the options\. Choose one of: Current, Savings\./);
    await run.see(WHICH);
    run.answer("savings");
    await run.see(/clarification: answered by Admin/);
    await run.see(/asks whether a value is right/);
    await run.see(RIGHT);
    run.answer("");
    await run.see(RIGHT);
    run.answer("edit");
    await run.see(/The right value: $/);
    run.answer("Rent of August");
    await run.see(/"from":"acc_2","reference":"Rent of August"/);
    expect(await run.exited).toBe(0);
  });

  test("a question that was answered elsewhere is taken away, and a no is told to the agent", async () => {
    await using run = terminal("run", "bank", "Pay the rent.", "--interactive");
    const [, holdId = ""] = await run.see(/(hold_\w{26})/);
    await run.see(WHICH);
    await client.holds.decide(holdId, { verdict: "answer", answer: "acc_1" });
    await run.see(/clarification: answered by Admin/);
    await run.see(RIGHT);
    run.answer("/decline");
    await run.see(/Reason, which the agent will read: $/);
    run.answer("Not this month");
    await run.see(/declined to answer.*Not this month/);
    expect(await run.exited).toBe(0);
  });
});

describe("holds answer without an answer", () => {
  test("a form is filled in field by field, typed, and sent by a word", async () => {
    const id = await ask({
      type: "input",
      schema: {
        type: "object",
        properties: {
          nights: { type: "integer", minimum: 1, description: "how many" },
          name: { type: "string" },
          late: { type: "boolean" },
        },
        required: ["nights"],
        additionalProperties: false,
      },
    });
    await using session = terminal("holds", "answer", id);
    await session.see(/nights +a whole number, at least 1, required: how many/);
    await session.see(/nights \(.*\): $/);
    session.answer("");
    await session.see(/nights \(.*\): $/);
    session.answer("two");
    await session.see(/nights must be a whole number, not "two"/);
    await session.see(/nights \(.*\): $/);
    session.answer("0");
    await session.see(/name \(a text\): $/);
    session.answer("");
    await session.see(/late \(true or false\): $/);
    session.answer("true");
    await session.see(/Type send to answer so, or back: $/);
    session.answer("");
    await session.see(/Type send to answer so, or back: $/);
    session.answer("send");
    await session.see(/Not decided:.*nights/);
    await session.see(/nights \(.*\): $/);
    session.answer("2");
    await session.see(/name \(a text\): $/);
    session.answer("//leave"); // a text that begins with a slash
    await session.see(/late \(true or false\): $/);
    session.answer("");
    await session.see(/or back: $/);
    session.answer("send");
    await session.see(/answered by Admin/);
    expect(await session.exited).toBe(0);
    expect(await answerOf(id)).toEqual(["answered", { nights: 2, name: "/leave" }]);
  });

  const NO_DEFAULT: [string, NewHold["question"], RegExp, string[], unknown][] = [
    ["yes or no", { type: "verification" }, /yes, no, .*\? $/, ["maybe", "no"], false],
    [
      "a link",
      { type: "action", url: "https://example.com/x", label: "Sign", requireConfirmation: true },
      /done, once it is done; .*\? $/,
      ["yes!", "done"],
      true,
    ],
    [
      "several of them",
      {
        type: "choice",
        multiple: true,
        options: [
          { value: 1, label: "One" },
          { value: 2, label: "Two, too" },
          { value: 3, label: "Three" },
        ],
      },
      /Which ones.*\? $/,
      ["four", "three, ONE"],
      [3, 1],
    ],
    ["JSON", { type: "custom", name: "seats" }, /as JSON; .*: $/, ["7A", '{"seat":"7A"}'], { seat: "7A" }],
    ["a number", { type: "input", schema: { type: "number" } }, /Your answer; .*: $/, ["1,5", "1.5"], 1.5],
  ];
  test.each(NO_DEFAULT)("%s: Enter asks again", async (_name, question, prompt, lines, expected) => {
    const id = await ask(question);
    await using session = terminal("holds", "answer", id);
    for (const line of ["", ...lines]) {
      await session.see(prompt);
      session.answer(line);
    }
    await session.see(/answered by Admin/);
    expect(await session.exited).toBe(0);
    expect(await answerOf(id)).toEqual(["answered", expected]);
  });

  test("/leave and Ctrl-C decide nothing", async () => {
    const id = await ask({ type: "verification" });
    for (const [keys, code] of [
      ["/leave\r", 1],
      ["\u0003", 130],
    ] as const) {
      await using session = terminal("holds", "answer", id);
      await session.see(/yes, no, .*\? $/);
      session.type(keys);
      expect(await session.exited).toBe(code);
    }
    expect(await answerOf(id)).toEqual(["pending", null]);
  });
});

describe("terminalHandler", () => {
  test("asks at the terminal of a program, one question after the other", async () => {
    await using session = program(HANDLER, key.url, key.key, "bank", "bob");
    await session.see(WHICH);
    session.answer("");
    await session.see(WHICH);
    session.answer("1");
    await session.see(RIGHT);
    session.answer("yes");
    await session.see(/completed: .*"from":"acc_1","reference":"Rent"/);
    expect(await session.exited).toBe(0);
  });

  test("a question that is over elsewhere goes away; Ctrl-C leaves the question open and says so", async () => {
    await using session = program(HANDLER, key.url, key.key, "bank", "carol");
    const [, first = ""] = await session.see(/(hold_\w{26})/);
    await session.see(WHICH);
    await client.holds.decide(first, { verdict: "answer", answer: "acc_2" });
    await session.see(/That question is over/);
    const [, second = ""] = await session.see(/(hold_\w{26})/);
    await session.see(RIGHT);
    session.type("\u0003");
    await session.see(
      new RegExp(`did not resolve ${second} \\(value\\): Interrupted\\. The question stays open`),
    );
    expect(await session.exited).toBe(0);
    expect(await answerOf(second)).toEqual(["pending", null]);
  });
});

describe("ask.* of the client", () => {
  test("asks each kind, and waits for an answer that fits", async () => {
    const { ask } = client;
    const asked: [Awaited<ReturnType<typeof ask.verify | typeof ask.input>>, unknown][] = [
      [await ask.input("Name?", { type: "string" }), "Ada"],
      [await ask.choice("Which?", ["a", { value: "b", label: "Bee" }]), "b"],
      [await ask.choice("Which ones?", [1, 2, 3], { multiple: true }), [3, 1]],
      [await ask.value("Right?", 240, { schema: { type: "integer" } }), 250],
      [await ask.verify("Sure?", { guidance: "Think twice." }), false],
      [await ask.action("Sign", { url: "https://example.com/x", label: "Sign" }), true],
      [await ask.custom("Seat?", { name: "seats", data: { row: 7 } }), { seat: "7A" }],
    ];
    for (const [question, answer] of asked) {
      expect(await question.wait({ timeoutSeconds: 0 })).toMatchObject({ outcome: "pending" });
      const wrong = { verdict: "answer", answer: { no: "such" } } as const;
      if (question.hold.question?.["type"] !== "custom") {
        await expect(client.holds.decide(question.id, wrong)).rejects.toMatchObject({
          code: "invalid_answer",
        });
      }
      const waiting = question.wait();
      await client.holds.decide(question.id, { verdict: "answer", answer: answer as never, comment: "So." });
      expect(await waiting).toMatchObject({
        outcome: "answered",
        answer,
        comment: "So.",
        by: { name: "Admin" },
        hold: { id: question.id, kind: "clarification" },
      });
    }
  });

  test("a no, and taking it back, are outcomes too", async () => {
    const declined = await client.ask.verify("Sure?", { timeoutSeconds: 60, metadata: { a: 1 } });
    await client.holds.decide(declined.id, { verdict: "reject", comment: "Why?" });
    expect(await declined.wait()).toMatchObject({ outcome: "rejected", comment: "Why?" });
    const withdrawn = await client.ask.verify("Sure?");
    await withdrawn.cancel("Found out");
    expect(await withdrawn.wait()).toMatchObject({ outcome: "cancelled" });
    await expect(declined.cancel()).rejects.toMatchObject({ code: "already_decided" });
  });
});
