import { Command } from "commander";
import { printable } from "../terminal/printable.ts";
import { online, type Context, type OnlineOptions } from "../context.ts";

export function demoCommand(context: Context): Command {
  return new Command("demo").description("the example that comes with the repository").addCommand(
    online(new Command("reset"))
      .description("put the example's data back as it was")
      .action(context.run((options) => resetDemo(context, options))),
  );
}

async function resetDemo(context: Context, options: OnlineOptions): Promise<void> {
  const client = await context.connect(options);
  const answer = await client.request<{ reset: true; log: string[] }>("POST", "/v1/demo/reset", { body: {} });
  if (options.json === true) context.console.json(answer);
  else
    for (const line of ["The example's data is as it was at first.", ...answer.log])
      context.console.say(printable(line));
}
