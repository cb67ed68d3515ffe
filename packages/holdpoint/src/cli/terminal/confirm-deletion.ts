import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../exit-code.ts";
import { canAsk } from "../world.ts";
import { Questioner } from "./questioner.ts";

/** Returns once somebody at a terminal has typed `delete`; Enter alone deletes nothing. `what` says what would be gone. */
export async function confirmDeletion({ console, world }: Context, what: string): Promise<void> {
  if (!canAsk(world)) throw new UsageError("Nothing was deleted: without a terminal to ask on, give --yes.");
  using questioner = new Questioner(world);
  console.say(`${what} It cannot be brought back.`);
  const answer = await questioner.choose("Type delete to delete this, or no: ", ["delete", "no", "n"]);
  if (answer !== "delete") throw new CommandError("Nothing was deleted.");
}
