import {
  routeInWords,
  type Evidence,
  type Hold,
  type Impact,
  type JsonValue,
  type Reversibility,
} from "@holdpoint/protocol";
import { findClarification } from "@holdpoint/client";
import { questionHeadline, questionLines } from "../questions/question-lines.ts";
import { formatDuration } from "../terminal/duration.ts";
import { block } from "../terminal/block.ts";
import { printable, printableJson, printablePath } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { renderDeadline } from "./deadline.ts";
import { doubtLines, doubtOf } from "./doubt.ts";
import { renderArguments } from "./facts.ts";
import { PROGRAM, verdictCommands } from "./hints.ts";
import { renderOutcome } from "./outcome.ts";
import { renderNextStep, renderProgress, renderVotes } from "./votes.ts";
import { renderDifference } from "./difference.ts";

export interface CardOptions {
  style: Style;
  /** Unix time in milliseconds. */
  now: number;
  /** Leave out the commands: the question that follows takes the verdict. */
  withoutCommands?: boolean;
}

/**
 * A hold as its decider reads it, top to bottom: what is asked, by which agent, for whom; the exact action; evidence;
 * why a person is asked, what it would change; until when and what silence does; what can be said.
 *
 * Facts come from the stored action. Text that the asker wrote is marked as such (I13), and nothing in it can reach
 * the terminal as anything but text.
 */
export function renderCard(hold: Hold, options: CardOptions): string {
  const { style } = options;
  return [
    ...headline(hold, style),
    ...actionLines(hold, style),
    ...requesterLines(hold, style),
    ...hold.evidence.flatMap((evidence) => evidenceLines(evidence, style)),
    "",
    ...aspectLines(hold, options),
    ...(hold.status === "pending" && options.withoutCommands !== true ? commandLines(hold, style) : []),
  ].join("\n");
}

function headline(hold: Hold, style: Style): string[] {
  const who = printable(hold.agentId ?? hold.requester);
  const forWhom = hold.endUserId === null ? "" : ` for ${printable(hold.endUserId)}`;
  const clarification = findClarification(hold);
  const what =
    hold.action !== null
      ? `asks to run ${style.bold(printable(hold.action.name))}`
      : clarification === undefined
        ? `asks a person (${hold.kind})`
        : questionHeadline(clarification.question);
  const state =
    hold.status === "pending" ? style.accent(`● waits for ${printable(waitsFor(hold))}`) : `○ ${hold.status}`;
  const path = hold.path === null ? [] : [style.dim(`called by way of ${printablePath(hold.path)}`)];
  return [`${state}  ${style.bold(who)} ${what}${forWhom}`, ...path, style.dim(hold.id), ""];
}

/** A question about an end user is theirs to answer, whoever else may read it here. */
export function waitsFor(hold: Hold): string {
  return (findClarification(hold) === undefined ? null : hold.endUserId) ?? "you";
}

function actionLines(hold: Hold, style: Style): string[] {
  if (hold.action === null) return [];
  const lines = [
    `  ${style.bold(printable(hold.action.name))}`,
    ...renderArguments(hold.action.arguments, style).map((line) => `    ${line}`),
  ];
  if (hold.outcome?.arguments != null && hold.status === "modified") {
    lines.push("", "  Changed before approval:");
    lines.push(
      ...renderDifference(hold.action.arguments, hold.outcome.arguments, style).map((line) => `    ${line}`),
    );
  }
  return [...lines, ""];
}

function requesterLines(hold: Hold, style: Style): string[] {
  const label = (text: string) => style.dim(text);
  const doubt = doubtOf(hold);
  const clarification = findClarification(hold);
  const question =
    doubt !== undefined
      ? ["", ...doubtLines(doubt, style)]
      : clarification !== undefined
        ? ["", ...questionLines(clarification.question, style)]
        : hold.question === null
          ? []
          : [`  ${printableJson(hold.question)}`];
  return [
    `${label("In the asker's words:")} ${printable(hold.title)}`,
    ...(hold.summary === null ? [] : block(hold.summary)),
    ...(hold.details === null ? [] : block(detailsText(hold.details))),
    ...question,
  ];
}

function detailsText(details: JsonValue): string {
  return typeof details === "string" ? details : printableJson(details, 2);
}

