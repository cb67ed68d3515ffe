import type { Context, OnlineOptions } from "../context.ts";
import { EXIT, exitCodeOfHold } from "../exit-code.ts";
import { PROGRAM } from "./hints.ts";
import { renderOutcome } from "./outcome.ts";

/** Waits for the outcome. stdout gets the status in one word, or the hold; the exit code says yes or no. */
export async function waitForHold(
  context: Context,
  id: string,
  options: OnlineOptions & { timeout?: number },
): Promise<number> {
  const { console, world } = context;
  const client = await context.connect(options);
  const abort = new AbortController();
  const release = world.onInterrupt(() => abort.abort());
  try {
    const first = await client.holds.get(id);
    if (first.status === "pending" && options.json !== true) {
      console.say(`${id} waits for a decision. Somebody may look at it with ${PROGRAM} holds show ${id}`);
    }
    const hold = await client.holds.wait(id, { timeoutSeconds: options.timeout, signal: abort.signal });
    if (options.json === true) console.json(hold);
    else {
      console.data(hold.status);
      console.say(renderOutcome(hold, world.now()));
    }
    return exitCodeOfHold(hold);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    console.say(`Not waiting any more; ${id} is as it was.`);
    return EXIT.interrupted;
  } finally {
    release();
  }
}
