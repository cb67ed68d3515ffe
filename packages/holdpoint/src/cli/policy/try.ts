import type { Context, OnlineOptions } from "../context.ts";
import { printable } from "../terminal/printable.ts";
import { readDocument } from "./document.ts";

export async function backtestPolicy(
  context: Context,
  file: string,
  options: OnlineOptions & { days: number },
): Promise<void> {
  const { console, world } = context;
  const document = await readDocument(world, file);
  const { policies } = await context.connect(options);
  const result = await policies.backtest(document, { days: options.days });
  if (options.json === true) {
    console.json(result);
    return;
  }
  const { total } = result;
  console.data(
    `${total.actions} actions in ${result.days} days: ${total.heldThen} were held; the policy in force would hold ${total.heldBefore}, the draft ${total.heldAfter}, and ${result.handled} otherwise.`,
  );
  for (const { day, heldBefore, heldAfter, actions } of result.byDay)
    console.data(`day\t${day}\t${heldBefore} -> ${heldAfter}\tof ${actions}`);
  for (const { rule, heldBefore, heldAfter } of result.byRule)
    console.data(`rule\t${rule ?? "(none)"}\t${heldBefore} -> ${heldAfter}`);
  for (const { route, heldBefore, heldAfter } of result.byRoute)
    console.data(`route\t${printable(route)}\t${heldBefore} -> ${heldAfter}`);
  for (const example of result.examples) {
    const change = example.heldBefore
      ? example.heldAfter
        ? `otherwise: ${example.differs.join(", ")}`
        : "would proceed"
      : "would be held";
    console.data(`example\t${printable(example.action)}\t${change}\t${printable(example.reason)}`);
  }
  if (result.isTruncated) console.say("There were more actions than are looked at: these are the oldest.");
}

export async function showShadow(context: Context, options: OnlineOptions): Promise<void> {
  const { console } = context;
  const { policies } = await context.connect(options);
  const report = await policies.shadow();
  if (options.json === true) {
    console.json(report);
    return;
  }
  if (report.version === null) {
    console.say("No version runs beside. `policy put FILE --shadow` starts one.");
    return;
  }
  console.data(
    `Version ${report.version} saw ${report.actions} actions: it would have held ${report.wouldHold} that proceeded, and let ${report.wouldLetThrough} through that were held.`,
  );
  for (const { rule, actions, wouldHold, wouldLetThrough } of report.byRule)
    console.data(`rule\t${rule ?? "(none)"}\t${actions} actions\t+${wouldHold}\t-${wouldLetThrough}`);
  if (report.failed > 0) console.say(`${report.failed} times it could not be evaluated.`);
  if (report.isTruncated) console.say("There were more actions than are looked at: these are the oldest.");
}
