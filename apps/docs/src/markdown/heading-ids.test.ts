import { expect, test } from "vitest";
import { HeadingIds } from "./heading-ids.ts";

test("ids are those of GitHub", () => {
  const ids = new HeadingIds();
  expect(ids.next("POST /v1/holds/{id}/wait")).toBe("post-v1holdsidwait");
  expect(ids.next("holdpoint runs watch")).toBe("holdpoint-runs-watch");
  expect(ids.next("`on_timeout` – what then?")).toBe("on_timeout--what-then");
  expect(ids.next("Über uns")).toBe("über-uns");
});

test("repeats are numbered", () => {
  const ids = new HeadingIds();
  expect(["Run", "Run", "run"].map((text) => ids.next(text))).toEqual(["run", "run-1", "run-2"]);
});
