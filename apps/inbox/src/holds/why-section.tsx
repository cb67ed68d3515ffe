import { routeInWords, type HoldDetail, type HoldKind } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ModelText, PlainProse, Unseen } from "@holdpoint/react";
import { Icon } from "../ui/icon.tsx";
import { IMPACT, REVERSIBILITY, TIER } from "../words/hold-words.ts";
import { STRENGTH } from "../words/strength.ts";
import { Section } from "./section.tsx";
import { ASKED_FOR } from "./strength-notice.tsx";

/** Why a person is asked (the rule by its name), and what is at stake. */
export function WhySection({ hold }: { hold: HoldDetail }) {
  const { action } = hold;
  const reversibility = action === null ? undefined : REVERSIBILITY[action.reversibility];
  return (
    <Section title="Why you are asked">
      <ul>
        {hold.reasons.map(({ rule, text }) => (
          <li key={`${rule} ${text}`} className="mb-1">
            {rule === "escalated" ? (
              <ModelText label="The asker's reason">
                <PlainProse text={text} />
              </ModelText>
            ) : (
              <Unseen text={text} />
            )}{" "}
            {rule === hold.rule ? (
              <Link to="/policy" search={{ rule }} className="fact text-quiet underline hover:text-ink">
                <Unseen text={rule} />
              </Link>
            ) : (
              <span className="fact text-quiet">
                <Unseen text={rule} />
              </span>
            )}
          </li>
        ))}
      </ul>
      <dl className="mt-3 flex flex-wrap gap-x-10 gap-y-3">
        {reversibility === undefined ? null : (
          <Aspect name="Reversibility">
            <span
              className={`inline-flex items-start gap-1.5 ${action?.reversibility === "irreversible" ? "font-semibold text-final" : ""}`}
            >
              <Icon name={reversibility.icon} className="mt-[3px]" /> {reversibility.word}
            </span>
          </Aspect>
        )}
        {action?.impact == null ? null : <Aspect name="Impact">{IMPACT[action.impact]}</Aspect>}
        {action?.value == null ? null : (
          <Aspect name="Value">
            <span className="fact">{action.value}</span>
          </Aspect>
        )}
        <Aspect name="Tier">{TIER[hold.tier]}</Aspect>
        <Aspect name={DECIDED_BY[hold.kind]}>
          <Unseen text={routeInWords(hold.route)} />
          {hold.quorum.required === 1 ? "" : `; ${hold.quorum.required} must approve the same`}
        </Aspect>
        {ASKED_FOR[hold.strength] === undefined ? null : (
          <Aspect name="Decided">{STRENGTH[hold.strength]}</Aspect>
        )}
      </dl>
    </Section>
  );
}

/** A sign-in is the end user's own: a member can only say no to it. */
const DECIDED_BY: Record<HoldKind, string> = {
  approval: "Decided by",
  escalation: "Decided by",
  clarification: "May be answered by",
  authorization: "May be rejected by",
};

function Aspect({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
