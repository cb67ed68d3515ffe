import type { Context, OnlineOptions } from "../context.ts";
import { EXIT } from "../exit-code.ts";

/** Puts a hold off for whoever asks, or takes it up again. Decides nothing. */
export async function deferHold(
  context: Context,
  id: string,
  options: OnlineOptions & { undo?: boolean },
): Promise<number> {
  const { holds } = await context.connect(options);
  const hold = await (options.undo === true ? holds.takeUp(id) : holds.defer(id));
  if (options.json === true) context.console.json(hold);
  else
    context.console.data(
      `${hold.id} ${options.undo === true ? "taken up again" : "put off; it waits for a decision still"}`,
    );
  return EXIT.ok;
}
