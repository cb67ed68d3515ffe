import { afterEach, describe, expect, test } from "vitest";
import { NotAnsweredError } from "../../src/clarifications/not-answered-error.ts";
import type { DefinedTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { answer, askingTool as tool, callTools, question } from "./asking-fixture.ts";

/** R265: the three problems that systems like this one have named, each by its name. More of each stands in the files beside. */
describeEachStore("the three named problems", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function begin(tools: DefinedTool[]): Promise<void> {
    fixture = await createRunFixture(store(), { tools, script: callTools });
  }

  describe("short circuit: needing a person is neither a failure nor a reason to retry", () => {
    test("however often a tool needs somebody, the model is asked twice and told one result", async () => {
      let starts = 0;
      await begin([
        tool("book", async ({ ask }) => {
          starts += 1;
          try {
            const day = await ask.choice("day", ["Monday", "Tuesday"]);
            return { day, sure: await ask.verify("sure") };
          } catch (error) {
            // What a careful author writes: a question must not come by here, only a no.
            if (error instanceof NotAnsweredError) return "nobody answered";
            throw new Error("booking failed, try again", { cause: error });
          }
        }),
      ]);
      await fixture.startWorker();
      const id = await fixture.start("book", { endUserId: "ada" });
      await answer(fixture, question(await fixture.holding(id)), "Tuesday");
      const second = await fixture.until(id, (run) => run.holds.some((hold) => hold.status === "pending"));
      await answer(fixture, question(second), true);
      const run = await fixture.ended(id);
      expect(run).toMatchObject({ status: "completed", output: 'book: {"day":"Tuesday","sure":true}' });
      expect(starts).toBe(3);
      expect(run.steps).toHaveLength(2);
      expect(run.toolCalls).toMatchObject([{ status: "succeeded", error: null }]);
      expect(await fixture.eventTypes(id)).not.toContain("action.failed");
    });
  });

  describe("hand-off: to a person and back, each in their own time, with the state kept", () => {
    test("twenty people answer in another order than they were asked, a new process goes on with each run", async () => {
      const done: string[] = [];
      const offer = () =>
        tool("offer", async ({ ask, endUser, once }) => {
          await once("reserve", () => void done.push(`reserved ${endUser?.id}`));
          const room = await ask.input("room", { type: "string" });
          done.push(`${endUser?.id} has ${JSON.stringify(room)}`);
          return room;
        });
      await begin([offer()]);
      const first = await fixture.startWorker();
      const people = Array.from({ length: 20 }, (_, index) => `guest-${index}`);
      const runs = await Promise.all(people.map((endUserId) => fixture.start("offer", { endUserId })));
      const held = await Promise.all(runs.map((id) => fixture.holding(id)));
      await first.stop(); // nothing of the twenty runs is left in memory
      await fixture.startWorker();
      for (const index of [...people.keys()].toReversed()) {
        const run = held[index];
        if (run !== undefined) await answer(fixture, question(run), `room ${index}`);
      }
      for (const [index, id] of runs.entries()) {
        const run = await fixture.ended(id);
        expect(run).toMatchObject({ endUserId: people[index], output: `offer: "room ${index}"` });
        const types = await fixture.eventTypes(id);
        expect(types.filter((type) => type === "hold.created" || type === "hold.decided")).toHaveLength(2);
        expect(types.indexOf("hold.decided")).toBeLessThan(types.indexOf("run.resumed"));
      }
      expect(done.toSorted()).toEqual(
        people.flatMap((id, index) => [`${id} has "room ${index}"`, `reserved ${id}`]).toSorted(),
      );
    });
  });

  describe("presentation: a button, not an address; data that any screen can show as it is meant", () => {
    test("a link is told with its label, in a member of its own, and stands in no title, summary or message", async () => {
      const url = "https://bank.example.com/confirm?token=t-7";
      await begin([
        tool("pay", async ({ ask }) => {
          await ask.action("confirm", { url, label: "Confirm at your bank", requireConfirmation: true });
          return "paid";
        }),
      ]);
      await fixture.startWorker();
      const id = await fixture.start("pay", { endUserId: "ada" });
      const run = await fixture.holding(id);
      const asked = question(run);
      expect(asked.question).toMatchObject({ type: "action", url, label: "Confirm at your bank" });
      expect(`${asked.title} ${asked.summary ?? ""} ${JSON.stringify(run.messages)}`).not.toContain(
        "bank.example",
      );
      await answer(fixture, asked, true);
      expect((await fixture.ended(id)).output).toBe('pay: "paid"');
    });
  });
});
