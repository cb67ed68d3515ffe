import { SAMPLE_VERDICTS, type Sample, type SampleVerdict } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface SamplesOptions extends OnlineOptions {
  status?: Sample["status"];
  agent?: string;
}

interface ReviewOptions extends OnlineOptions {
  verdict: SampleVerdict;
  comment?: string;
}

/** `holdpoint policy samples`: lists, and with `review` judges. */
export function samplesCommand(context: Context): Command {
  return new Command("samples")
    .description("actions that proceeded by themselves and were drawn for people to judge")
    .addCommand(
      online(new Command("list"))
        .description("samples, newest first")
        .addOption(new Option("--status <status>", "which").choices(["open", "reviewed"]).default("open"))
        .option("--agent <id>", "only of that agent")
        .action(context.run((options: SamplesOptions) => listSamples(context, options))),
    )
    .addCommand(
      online(new Command("review").argument("<id>"))
        .description("say whether a sampled action was correct")
        .addOption(
          new Option("--verdict <verdict>", "what you think of it")
            .choices(SAMPLE_VERDICTS)
            .makeOptionMandatory(),
        )
        .option("--comment <text>", "why, for the log")
        .action(context.run((id: string, options: ReviewOptions) => reviewSample(context, id, options))),
    );
}

async function listSamples(context: Context, options: SamplesOptions): Promise<void> {
  const client = await context.connect(options);
  const samples: Sample[] = [];
  const { status, agent: agentId } = options;
  for await (const sample of client.samples.list({ status, agentId })) samples.push(sample);
  if (options.json === true) {
    context.console.json({ data: samples });
    return;
  }
  const now = context.world.now();
  for (const sample of samples) {
    const columns = [
      sample.id,
      formatRelative(sample.createdAt, now),
      sample.agentId ?? "",
      sample.confidence === null ? "no confidence" : sample.confidence.toFixed(2),
      sample.review === null ? "open" : `${sample.review.verdict}, ${sample.review.by.name}`,
      `${sample.action.name} ${JSON.stringify(sample.action.arguments)}`,
      sample.execution === null ? "" : sample.execution.status,
    ];
    context.console.data(columns.map((column) => printable(column)).join("\t"));
  }
  if (samples.length === 0) context.console.say("There is none.");
}

async function reviewSample(context: Context, id: string, options: ReviewOptions): Promise<void> {
  const client = await context.connect(options);
  const sample = await client.samples.review(id, {
    verdict: options.verdict,
    ...(options.comment !== undefined && { comment: options.comment }),
  });
  if (options.json === true) context.console.json(sample);
  else context.console.say(`${sample.id} is kept as ${options.verdict}.`);
}
