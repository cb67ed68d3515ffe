import type { DecisionInput, HoldDetail, Vote } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { ChangeList, Unseen, findChanges } from "@holdpoint/react";
import { meQuery } from "../service/queries.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Ago } from "../ui/time.tsx";
import { Section } from "./section.tsx";
import { agreementWith, approvalsOf, isYes, votesOf } from "./votes.ts";

export interface VotesSectionProps {
  hold: HoldDetail;
  isArmed: boolean;
  /** Agreeing with somebody's change, through the same confirmation as one's own. */
  onAgree: (input: DecisionInput) => void;
}

/** Who has said what so far, and how many are still needed; nothing where one person decides alone. */
export function VotesSection({ hold, isArmed, onAgree }: VotesSectionProps) {
  const { data: me } = useQuery(meQuery);
  const votes = votesOf(hold);
  const { required, refusals } = hold.quorum;
  if (hold.status !== "pending" || (required === 1 && refusals === 1 && votes.length === 0)) return null;
  const noes = votes.filter((vote) => !isYes(vote)).length;
  return (
    <Section title="Approvals">
      <p className="flex items-start gap-1.5">
        <Icon name="person" className="mt-[3px]" />
        <span>
          <span className="font-semibold">
            {approvalsOf(hold)} of {required} {required === 1 ? "approval" : "approvals"}
          </span>
          {required === 1 ? "." : ", of different people, for exactly the same."}{" "}
          {refusals === 1 ? "One no ends it." : `${noes} of the ${refusals} noes that end it.`}
        </span>
      </p>
      {votes.length === 0 ? null : (
        <ul aria-label="Votes" className="mt-2 border-t border-line">
          {votes.map((vote) => (
            <VoteLine
              key={vote.by.id}
              vote={vote}
              hold={hold}
              isMine={vote.by.id === me?.memberId}
              isArmed={isArmed}
              onAgree={onAgree}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

const SAID = {
  approve: "approved this",
  modify: "would approve this with changes",
  reject: "rejected this",
  skip: "skipped this",
  answer: "answered this",
} as const;

function VoteLine({
  vote,
  hold,
  isMine,
  isArmed,
  onAgree,
}: VotesSectionProps & { vote: Vote; isMine: boolean }) {
  const changes =
    vote.arguments === null || hold.action === null ? [] : findChanges(hold.action.arguments, vote.arguments);
  const agreement = isMine ? undefined : agreementWith(vote, hold);
  return (
    <li className="border-b border-line py-2">
      <p className="flex items-start gap-1.5">
        <Icon name={isYes(vote) ? "check" : "cross"} className="mt-[3px]" />
        <span>
          {isMine ? "You" : <Unseen text={vote.by.name} />} {SAID[vote.verdict]} <Ago at={vote.at} />
        </span>
      </p>
      {vote.comment === null || vote.comment === "" ? null : (
        <p className="ml-[22px] text-quiet">
          “<Unseen text={vote.comment} isProse />”
        </p>
      )}
      {changes.length === 0 ? null : (
        <div className="mt-1.5 ml-[22px]">
          <ChangeList changes={changes} />
        </div>
      )}
      {agreement === undefined ? null : (
        <Button className="mt-2 ml-[22px]" isDisabled={!isArmed} onPress={() => onAgree(agreement)}>
          Agree with this change
        </Button>
      )}
    </li>
  );
}