function evidenceLines(evidence: Evidence, style: Style): string[] {
  const title = `${style.dim("Evidence:")} ${printable(evidence.title)}`;
  switch (evidence.type) {
    case "text":
      return [title, ...block(evidence.text)];
    case "link":
      return [`${title}: ${printable(evidence.url)}`];
    case "image":
    case "file":
      return [
        `${title} (${evidence.type}, ${printable(evidence.mediaType)}, ${Math.floor((evidence.base64.length * 3) / 4)} bytes; not shown here)`,
      ];
    default:
      return [
        title,
        ...block(evidence.before).map((line) => `${line.slice(0, 2)}- ${line.slice(4)}`),
        ...block(evidence.after).map((line) => `${line.slice(0, 2)}+ ${line.slice(4)}`),
      ];
  }
}

const REVERSIBILITY: Record<Reversibility, string> = {
  reversible: "can be undone",
  partially_reversible: "can be undone in part",
  irreversible: "cannot be undone",
};
const IMPACT: Record<Impact, string> = { low: "low", medium: "medium", high: "high" };

function aspectLines(hold: Hold, { style, now }: CardOptions): string[] {
  const reversibility = hold.action?.reversibility;
  const rows = hold.reasons.map(({ rule, text }, index): [string, string] => [
    index === 0 ? "Why you are asked" : "",
    `${printable(text)} ${style.dim(`(${printable(rule)})`)}`,
  ]);
  if (reversibility != null) {
    const text = REVERSIBILITY[reversibility];
    rows.push(["Reversibility", reversibility === "irreversible" ? style.danger(text) : text]);
  }
  if (hold.action?.impact != null) rows.push(["Impact", IMPACT[hold.action.impact]]);
  if (hold.action?.value != null) rows.push(["Value", String(hold.action.value)]);
  const route = `${printable(routeInWords(hold.route))} (${hold.tier})`;
  if (findClarification(hold) === undefined) rows.push(["Who may decide", route]);
  else rows.push(...whoIsAsked(hold, route));
  const progress =
    renderProgress(hold) ?? (hold.quorum.required > 1 ? `0 of ${hold.quorum.required} approvals` : undefined);
  if (progress !== undefined && hold.status === "pending") rows.push(["Votes", progress]);
  rows.push(...renderVotes(hold, { now, style }).map((line): [string, string] => ["", line]));
  const next = renderNextStep(hold, now);
  if (next !== undefined) rows.push(["Next", next]);
  if (hold.runId !== null) rows.push(["Run", printable(hold.runId)]);
  if (hold.runLostAt !== null && hold.status === "pending") {
    const silence = formatDuration(now - Date.parse(hold.runLostAt));
    rows.push(["", style.danger(`lost for ${silence}: nothing is heard of it; a decision is kept for it`)]);
  }
  if (hold.status === "pending") rows.push(["Deadline", renderDeadline(hold, now)]);
  else rows.push(...answerRows(hold), ["Outcome", renderOutcome(hold, now)]);
  return rows.map(([name, text]) => `${style.dim(name.padEnd(20))}${text}`);
}

/** A sign-in has none that says more than that it was done. */
function answerRows(hold: Hold): [string, string][] {
  const answer =
    hold.kind === "clarification" && hold.status === "answered" ? hold.outcome?.answer : undefined;
  return answer == null ? [] : [["Answer", printableJson(answer)]];
}

function whoIsAsked(hold: Hold, route: string): [string, string][] {
  if (hold.endUserId === null) return [["Who is asked", route]];
  return [
    ["Who is asked", `${printable(hold.endUserId)}, the end user, on their own page`],
    [hold.kind === "authorization" ? "Who may reject it" : "Who may answer too", route],
  ];
}

/** How its end user gets to a question: nothing is sent to them by itself. */
function linkCommand(hold: Hold): string[][] {
  const { endUserId } = hold;
  // A command to copy is offered only where no shell would read more into it than the id.
  if (endUserId === null || findClarification(hold) === undefined || !/^\w[\w.@:-]*$/.test(endUserId))
    return [];
  return [["their page", `${PROGRAM} end-users link ${endUserId}`]];
}

function commandLines(hold: Hold, style: Style): string[] {
  const commands = [...verdictCommands(hold), ...linkCommand(hold)];
  if (commands.length === 0) return [];
  return [
    "",
    ...commands.map(([verdict = "", command = ""]) => `${style.dim(verdict.padEnd(20))}${command}`),
  ];
}
