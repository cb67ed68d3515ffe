import { expect, test } from "vitest";
import { HoldpointError } from "./error.ts";
import { JsonValueError } from "./json-value.ts";

test("carries what a door needs to answer", () => {
  const cause = new Error("socket closed");
  const error = new HoldpointError("The database is away; try again.", {
    code: "unavailable",
    status: 503,
    retryable: true,
    cause,
  });
  expect(error).toMatchObject({
    name: "HoldpointError",
    code: "unavailable",
    status: 503,
    retryable: true,
    cause,
    details: {},
  });
});

test("defaults to an error of the server that a retry does not mend", () => {
  expect(new HoldpointError("?", { code: "internal" })).toMatchObject({ status: 500, retryable: false });
});

test("is recognised across copies of the package, which instanceof is not", () => {
  const foreign = Object.defineProperty(new Error("from another copy"), Symbol.for("holdpoint.error"), {
    value: true,
  });
  expect(HoldpointError.isInstance(foreign)).toBe(true);
  expect(HoldpointError.isInstance(new JsonValueError("a", "is odd"))).toBe(true);
  for (const other of [new Error("x"), null, undefined, "text", {}])
    expect(HoldpointError.isInstance(other)).toBe(false);
});
