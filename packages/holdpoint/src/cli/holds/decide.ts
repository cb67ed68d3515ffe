import type { DecisionInput, Hold, HoldDetail } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { CommandError, EXIT, UsageError } from "../exit-code.ts";
import { Questioner } from "../terminal/questioner.ts";
import { canAsk } from "../world.ts";
import { renderCard } from "./card.ts";
import { editableOf } from "./doubt.ts";
import { findChanges, renderDifference } from "./difference.ts";
import { PROGRAM } from "./hints.ts";
import { renderOutcome } from "./outcome.ts";
import { applyAssignments, parseAssignment } from "./typed-value.ts";

export interface BindingOptions extends OnlineOptions {
  hash?: string;
  yes?: boolean;
  comment?: string;
}

/** Shows the hold, asks, and approves exactly what was shown: the hash that is sent is the shown action's (I8). */
export async function approveHold(context: Context, id: string, options: BindingOptions): Promise<number> {
  const hold = await showHoldToDecide(context, id, options);
  pin(hold, options.hash);
  await confirm(context, hold, "approve", options);
  return sendDecision(context, id, options, {
    verdict: "approve",
    ...bound(hold),
    ...remark(options.comment),
  });
}

export async function modifyHold(
  context: Context,
  id: string,
  options: BindingOptions & { set: string[]; setJson: string[] },
): Promise<number> {
  const { console } = context;
  const assignments = [
    ...options.set.map((option) => parseAssignment(option, false)),
    ...options.setJson.map((option) => parseAssignment(option, true)),
  ];
  if (assignments.length === 0) throw new UsageError("Say what to change, for example --set count=10.");
  const hold = await showHoldToDecide(context, id, options);
  pin(hold, options.hash);
  const proposed = editableOf(hold);
  if (proposed === undefined) throw new UsageError(`${id} has no action to change.`);
  const edited = applyAssignments(proposed, hold.action?.schema ?? null, assignments);
  if (findChanges(proposed, edited).length === 0) {
    throw new UsageError(`That changes nothing. To approve it as it is: ${PROGRAM} holds approve ${id}`);
  }
  console.say("\nProposed -> edited");
  for (const line of renderDifference(proposed, edited, console.style)) console.say(`  ${line}`);
  await confirm(context, hold, "modify", options);
  // The whole of the arguments, so that what was shown is what is sent, whatever a merge would make of it.
  return sendDecision(context, id, options, {
    verdict: "modify",
    ...bound(hold),
    arguments: edited,
    ...remark(options.comment),
  });
}

export async function rejectHold(
  context: Context,
  id: string,
  options: OnlineOptions & { reason?: string },
): Promise<number> {
  let { reason } = options;
  if (reason === undefined && canAsk(context.world)) {
    await showHoldToDecide(context, id, options);
    using questioner = new Questioner(context.world);
    reason = await askReason(questioner);
  }
  return sendDecision(context, id, options, { verdict: "reject", ...remark(reason) });
}

export function skipHold(
  context: Context,
  id: string,
  options: OnlineOptions & { reason?: string },
): Promise<number> {
  return sendDecision(context, id, options, { verdict: "skip", ...remark(options.reason) });
}

export async function cancelHold(
  context: Context,
  id: string,
  options: OnlineOptions & { reason?: string },
): Promise<number> {
  const client = await context.connect(options);
  tell(context, await client.holds.cancel(id, options.reason), options);
  return EXIT.ok;
}

/** Asks for the words that the agent will read; Enter alone asks again. */
export async function askReason(questioner: Questioner, signal?: AbortSignal): Promise<string> {
  for (;;) {
    const reason = await questioner.ask("Reason, which the agent will read: ", signal);
    if (reason !== "") return reason;
  }
}

export async function showHoldToDecide(
  context: Context,
  id: string,
  options: OnlineOptions,
): Promise<HoldDetail> {
  const hold = await (await context.connect(options)).holds.get(id);
  const { console, world } = context;
  // Approving needs no reading aid when nobody reads: a script pins what it has read by --hash.
  console.say(renderCard(hold, { style: console.style, now: world.now(), withoutCommands: true }));
  return hold;
}

/** Refuses before anything is sent when the action is not the one that the caller has seen. */
function pin(hold: Hold, hash: string | undefined): void {
  if (hash === undefined || hold.action?.hash === hash) return;
  throw new CommandError(
    `Nothing was decided: the action of ${hold.id} has the hash ${hold.action?.hash ?? "(none)"}, not ${hash}.`,
    EXIT.conflict,
  );
}

function bound(hold: Hold): Pick<DecisionInput, "actionHash"> {
  const hash = hold.action?.hash;
  return hash === undefined ? {} : { actionHash: hash };
}

export function remark(comment: string | undefined): Pick<DecisionInput, "comment"> {
  return comment === undefined ? {} : { comment };
}

async function confirm(
  context: Context,
  hold: Hold,
  word: "approve" | "modify",
  options: BindingOptions,
): Promise<void> {
  // One that has its outcome is not asked about: the server says who was faster.
  if (options.yes === true || options.hash !== undefined || hold.status !== "pending") return;
  if (!canAsk(context.world)) {
    throw new UsageError(
      `Nothing was decided: without a terminal to ask on, give --yes, or --hash with the hash of the action that you have seen.`,
    );
  }
  using questioner = new Questioner(context.world);
  const answer = await questioner.choose(`\nType ${word} to ${word} this, or no: `, [word, "yes", "no", "n"]);
  if (answer === "no" || answer === "n") throw new CommandError("Nothing was decided.");
}

export async function sendDecision(
  context: Context,
  id: string,
  options: OnlineOptions,
  decision: DecisionInput,
): Promise<number> {
  const client = await context.connect(options);
  tell(context, await client.holds.decide(id, decision), options);
  return EXIT.ok;
}

function tell(context: Context, hold: Hold, options: OnlineOptions): void {
  if (options.json === true) context.console.json(hold);
  else context.console.data(`${hold.id} ${renderOutcome(hold, context.world.now())}`);
}
