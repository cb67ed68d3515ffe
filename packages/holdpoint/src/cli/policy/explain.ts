import {
  isJsonObject,
  parseJson,
  type Explanation,
  type Impact,
  type JsonObject,
  type Reversibility,
} from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";
import { readDocument } from "./document.ts";

export interface ExplainOptions extends OnlineOptions {
  arguments: string;
  value?: number;
  reversibility?: Reversibility;
  impact?: Impact;
  confidence?: number;
  agent?: string;
  endUser?: string;
  known?: boolean;
  at?: string;
  policy?: string;
}

export async function explainAction(context: Context, name: string, options: ExplainOptions): Promise<void> {
  const { console, world } = context;
  const { value, reversibility, impact, confidence } = options;
  const policy = options.policy === undefined ? undefined : await readDocument(world, options.policy);
  const { policies } = await context.connect(options);
  const explanation = await policies.explain({
    action: {
      name,
      arguments: parseArguments(options.arguments),
      ...(value !== undefined && { value }),
      ...(reversibility !== undefined && { reversibility }),
      ...(impact !== undefined && { impact }),
      ...(confidence !== undefined && { confidence }),
    },
    ...(options.agent !== undefined && { agentId: options.agent }),
    ...(options.endUser !== undefined && { endUserId: options.endUser }),
    ...(options.known === true && { firstTime: false }),
    ...(options.at !== undefined && { at: options.at }),
    ...(policy !== undefined && { policy }),
  });
  if (options.json === true) console.json(explanation);
  else for (const line of renderExplanation(explanation)) console.data(line);
}

function parseArguments(text: string): JsonObject {
  try {
    const parsed = parseJson(text);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // told below
  }
  throw new UsageError(`--arguments must be a JSON object such as '{"count": 50}'.`);
}

function renderExplanation(explanation: Explanation): string[] {
  const { held, tier, level, rule, reasons, quorum, policyVersion } = explanation;
  const by = rule === null ? "the declaration and the defaults" : `rule ${rule}`;
  const under = policyVersion === null ? "the draft" : `version ${policyVersion} of the policy`;
  const lines = [
    `${held ? "Held" : "Proceeds by itself"}: ${tier}, ${level}, by ${by}, under ${under}.`,
    ...reasons.map(({ text }) => `  ${printable(text)}`),
  ];
  if (!held) return lines;
  const people = quorum.required === 1 ? "" : `, ${quorum.required} of them, different people`;
  return [
    ...lines,
    `Decided by ${printable(explanation.routeInWords)}${people}; strength ${explanation.strength} or more.`,
    `Asked to answer within ${explanation.respondWithinSeconds} s; after ${explanation.timeoutSeconds} s without an answer: ${explanation.onTimeout}.`,
    explanation.mayGrant
      ? "A decision may be made a standing grant."
      : "No decision may be made a standing grant.",
  ];
}
