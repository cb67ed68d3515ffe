// The story of the README, told in a pseudo-terminal: the real service with the example, a real table, real keys
// pressed. Colours are on, as a person would have them.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Folder, PROGRAM } from "./server-process.ts";
import { TerminalSession } from "./terminal-session.ts";

const EXAMPLE = join(import.meta.dirname, "../../../examples/data-manager/holdpoint.config.ts");
const TASK = "Delete 50 old records from the users table";
const VERDICT = /approve, modify, reject, skip, leave\? $/;

let folder: Folder;
let service: TerminalSession;

function terminal(...argv: string[]): TerminalSession {
  const { NO_COLOR: _, ...env } = folder.environment({ HOLDPOINT_CONFIG: EXAMPLE, TERM: "xterm-256color" });
  return new TerminalSession(process.execPath, [PROGRAM, ...argv], { env, cwd: folder.path });
}

async function countUsers(): Promise<number> {
  await using asking = terminal("run", "data_manager", "How many users are in the users table?");
  const [, count] = await asking.see(/(\d+) users?\b/);
  expect(await asking.exited).toBe(0);
  return Number(count);
}

beforeAll(async () => {
  folder = new Folder();
  service = terminal("start");
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe("the story in a terminal", () => {
  test("the service says where it is, how to get in, that no real model is asked, and what to try", async () => {
    await service.see(/Holdpoint is running\./);
    await service.see(/Address +http:\/\/localhost:\d+\n/);
    await service.see(/Sign in +http:\/\/localhost:\d+\/sign-in\/\S+\n/);
    await service.see(/API key +hpo_\S+\n/);
    await service.see(/data_manager \(Data Manager\) on a small scripted model/);
    await service.see(/npx holdpoint run data_manager "Delete 50 old records from the users table"/);
    await service.see(/curl .*\/v1\/agents\/data_manager\/runs/);
    await service.see(/Ctrl-C stops it/);
  });

  test("the run stops and shows exactly what would be deleted; Enter approves nothing; approve deletes 50", async () => {
    const before = await countUsers();
    await using run = terminal("run", "data_manager", TASK, "--interactive");
    await run.see(/waits for you +data_manager asks to run delete_records/);
    await run.see(/table_name +"users"\n +count +50\n/);
    await run.see(/Which[\s\S]*last seen/); // the rows themselves
    await run.see(/Why you are asked +\S/);
    await run.see(/cannot be undone/);
    await run.see(/Deadline +in \d+ min.*If nobody decides, .*nothing is executed/);
    await run.see(VERDICT);
    run.answer("");
    await run.see(VERDICT);
    run.answer("y");
    await run.see(VERDICT);
    run.answer("approve");
    await run.see(/delete_records: approved by Admin \(cli\)/);
    await run.see(/50/);
    expect(await run.exited).toBe(0);
    expect(await countUsers()).toBe(before - 50);
  });

  test("rejected with a reason, none is gone and the agent answers to the reason", async () => {
    const before = await countUsers();
    await using run = terminal("run", "data_manager", TASK, "--interactive");
    await run.see(VERDICT);
    run.answer("reject");
    await run.see(/Reason, which the agent will read: $/);
    run.answer("");
    await run.see(/Reason, which the agent will read: $/);
    run.answer("The audit is not over");
    await run.see(/delete_records: rejected by Admin \(cli\).*The audit is not over/);
    await run.see(/The audit is not over/); // in the agent's own answer
    expect(await run.exited).toBe(0);
    expect(await countUsers()).toBe(before);
  });

  test("changed from 50 to 10, ten are gone, and the change was shown before", async () => {
    const before = await countUsers();
    await using run = terminal("run", "data_manager", TASK, "--interactive");
    await run.see(VERDICT);
    run.answer("modify");
    await run.see(/table_name \["users"\]: $/);
    run.answer("");
    await run.see(/count \[50\]: $/);
    run.answer("ten");
    await run.see(/count must be a whole number, not "ten"\.\n +count \[50\]: $/);
    run.answer("10");
    await run.see(/Proposed -> edited\n +count +50 -> 10\n/);
    await run.see(/Type modify to approve it so, or back: $/);
    run.answer("");
    await run.see(/Type modify to approve it so, or back: $/);
    run.answer("modify");
    await run.see(/approved with changes by Admin/);
    expect(await run.exited).toBe(0);
    expect(await countUsers()).toBe(before - 10);
  });

  test("keeping every field decides nothing, and what does not fit is told and asked again", async () => {
    await using run = terminal("run", "data_manager", TASK, "--interactive");
    await run.see(VERDICT);
    run.answer("modify");
    await run.see(/table_name .*: $/);
    run.answer("");
    await run.see(/count .*: $/);
    run.answer("");
    await run.see(/Nothing was changed, and nothing was decided\./);
    await run.see(VERDICT);
    run.answer("modify");
    await run.see(/table_name .*: $/);
    run.answer("");
    await run.see(/count .*: $/);
    run.answer("0");
    await run.see(/or back: $/);
    run.answer("modify");
    await run.see(/Not decided: [\s\S]*count/);
    await run.see(VERDICT);
    run.answer("skip");
    expect(await run.exited).toBe(0);
  });

  test("Ctrl-C leaves the run to itself; it is decided in another terminal and followed to its end", async () => {
    const before = await countUsers();
    await using run = terminal("run", "data_manager", TASK);
    const [, holdId = ""] = await run.see(/npx holdpoint holds approve (hold_\w{26})/);
    await run.see(/skip .*\n/);
    run.type("\u0003");
    const [, runId = ""] = await run.see(
      /The run goes on without you\. Come back with: npx holdpoint runs watch (run_\w{26})/,
    );
    expect(await run.exited).toBe(130);

    await using decision = terminal("holds", "approve", holdId);
    await decision.see(/count +50\n/);
    await decision.see(/Type approve to approve this, or no: $/);
    decision.answer("");
    await decision.see(/Type approve to approve this, or no: $/);
    decision.answer("approve");
    await decision.see(/approved by Admin \(cli\)/);
    expect(await decision.exited).toBe(0);

    await using watching = terminal("runs", "watch", runId);
    await watching.see(/50/);
    expect(await watching.exited).toBe(0);
    expect(await countUsers()).toBe(before - 50);

    await using late = terminal("holds", "reject", holdId, "--reason", "too late");
    await late.see(/Admin approved this at /);
    expect(await late.exited).toBe(4);
  });

  test("a question that was answered elsewhere is taken away", async () => {
    await using run = terminal("run", "data_manager", TASK, "--interactive");
    const [, holdId = ""] = await run.see(/(hold_\w{26})/);
    await run.see(VERDICT);
    await using elsewhere = terminal("holds", "reject", holdId, "--reason", "Not from here");
    expect(await elsewhere.exited).toBe(0);
    await run.see(/delete_records: rejected by Admin \(cli\).*Not from here/);
    expect(await run.exited).toBe(0);
  });

  test("several calls of one turn are decided one by one; a word typed twice does not answer the next", async () => {
    const before = await countUsers();
    await using run = terminal("run", "data_manager", "Delete 3 records, delete 4 records", "--interactive");
    const [, first = ""] = await run.see(/count +([34])\n/);
    await run.see(VERDICT);
    run.type("approve\rapprove\r");
    const [, second = ""] = await run.see(/count +([34])\n/);
    expect([first, second].sort()).toEqual(["3", "4"]);
    await run.see(VERDICT);
    run.answer("reject");
    await run.see(/Reason/);
    run.answer("one is enough");
    expect(await run.exited).toBe(0);
    expect(await countUsers()).toBe(before - Number(first));
  });

  test("Ctrl-C stops the service", async () => {
    service.type("\u0003");
    await service.see(/Stopped\./);
    expect(await service.exited).toBe(0);
  });
});
