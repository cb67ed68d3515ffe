import type { Holdpoint } from "@holdpoint/client";
import type { Hold } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { renderCard } from "./card.ts";
import { renderOutcome } from "./outcome.ts";

const ENDINGS: ReadonlySet<string> = new Set(["hold.decided", "hold.expired", "hold.cancelled"]);

/**
 * Shows what is pending, then each new hold and each outcome as it comes. The stream is opened before the list is
 * read, so nothing falls between the two. Ends at Ctrl-C.
 */
export async function watchHolds(context: Context, options: OnlineOptions): Promise<void> {
  const { console, world } = context;
  const client = await context.connect(options);
  const watch = new Watch(context, options.json === true);
  const abort = new AbortController();
  const release = world.onInterrupt(() => abort.abort());
  let reconnects = 0;
  try {
    const opened = Promise.withResolvers<void>();
    const events = client.events({
      signal: abort.signal,
      onOpen: opened.resolve,
      onReconnect: () => {
        if (reconnects++ === 0)
          console.say("The connection broke; trying again, and nothing will be missed.");
      },
    });
    const listed = opened.promise.then(() => listPending(client, watch));
    listed.catch(() => abort.abort()); // told below
    for await (const event of events) {
      if (!event.type.startsWith("hold.")) continue;
      await listed;
      const holdId = "holdId" in event ? event.holdId : null;
      if (holdId === null) continue;
      if (event.type === "hold.created") watch.show(await client.holds.get(holdId));
      else if (ENDINGS.has(event.type)) watch.end(await client.holds.get(holdId));
    }
    if (abort.signal.aborted) await Promise.race([listed, Promise.resolve()]);
  } finally {
    release();
    abort.abort();
  }
}

async function listPending(client: Holdpoint, watch: Watch): Promise<void> {
  const pending: Hold[] = [];
  for await (const hold of client.holds.list({ status: "pending" })) pending.push(hold);
  for (const hold of pending.reverse()) watch.show(hold);
  watch.ready(pending.length);
}

/** What has been shown, so that a hold that is both listed and streamed shows once. */
class Watch {
  readonly #context: Context;
  readonly #isJson: boolean;
  readonly #shown = new Set<string>();

  constructor(context: Context, isJson: boolean) {
    this.#context = context;
    this.#isJson = isJson;
  }

  show(hold: Hold): void {
    if (this.#shown.has(hold.id) || hold.status !== "pending") return;
    this.#shown.add(hold.id);
    const { console, world } = this.#context;
    if (this.#isJson) console.json({ event: "pending", hold });
    else console.data(`${renderCard(hold, { style: console.dataStyle, now: world.now() })}\n`);
  }

  end(hold: Hold): void {
    const { console, world } = this.#context;
    if (this.#isJson) console.json({ event: hold.status, hold });
    else console.data(`${hold.id} ${renderOutcome(hold, world.now())}\n`);
  }

  ready(count: number): void {
    if (this.#isJson) return;
    this.#context.console.say(
      count === 0 ? "Nothing waits now; watching. Ctrl-C ends." : "Watching for more. Ctrl-C ends.",
    );
  }
}
