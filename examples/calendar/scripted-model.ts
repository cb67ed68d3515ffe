import type { Script, ScriptReply, ScriptResult } from "holdpoint";

type Call = NonNullable<ScriptReply["toolCalls"]>[number];

const HELP =
  "I am a small script that stands in for a model, because no model key is set. I understand: " +
  '"What is on my calendar on Monday?", "Book lunch with Anna on Tuesday at 12:30" and ' +
  '"Find time for the dentist on Thursday". Several of them in one message are fine.';

/** What one sentence asks for: calls at once, and perhaps one more when they have succeeded. */
interface Wish {
  calls: Call[];
  next?: (results: readonly ScriptResult[]) => Call | undefined;
}

const BEGINNING = /\bwhat(?:'s|\s+is)\s+on\b|\bbook\b|\bfind\s+(?:a\s+)?time\b/gi;
const DAY = /\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/gi;

/**
 * The calendar assistant without a model: reads a few kinds of sentences, calls the tools for all of them in one turn, then
 * what follows from their results, and puts it into words. No intelligence, the same answer every time.
 */
export const calendarScript: Script = ({ text, results }) => {
  const wishes = readWishes(text);
  const first = wishes.flatMap(({ calls }) => calls);
  if (first.length === 0) return { text: HELP };
  if (results.length === 0) return { toolCalls: first };
  let taken = 0;
  const second = wishes.flatMap(({ calls, next }) => {
    const own = results.slice(taken, (taken += calls.length));
    return own.some(({ problem }) => problem !== undefined) ? [] : (next?.(own) ?? []);
  });
  if (results.length === first.length && second.length > 0) return { toolCalls: second };
  return { text: results.flatMap(describeResult).join("\n\n") };
};

function readWishes(text: string): Wish[] {
  const starts = Array.from(text.matchAll(BEGINNING), ({ index }) => index);
  return starts.flatMap((start, index) => {
    const wish = readWish(text.slice(start, starts[index + 1] ?? text.length));
    return wish === undefined ? [] : [wish];
  });
}

function readWish(words: string): Wish | undefined {
  const days = Array.from(words.matchAll(DAY), ([name]) => name.toLowerCase());
  const day = days[0];
  if (day === undefined) return undefined;
  if (/^what/i.test(words)) {
    return { calls: days.map((each) => ({ name: "list_events", arguments: { day: each } })) };
  }
  if (/^find/i.test(words)) return readSearch(words, day);
  return readBooking(words, day);
}

function readSearch(words: string, day: string): Wish | undefined {
  const what = /\bfor\s+(?:the\s+|a\s+)?(.+?)\s+on\s/i.exec(words)?.[1];
  if (what === undefined) return undefined;
  const title = capitalize(what);
  return {
    calls: [{ name: "find_time", arguments: { day, title } }],
    next: ([found]) => createEvent(day, textOf(found?.result, "time"), title),
  };
}

function readBooking(words: string, day: string): Wish | undefined {
  const [, what = "", who] = /^book\s+(?:a\s+)?(.+?)(?:\s+with\s+(.+?))?\s+on\s/i.exec(words) ?? [];
  const [, hour = "", minute = ""] = /\bat\s+(\d{1,2}):(\d{2})\b/.exec(words) ?? [];
  if (what === "" || hour === "") return undefined;
  const time = `${hour.padStart(2, "0")}:${minute}`;
  if (who === undefined) return { calls: [createEvent(day, time, capitalize(what))] };
  return {
    calls: [{ name: "find_contact", arguments: { name: who } }],
    next([found]) {
      const [contact] = Array.isArray(found?.result) ? found.result : [];
      if (contact === undefined) return undefined;
      return createEvent(day, time, `${capitalize(what)} with ${textOf(contact, "name")}`);
    },
  };
}

function createEvent(day: string, time: string, title: string): Call {
  return { name: "create_event", arguments: { day, time, title } };
}

function describeResult({
  name,
  arguments: proposed,
  executedWith,
  result,
  problem,
}: ScriptResult): string[] {
  if (problem !== undefined) return [describeProblem(name, problem)];
  const args = executedWith ?? proposed;
  switch (name) {
    case "list_events": {
      const events = (result as { events: object[] }).events.map(
        (event) => `- ${textOf(event, "time")} ${textOf(event, "title")}`,
      );
      const day = capitalize(textOf(result, "day"));
      return [events.length === 0 ? `${day} is free.` : `${day}:\n${events.join("\n")}`];
    }
    case "create_event":
      return [
        `Booked: ${textOf(args, "title")}, ${capitalize(textOf(args, "day"))} at ${textOf(args, "time")}.`,
      ];
    case "find_contact":
      return Array.isArray(result) && result.length === 0
        ? [`I found nobody called ${textOf(args, "name")}, so I booked nothing.`]
        : [];
    default:
      return []; // said with what followed from it
  }
}

/** Says what was not done, and gives a person's reason back. */
function describeProblem(name: string, problem: string): string {
  const undone = name === "create_event" ? "I booked nothing" : "I could not look at your calendar";
  const reason = /Reason: (.*)$/s.exec(problem)?.[1];
  const because = reason === undefined || reason === "none given" ? "" : ` The reason given: ${reason}`;
  if (problem.includes("declined to answer")) return `${undone}, since you did not let me.${because}`;
  if (problem.includes("rejected by reviewer")) return `${undone}: the reviewer rejected it.${because}`;
  if (problem.includes("in time")) return `${undone}: nobody answered in time.`;
  return `${undone}. ${problem}`;
}

function textOf(value: unknown, name: string): string {
  const found: unknown =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === "string" ? found : "?";
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
