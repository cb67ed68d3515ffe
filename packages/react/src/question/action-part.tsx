import type { Question } from "@holdpoint/protocol";
import { useDraftText } from "../form/use-draft-text.ts";
import { Icon } from "../text/icon.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import { isSafeLink } from "./asked.ts";
import type { PartProps } from "./part.ts";
import { Press } from "./press.tsx";
import { useWording } from "./wording.ts";

/** A link as a button with its words, and the host beside it: never the bare address. Then the word that it is done. */
export function ActionPart(props: PartProps & { question: Extract<Question, { type: "action" }> }) {
  const { question } = props;
  const words = useWording();
  const [opened, setOpened] = useDraftText(`opened:${props.id}`);
  if (!isSafeLink(question.url)) return <p className="hp-quiet">{words.unsafeLink}</p>;
  const isOpened = opened !== "";
  return (
    <>
      <div className="hp-row">
        <a
          href={question.url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          referrerPolicy="no-referrer"
          className={isOpened ? "hp-button" : "hp-button hp-button-main"}
          onClick={() => setOpened("yes")}
        >
          <span>
            <Unseen text={question.label} />
          </span>
          <Icon name="external" />
          <span className="hp-for-ears"> ({words.opensNewTab})</span>
        </a>
        <span className="hp-quiet">
          {words.leadsTo} {new URL(question.url).host}
        </span>
      </div>
      {question.requireConfirmation ? (
        <div className="hp-row">
          <Press
            isMain={isOpened}
            isDisabled={props.isDisabled}
            isBusy={props.isBusy}
            onPress={() => props.onAnswer(true)}
          >
            {words.done}
          </Press>
        </div>
      ) : (
        <p className="hp-quiet">{words.doneByItself}</p>
      )}
    </>
  );
}
