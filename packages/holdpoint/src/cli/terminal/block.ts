import { printable } from "./printable.ts";

/** Text of several lines, set off by a bar so that no line of it can pose as a line of ours (I13). */
export function block(text: string): string[] {
  return printable(text, { isProse: true })
    .replaceAll("\t", "    ")
    .split("\n")
    .map((line) => `  │ ${line}`);
}
