import type { Agent, StandingOrder } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Unseen } from "@holdpoint/react";
import { subjectOf, useOrders } from "../service/order-queries.ts";
import { agentsQuery, meQuery } from "../service/queries.ts";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { mayOperate } from "../words/rights.ts";
import { OrderSwitch } from "./order-switch.tsx";
import { HOLD_AGENT, HOLD_TOOL, PAUSE_AGENT, PAUSE_ALL } from "./order-words.ts";

/** The agents and their tools, each with what an operator can order over all of its runs and calls at once. */
export function AgentsPage() {
  const query = useQuery(agentsQuery);
  const { data: me } = useQuery(meQuery);
  const { orders, find } = useOrders();
  const may = mayOperate(me);
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-4xl px-4 py-4 md:px-8 md:py-6">
        <h1 className="text-xl font-semibold">Agents</h1>
        <p className="mt-1 max-w-2xl text-quiet">
          What is ordered here stands until it is lifted, and counts for whatever is started meanwhile.
          {may || me === undefined ? "" : " It takes the role operator or admin."}
        </p>
        <div className="mt-4">
          <OrderSwitch
            subject="/v1/runs"
            name="of every agent"
            standing={find("pause", "all")}
            words={PAUSE_ALL}
            mayOperate={may}
          />
        </div>
        <HeldElsewhere agents={query.data} orders={orders} may={may} />
        {query.data === undefined ? (
          query.isError ? (
            <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <p className="mt-6 text-quiet">Reading…</p>
          )
        ) : query.data.length === 0 ? (
          <p className="mt-6 border-t border-line pt-4">The config defines no agent.</p>
        ) : (
          query.data.map((agent) => <AgentPart key={agent.id} agent={agent} may={may} />)
        )}
      </div>
    </main>
  );
}

/** Tools under a kill-switch that no agent of the config has: those of agents elsewhere, or misspelt. */
function HeldElsewhere(props: { agents: Agent[] | undefined; orders: StandingOrder[]; may: boolean }) {
  const known = new Set(props.agents?.flatMap(({ tools }) => tools.map(({ name }) => name)));
  const others = props.orders.filter(({ scope, subject }) => scope === "tool" && !known.has(subject ?? ""));
  if (props.agents === undefined || others.length === 0) return null;
  return (
    <>
      <p className="label mt-6">Tools that no agent here has</p>
      <ul aria-label="Tools that no agent here has" className="mt-1 border-t border-line">
        {others.map((order) => (
          <li key={order.subject} className="grid gap-1 border-b border-line py-2.5">
            <p className="fact font-semibold">
              <Unseen text={order.subject ?? ""} />
            </p>
            <OrderSwitch
              subject={subjectOf("tools", order.subject ?? "")}
              name={order.subject ?? ""}
              standing={order}
              words={HOLD_TOOL}
              mayOperate={props.may}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function AgentPart({ agent, may }: { agent: Agent; may: boolean }) {
  const subject = subjectOf("agents", agent.id);
  return (
    <section aria-labelledby={`agent-${agent.id}`} className="mt-6 border-t border-line pt-4">
      <h2 id={`agent-${agent.id}`} className="text-lg font-semibold">
        <Unseen text={agent.name} />
      </h2>
      <p className="text-sm text-quiet">
        <span className="fact">
          <Unseen text={agent.id} />
        </span>{" "}
        ·{" "}
        {agent.source === "external" ? (
          "its runs live elsewhere"
        ) : agent.isScripted ? (
          "a small script in the place of a model"
        ) : (
          <Unseen text={agent.model} />
        )}
      </p>
      <div className="mt-3 flex flex-wrap gap-x-8 gap-y-3">
        <OrderSwitch
          subject={subject}
          name={agent.name}
          standing={agent.paused}
          words={PAUSE_AGENT}
          mayOperate={may}
        />
        <OrderSwitch
          subject={subject}
          name={agent.name}
          standing={agent.held}
          words={HOLD_AGENT}
          mayOperate={may}
        />
      </div>
      {agent.tools.length === 0 ? null : (
        <ul aria-label={`Tools of ${agent.name}`} className="mt-4 border-t border-line">
          {agent.tools.map((tool) => (
            <ToolRow key={tool.name} tool={tool} may={may} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ToolRow({ tool, may }: { tool: Agent["tools"][number]; may: boolean }) {
  return (
    <li className="grid gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[1fr_20rem]">
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="fact font-semibold">
            <Unseen text={tool.name} />
          </span>
          <span className="text-sm text-quiet">
            {tool.requiresConfirmation ? "asks a person" : "runs by itself, unless the policy says otherwise"}
          </span>
        </p>
        <p className="text-quiet">
          <Unseen text={tool.description} isProse />
        </p>
      </div>
      <OrderSwitch
        subject={subjectOf("tools", tool.name)}
        name={tool.name}
        standing={tool.held}
        words={HOLD_TOOL}
        mayOperate={may}
      />
    </li>
  );
}
