import { expect, test } from "vitest";
import { Trouble } from "./trouble.ts";

test("trouble is said at once, then once a minute, and when it is over", () => {
  const said: [string, number, string][] = [];
  let now = 5;
  const say =
    (level: string) =>
    ({ times }: { times: number }, message: string): void =>
      void said.push([level, times, message]);
  const logger = { error: say("error"), info: say("info") } as unknown as ConstructorParameters<
    typeof Trouble
  >[0];
  const trouble = new Trouble(logger, "It failed; trying again.", () => now);
  trouble.over();
  expect(said).toEqual([]);
  for (let second = 0; second < 121; second++) {
    trouble.met(new Error("away"));
    now += 1_000;
  }
  expect(said).toEqual([
    ["error", 1, "It failed; trying again."],
    ["error", 61, "It failed; trying again."],
    ["error", 121, "It failed; trying again."],
  ]);
  trouble.over();
  trouble.over();
  expect(said.slice(3)).toEqual([["info", 121, "Over: It failed; trying again."]]);
  trouble.met(new Error("away"));
  expect(said.at(-1)).toEqual(["error", 1, "It failed; trying again."]);
});
