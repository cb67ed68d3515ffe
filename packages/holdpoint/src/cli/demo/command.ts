import { Command } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";

export function demoCommand(context: Context): Command {
  return new Command("demo")
    .description("the example that comes with the repository")
    .helpCommand(false)
    .addCommand(
      online(new Command("reset"))
        .description("put the example's data back as it was")
        .action(context.run((options) => resetDemo(context, options))),
    );
}

async function resetDemo(context: Context, options: OnlineOptions): Promise<void> {
  const client = await context.connect(options);
  await client.request("POST", "/v1/demo/reset", { body: {} });
  if (options.json === true) context.console.json({ reset: true });
  else context.console.say("The example's data is as it was at first.");
}
