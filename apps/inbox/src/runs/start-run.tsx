import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";
import { useDraftText } from "@holdpoint/react";
import { holdpoint } from "../service/client.ts";
import { meQuery, queryClient } from "../service/queries.ts";
import { useAgents } from "../shell/agents.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";

const STARTERS = ["manager", "operator", "admin"];

/** A box to start a run: which agent, and what it should do. */
export function StartRun() {
  const id = useId();
  const { agents } = useAgents();
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const [agentId, setAgentId] = useState<string>();
  const [input, setInput] = useDraftText("run");
  const key = useRef(crypto.randomUUID());
  const agent = agents.find((candidate) => candidate.id === agentId) ?? agents[0];
  const start = useMutation({
    mutationFn: (from: { agentId: string; input: string }) =>
      holdpoint.runs.start(from.agentId, { input: from.input }, { idempotencyKey: key.current }),
    onSuccess: (run) => {
      key.current = crypto.randomUUID();
      setInput("");
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
      void navigate({ to: "/runs/$runId", params: { runId: run.id } });
    },
    onError: () => (key.current = crypto.randomUUID()),
  });
  if (agent === undefined) return null;
  const mayStart = me?.role != null && STARTERS.includes(me.role);
  const send = () => {
    if (mayStart && input.trim() !== "" && !start.isPending)
      start.mutate({ agentId: agent.id, input: input.trim() });
  };
  return (
    <form
      aria-label="Start a run"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        {agents.length > 1 ? (
          <div>
            <label htmlFor={`${id}-agent`} className="label">
              Agent
            </label>
            <select
              id={`${id}-agent`}
              className="field mt-1"
              value={agent.id}
              onChange={(event) => setAgentId(event.target.value)}
            >
              {agents.map((candidate) => (
                <option key={candidate.id} value={candidate.id}>
                  {candidate.name}
                </option>
              ))}
            </select>
          </div>
        ) : null}
      </div>
      <label htmlFor={`${id}-input`} className="label mt-3 block">
        What should {agent.name} do?
      </label>
      <textarea
        id={`${id}-input`}
        rows={2}
        maxLength={200_000}
        className="field mt-1"
        value={input}
        placeholder={agent.id === "data_manager" ? "Delete 50 old records from the users table" : ""}
        onChange={(event) => setInput(event.target.value)}
      />
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          kind="main"
          icon="play"
          shortcut="submit"
          isDisabled={!mayStart || input.trim() === ""}
          isBusy={start.isPending}
        >
          Start the run
        </Button>
        <p className="text-sm text-quiet">
          {mayStart || me === undefined
            ? agent.isScripted
              ? "No model key is set, so a small script stands in for the model."
              : `Runs on ${agent.model}.`
            : "Starting runs needs the role manager, operator or admin."}
        </p>
      </div>
      {start.isError ? (
        <div className="mt-3">
          <ProblemNotice error={start.error} />
        </div>
      ) : null}
    </form>
  );
}
