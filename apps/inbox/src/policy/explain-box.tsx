import {
  isJsonObject,
  parseJson,
  type ExplainInput,
  type Explanation,
  type JsonObject,
  type PolicyInForce,
} from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { holdpoint } from "../service/client.ts";
import { useAgents } from "../shell/agents.ts";
import { Button } from "../ui/button.tsx";
import { Labelled } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ExplanationView } from "./explanation-view.tsx";
import { usePolicyDraft } from "./policy-draft.ts";

type Draft = Record<"name" | "arguments" | "value" | "confidence" | "agentId" | "endUserId", string>;
const EMPTY: Draft = { name: "", arguments: "{}", value: "", confidence: "", agentId: "", endUserId: "" };

/** What the policy would do with an action, and why. Asks, and creates nothing. */
export function ExplainBox({ policy }: { policy: PolicyInForce }) {
  const id = useId();
  const { agents } = useAgents();
  const policyDraft = usePolicyDraft(policy);
  const [draft, setDraft] = useState(EMPTY);
  const [isByDraft, setIsByDraft] = useState(false);
  const [isTried, setIsTried] = useState(false);
  const read = readDraft(draft);
  const explain = useMutation({
    mutationFn: (body: ExplainInput) =>
      holdpoint.request<Explanation>("POST", "/v1/policies/explain", { body }),
  });
  const draftDocument = policyDraft.isChanged ? policyDraft.document : undefined;
  const usesDraft = isByDraft && draftDocument !== undefined;
  const set = (name: keyof Draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const ask = () => {
    setIsTried(true);
    if ("problems" in read) return;
    explain.mutate({
      ...read.input,
      ...(usesDraft ? { policy: draftDocument } : {}),
    });
  };
  const problems = isTried && "problems" in read ? read.problems : {};
  const tools = agents
    .filter((agent) => draft.agentId === "" || agent.id === draft.agentId)
    .flatMap((agent) => agent.tools);

  return (
    <div className="grid gap-x-10 gap-y-6 lg:grid-cols-2">
      <form
        noValidate
        className="grid content-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          ask();
        }}
      >
        <Labelled id={`${id}-name`} label="Action" problem={problems.name}>
          <input
            id={`${id}-name`}
            list={`${id}-tools`}
            required
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            className="field fact"
            value={draft.name}
            aria-invalid={problems.name !== undefined}
            aria-describedby={`${id}-name-problem`}
            onChange={set("name")}
          />
          <datalist id={`${id}-tools`}>
            {[...new Set(tools.map((tool) => tool.name))].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </datalist>
        </Labelled>
        <Labelled id={`${id}-arguments`} label="Arguments, as JSON" problem={problems.arguments}>
          <textarea
            id={`${id}-arguments`}
            rows={5}
            spellCheck={false}
            className="field fact"
            value={draft.arguments}
            aria-invalid={problems.arguments !== undefined}
            aria-describedby={`${id}-arguments-problem`}
            onChange={set("arguments")}
          />
        </Labelled>
        <div className="grid gap-3 md:grid-cols-2">
          {(["value", "confidence"] as const).map((name) => (
            <Labelled key={name} id={`${id}-${name}`} label={LABELS[name]} problem={problems[name]}>
              <input
                id={`${id}-${name}`}
                inputMode="decimal"
                autoComplete="off"
                className="field fact"
                value={draft[name]}
                aria-invalid={problems[name] !== undefined}
                aria-describedby={`${id}-${name}-problem`}
                onChange={set(name)}
              />
            </Labelled>
          ))}
          <Labelled id={`${id}-agent`} label="Agent, if it matters">
            <select id={`${id}-agent`} className="field" value={draft.agentId} onChange={set("agentId")}>
              <option value="">Any</option>
              {agents.map((agent) => (
                <option key={agent.id} value={agent.id}>
                  {agent.name}
                </option>
              ))}
            </select>
          </Labelled>
          <Labelled id={`${id}-user`} label="End user, if it matters">
            <input
              id={`${id}-user`}
              autoComplete="off"
              maxLength={200}
              className="field fact"
              value={draft.endUserId}
              onChange={set("endUserId")}
            />
          </Labelled>
        </div>
        {draftDocument === undefined ? null : (
          <label className="inline-flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-ink"
              checked={isByDraft}
              onChange={(event) => setIsByDraft(event.target.checked)}
            />
            By my draft, instead of version {policy.version}
          </label>
        )}
        <div>
          <Button type="submit" kind="main" shortcut="submit" isBusy={explain.isPending}>
            Explain
          </Button>
        </div>
      </form>
      <div role="status">
        {explain.isError ? (
          <ProblemNotice error={explain.error} />
        ) : explain.data === undefined ? (
          <p className="text-quiet">
            Name an action as an agent would propose it, and see which rule decides and why. Nothing is
            created by asking.
          </p>
        ) : (
          <ExplanationView explanation={explain.data} />
        )}
      </div>
    </div>
  );
}

const LABELS = { value: "Value, if it has one", confidence: "Confidence, 0 to 1" } as const;

type ReadDraft = { input: ExplainInput } | { problems: Partial<Record<keyof Draft, string>> };

function readDraft(draft: Draft): ReadDraft {
  const problems: Partial<Record<keyof Draft, string>> = {};
  const name = draft.name.trim();
  if (name === "") problems.name = "Name an action.";
  const values = readArguments(draft.arguments);
  if (values === undefined) problems.arguments = 'Write an object, such as {"count": 50}.';
  const [value, confidence] = [readNumber(draft.value), readNumber(draft.confidence)];
  if (value === "unreadable") problems.value = "Write a number.";
  if (confidence === "unreadable" || (confidence !== undefined && (confidence < 0 || confidence > 1)))
    problems.confidence = "Write a number from 0 to 1.";
  if (Object.keys(problems).length > 0 || values === undefined) return { problems };
  return {
    input: {
      action: {
        name,
        arguments: values,
        ...(typeof value === "number" ? { value } : {}),
        ...(typeof confidence === "number" ? { confidence } : {}),
      },
      ...(draft.agentId === "" ? {} : { agentId: draft.agentId }),
      ...(draft.endUserId.trim() === "" ? {} : { endUserId: draft.endUserId.trim() }),
    },
  };
}

function readArguments(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text.trim() === "" ? "{}" : text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readNumber(text: string): number | "unreadable" | undefined {
  if (text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : "unreadable";
}
