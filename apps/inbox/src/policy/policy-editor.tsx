import { HoldpointApiError } from "@holdpoint/client";
import type { PolicyFinding, PolicyInForce, PolicyVersion } from "@holdpoint/protocol";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useId, useMemo, useRef, useState } from "react";
import { holdpoint } from "../service/client.ts";
import { policyCheckQuery, policyQuery } from "../service/policy-queries.ts";
import { queryClient } from "../service/queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { Choice } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { FindingList } from "./finding-list.tsx";
import { goToLine, JsonEditor } from "./json-editor.tsx";
import { lineOf, linesOfPaths } from "./json-places.ts";
import { LineDiffView } from "./line-diff-view.tsx";
import { ChangedMeanwhile } from "./changed-meanwhile.tsx";
import { printPolicy, usePolicyDraft } from "./policy-draft.ts";
import { useEditRight } from "./edit-right.ts";
import { useSettled } from "./use-settled.ts";

type Mode = "enforce" | "shadow";

const NONE: readonly PolicyFinding[] = [];

/** Changes the policy: checked while it is written, and said to be in force only once the service has said so. */
export function PolicyEditor({ policy }: { policy: PolicyInForce }) {
  const draft = usePolicyDraft(policy);
  const against = useEditRight();
  const [mode, setMode] = useState<Mode>("enforce");
  const [comment, setComment] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();

  // Checked when the fingers rest, by the service that would have to take it.
  const settled = useSettled(draft.document);
  const check = useQuery({ ...policyCheckQuery(settled), placeholderData: keepPreviousData });
  const isChecked = settled === draft.document && check.data !== undefined && !check.isPlaceholderData;
  const findings = draft.document === undefined ? NONE : (check.data?.findings ?? NONE);
  const errors = findings.filter(({ severity }) => severity === "error");
  const lines = useMemo(() => linesOfPaths(draft.text), [draft.text]);
  const marks = useMemo(() => markLines(findings, lines), [findings, lines]);

  const save = useMutation({
    mutationFn: () =>
      holdpoint.request<PolicyVersion>("PUT", "/v1/policies", {
        body: {
          document: draft.document,
          expectedVersion: draft.base,
          mode,
          ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
        },
      }),
    onSuccess: (saved) => {
      const { version } = saved;
      if (mode === "enforce") {
        queryClient.setQueryData(policyQuery.queryKey, (known) =>
          known === undefined || known.version >= version
            ? known
            : { ...known, ...saved, findings: [...findings] },
        );
      }
      announce(mode === "enforce" ? `Version ${version} is in force.` : `Version ${version} runs beside.`);
      setComment("");
      draft.drop();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["policy"] }),
  });
  const isOutdated = draft.isChanged && draft.base !== policy.version;
  const canSave =
    against === undefined &&
    draft.isChanged &&
    isChecked &&
    errors.length === 0 &&
    !isOutdated &&
    !save.isPending;
  const send = () => {
    if (canSave) save.mutate();
  };

  return (
    <div className="grid gap-x-10 gap-y-6 xl:grid-cols-[minmax(0,3fr)_minmax(16rem,2fr)]">
      <form
        className="min-w-0"
        onSubmit={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      >
        <JsonEditor
          ref={field}
          text={draft.text}
          label="The policy, as JSON"
          marks={marks}
          isInvalid={draft.problem !== undefined || errors.length > 0}
          describedBy={`${id}-check`}
          onChange={draft.write}
        />
        {isOutdated ? (
          <ChangedMeanwhile policy={policy} draft={draft} />
        ) : (
          <SaveBar
            mode={mode}
            comment={comment}
            version={policy.version}
            isDisabled={!canSave}
            isBusy={save.isPending}
            isChanged={draft.isChanged}
            against={against}
            onMode={setMode}
            onComment={setComment}
            onSave={send}
            onDrop={draft.drop}
          />
        )}
        {save.isError && !isConflict(save.error) ? (
          <div className="mt-4">
            <ProblemNotice error={save.error} />
          </div>
        ) : null}
        {save.isSuccess && !draft.isChanged ? <Saved version={save.data} mode={mode} /> : null}
        {draft.isChanged ? (
          <section aria-labelledby={`${id}-diff`} className="mt-6 border-t border-line pt-3">
            <h2 id={`${id}-diff`} className="label mb-2">
              What would change
            </h2>
            <LineDiffView
              label="What would change"
              before={printPolicy(policy.document)}
              after={draft.text}
            />
          </section>
        ) : null}
      </form>
      <section aria-labelledby={`${id}-findings`} className="min-w-0">
        <h2 id={`${id}-findings`} className="label mb-1">
          What is to be said about it
        </h2>
        <div id={`${id}-check`} role="status" className="mb-2">
          {draft.problem !== undefined ? (
            <p className="flex items-start gap-2 font-semibold">
              <Icon name="cross" className="mt-[3px]" /> {draft.problem}
            </p>
          ) : check.isError ? (
            <ProblemNotice error={check.error} onRetry={() => void check.refetch()} />
          ) : isChecked ? (
            <Summary findings={findings} />
          ) : (
            <p className="text-quiet">Checking…</p>
          )}
        </div>
        {findings.length === 0 ? null : (
          <FindingList findings={findings} lines={lines} onGoTo={(line) => goToLine(field.current, line)} />
        )}
      </section>
    </div>
  );
}

