import type { Context } from "hono";
import type { RawReply } from "../events/event-stream.ts";
import type { NodeBindings, RequestEnv } from "./route.ts";

/** What a stream is written to: Node's response, where there is one and it takes a body. Else it goes the way of `fetch`. */
export function replyOf(context: Context<RequestEnv>): {
  raw: RawReply | undefined;
  signal: AbortSignal | undefined;
} {
  // Where `app.request` is called without a server, Hono gives no bindings at all.
  const outgoing = (context.env as NodeBindings | undefined)?.rawReply;
  if (outgoing === undefined || context.req.method === "HEAD") {
    return { raw: undefined, signal: context.req.raw.signal };
  }
  // The signal is not asked for: it would cost each stream a kilobyte, and the response says itself when it closes.
  return { raw: { outgoing, addHeaders: context.get("addHeaders") }, signal: undefined };
}
