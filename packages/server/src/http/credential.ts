import type { Context } from "hono";
import { ProblemError } from "../problem.ts";
import { unauthorized } from "../identity/principal.ts";
import type { RequestEnv } from "./route.ts";

/** The hash of the credential that a request brings; 401 without one. Whether it counts is the database's to say. */
export function credentialHashOf(context: Context<RequestEnv>): string {
  const credential = context.get("readCredential")();
  if (credential === undefined) throw unauthorized();
  return credential.hash;
}

/** Where a decision came from: a signed-in browser is the console, a key the API or the command line. */
export function viaOf(context: Context<RequestEnv>): string {
  if (context.get("readCredential")()?.via === "session") return "console";
  return context.req.header("x-holdpoint-via") === "cli" ? "cli" : "api";
}

/** A path parameter; an id that no id can be is 404, as an unknown one is. */
export function pathParameter(context: Context<RequestEnv>, name: string): string {
  const value = context.req.param(name) ?? "";
  if (value.length > 200 || value.includes("\u0000") || !value.isWellFormed()) {
    throw new ProblemError("not_found", "There is no such thing here: that is no id.");
  }
  return value;
}