function SaveBar(props: {
  mode: Mode;
  comment: string;
  version: number;
  isDisabled: boolean;
  isBusy: boolean;
  isChanged: boolean;
  against: string | undefined;
  onMode: (mode: Mode) => void;
  onComment: (comment: string) => void;
  onSave: () => void;
  onDrop: () => void;
}) {
  const id = useId();
  const { mode, against } = props;
  return (
    <div className="mt-4 grid gap-3">
      <div>
        <label htmlFor={`${id}-comment`} className="text-sm text-quiet">
          Why, for those who read the versions later
        </label>
        <input
          id={`${id}-comment`}
          className="field mt-0.5"
          maxLength={2_000}
          autoComplete="off"
          value={props.comment}
          onChange={(event) => props.onComment(event.target.value)}
        />
      </div>
      <fieldset className="flex flex-wrap gap-x-6 gap-y-1">
        <legend className="sr-only">What becomes of it</legend>
        <Choice name={id} isChosen={mode === "enforce"} onChoose={() => props.onMode("enforce")}>
          It decides, from now on
        </Choice>
        <Choice name={id} isChosen={mode === "shadow"} onChoose={() => props.onMode("shadow")}>
          It runs beside: it records what it would do, and holds nothing
        </Choice>
      </fieldset>
      {against === undefined ? null : (
        <p id={`${id}-against`} className="text-sm text-quiet">
          {against}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          kind="main"
          shortcut="submit"
          className="max-md:w-full"
          isDisabled={props.isDisabled}
          isBusy={props.isBusy}
          {...(against === undefined ? {} : { reasonId: `${id}-against` })}
          onPress={props.onSave}
        >
          {mode === "enforce" ? "Put in force" : "Run beside"}
        </Button>
        <Button isDisabled={!props.isChanged} onPress={props.onDrop}>
          Give up the draft
        </Button>
      </div>
    </div>
  );
}

function Saved({ version, mode }: { version: PolicyVersion; mode: Mode }) {
  return (
    <p className="mt-4 flex items-start gap-2 border-l-2 border-ink bg-sunken px-3 py-2.5 font-semibold">
      <Icon name="check" className="mt-[3px]" />
      {mode === "enforce"
        ? `Version ${version.version} is in force. What waits is looked at by it again.`
        : `Version ${version.version} runs beside the one in force.`}
    </p>
  );
}

function Summary({ findings }: { findings: readonly PolicyFinding[] }) {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  if (findings.length === 0) {
    return (
      <p className="flex items-start gap-2">
        <Icon name="check" className="mt-[3px]" /> Nothing: it can be put in force.
      </p>
    );
  }
  return (
    <p>
      {[
        errors === 0
          ? undefined
          : errors === 1
            ? "1 error, which has to be mended"
            : `${errors} errors, which have to be mended`,
        warnings === 0 ? undefined : warnings === 1 ? "1 warning" : `${warnings} warnings`,
      ]
        .filter((part) => part !== undefined)
        .join("; ")}
      .
    </p>
  );
}

/** Told where it happens, by the draft that is outdated. */
function isConflict(error: unknown): boolean {
  return error instanceof HoldpointApiError && error.code === "conflict";
}

function markLines(
  findings: readonly PolicyFinding[],
  lines: ReadonlyMap<string, number>,
): ReadonlyMap<number, boolean> {
  const marks = new Map<number, boolean>();
  for (const { path, severity } of findings) {
    const line = lineOf(lines, path);
    if (line !== undefined) marks.set(line, severity === "error" || marks.get(line) === true);
  }
  return marks;
}
