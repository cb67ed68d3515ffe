import { calibrate, type JudgedAction } from "@holdpoint/core";
import {
  createId,
  isId,
  type CalibrationReport,
  type JsonObject,
  type JsonValue,
  type ReviewSample,
  type Sample,
  type SampleVerdict,
  type listSamplesSchema,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../../database/database.ts";
import { renderInstant } from "../../database/instant.ts";
import { commonRefusal } from "../../identity/common-refusal.ts";
import { ProblemError } from "../../problem.ts";

/** A row of holdpoint.samples as JSON. */
interface SampleRow {
  org_id: string;
  id: string;
  rule: string | null;
  policy_version: number;
  agent_id: string | null;
  end_user_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  claim_id: string;
  confidence: number | null;
  action: { name: string; arguments: JsonObject };
  action_hash: string;
  created_at: string;
  verdict: SampleVerdict | null;
  comment: string | null;
  reviewed_at: string | null;
  reviewed_by: string | null;
  reviewed_by_name: string | null;
}

interface SampledCall {
  status: string | null;
  result: JsonValue;
  error: JsonValue;
}

interface Answer {
  code: string;
  needs?: string;
  by?: string;
  verdict?: string;
  sample?: SampleRow;
  call?: SampledCall;
  page?: { sample: SampleRow; call: SampledCall }[];
  judged?: [string | null, number | null, SampleVerdict][];
}

export interface SamplePage {
  data: Sample[];
  nextCursor: string | null;
}

/** A page, newest first. For people. */
export async function listSamples(
  database: Database,
  credentialHash: string,
  query: z.output<typeof listSamplesSchema>,
): Promise<SamplePage> {
  const { cursor, ...more } = query;
  if (cursor !== undefined && !isId("smp", cursor))
    throw new ProblemError("invalid_request", "The cursor is not one that this list gave.", {
      errors: [{ path: "cursor", message: "is not one that this list gave" }],
    });
  const answer = (await database.callIdempotent("list_samples_v1", {
    credentialHash,
    ...more,
    afterId: cursor,
  })) as Answer;
  if (answer.code !== "ok" || answer.page === undefined) throw refusal(answer, "");
  const data = answer.page.slice(0, query.limit).map(({ sample, call }) => renderSample(sample, call));
  return { data, nextCursor: answer.page.length > query.limit ? (data.at(-1)?.id ?? null) : null };
}

export interface SampleDeps {
  database: Database;
  /** Called when there is something new in an organisation's log. */
  changed(orgId: string): void;
}

/** Keeps what a person thinks of a sample. The same again changes nothing; another person's stays as it is (`conflict`). */
export async function reviewSample(
  deps: SampleDeps,
  credentialHash: string,
  id: string,
  review: ReviewSample,
): Promise<Sample> {
  const answer = (await deps.database.callIdempotent("review_sample_v1", {
    credentialHash,
    id,
    ...review,
    eventId: createId("evt"),
  })) as Answer;
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.sample === undefined)
    throw refusal(answer, id);
  if (answer.code === "ok") deps.changed(answer.sample.org_id);
  return renderSample(answer.sample, answer.call);
}

/** As many as are looked at, the newest ones: what a model was a year ago says little of it now. */
const MAX_JUDGED = 20_000;

/** How well confidence foretold correctness, of all agents or one (R97). */
export async function calibrationOf(
  database: Database,
  credentialHash: string,
  { agentId, target }: { agentId?: string | undefined; target: number },
): Promise<CalibrationReport> {
  const answer = (await database.callIdempotent("judged_samples_v1", {
    credentialHash,
    agentId,
    limit: MAX_JUDGED,
  })) as Answer;
  if (answer.code !== "ok" || answer.judged === undefined) throw refusal(answer, "");
  const byAgent = new Map<string | null, JudgedAction[]>();
  const all: JudgedAction[] = [];
  for (const [agent, confidence, verdict] of answer.judged) {
    if (confidence === null || verdict === "unsure") continue;
    const judged = { confidence, isCorrect: verdict === "correct" };
    all.push(judged);
    const ofAgent = byAgent.get(agent);
    if (ofAgent === undefined) byAgent.set(agent, [judged]);
    else ofAgent.push(judged);
  }
  return {
    target,
    overall: calibrate(all, target),
    agents: [...byAgent].map(([agent, judged]) => ({ agentId: agent, ...calibrate(judged, target) })),
    leftOut: answer.judged.length - all.length,
  };
}

function renderSample(row: SampleRow, call: SampledCall | undefined): Sample {
  const isEnded = call?.status === "succeeded" || call?.status === "failed" || call?.status === "unknown";
  return {
    id: row.id,
    status: row.verdict === null ? "open" : "reviewed",
    rule: row.rule,
    policyVersion: row.policy_version,
    agentId: row.agent_id,
    endUserId: row.end_user_id,
    runId: row.run_id,
    toolCallId: row.tool_call_id,
    claimId: row.claim_id,
    confidence: row.confidence,
    action: { ...row.action, hash: row.action_hash },
    execution:
      call === undefined || !isEnded
        ? null
        : {
            status: call.status ?? "",
            ...(call.status === "succeeded" && { result: call.result }),
            ...(call.status === "failed" && { error: call.error }),
          },
    createdAt: renderInstant(row.created_at),
    review:
      row.verdict === null || row.reviewed_at === null || row.reviewed_by === null
        ? null
        : {
            verdict: row.verdict,
            comment: row.comment,
            at: renderInstant(row.reviewed_at),
            by: { id: row.reviewed_by, name: row.reviewed_by_name ?? "" },
          },
  };
}

function refusal(answer: Answer, id: string): ProblemError {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no sample ${id} here.`);
    case "conflict":
      return new ProblemError(
        "conflict",
        `${answer.by ?? "Somebody else"} has judged ${id} already, as ${answer.verdict}.`,
        { verdict: answer.verdict },
      );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`a function of samples answered with an unknown code: ${answer.code}`);
    }
  }
}
