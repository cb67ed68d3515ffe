import { HoldpointError } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { DatabaseBusyError, EmbeddedDatabaseDiedError } from "../database/database-error.ts";
import { toProblem } from "./errors.ts";

const withCode = (code: string, message = "no"): Error => Object.assign(new Error(message), { code });

test.each([
  ["a pool without a free connection", new DatabaseBusyError(10_000, 1, undefined)],
  ["an embedded database that died", new EmbeddedDatabaseDiedError("/data", "PANIC", false, undefined)],
  [
    "a full disk under the embedded database",
    new EmbeddedDatabaseDiedError("/data", "PANIC", true, undefined),
  ],
  ["a full disk under the server", withCode("53100")],
  ["a server that shuts down", withCode("57P01")],
  ["a server that became read-only", withCode("25006")],
  ["a refused connection", withCode("ECONNREFUSED")],
  ["an unreachable host", withCode("EHOSTUNREACH")],
  ["a name that does not resolve", withCode("EAI_AGAIN")],
  ["a socket that closed under a query", new Error("Connection terminated unexpectedly")],
  ["a client found dead", new Error("Client has encountered a connection error and is not queryable")],
  ["no space for a file", withCode("ENOSPC")],
])("%s is 503 with Retry-After", (_case, error) => {
  const problem = toProblem(error);
  expect(problem).toMatchObject({ code: "unavailable", status: 503, headers: { "retry-after": "1" } });
  expect(problem.message).not.toContain("PANIC");
});

test.each([
  ["a defect", new TypeError("undefined is not a function")],
  ["a statement that is wrong", withCode("42601", "syntax error")],
  [
    "an error of ours that no door foresaw",
    new HoldpointError("inside", { code: "pool_inside_transaction" }),
  ],
  ["no error at all", "thrown text"],
])("%s is 500 and tells no internals", (_case, error) => {
  const problem = toProblem(error);
  expect(problem).toMatchObject({ code: "internal", status: 500 });
  expect(problem.message).toBe("This is a defect of the server. It is in its log under this requestId.");
});
