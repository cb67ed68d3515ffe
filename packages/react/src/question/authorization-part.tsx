import type { AuthorizationQuestion } from "@holdpoint/protocol";
import { Icon } from "../text/icon.tsx";
import { ModelText, PlainProse } from "../text/model-text.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import { visible } from "../text/unseen.ts";
import { Press } from "./press.tsx";
import { scopeInWords } from "./scope-words.ts";
import { useWording } from "./wording.ts";

export interface AuthorizationFactsProps {
  question: AuthorizationQuestion;
  /** Words for scopes of one's own providers, by the scope. */
  scopeWords?: Readonly<Record<string, string>> | undefined;
}

/** What is asked for: the purpose as whoever asks says it, and each scope in words where they are known. */
export function AuthorizationFacts({ question, scopeWords }: AuthorizationFactsProps) {
  const words = useWording();
  return (
    <>
      <ModelText label={words.purpose}>
        <PlainProse text={question.purpose} />
      </ModelText>
      {question.scopes.length === 0 ? null : (
        <div>
          <p className="hp-label">{words.scopes}</p>
          <ul className="hp-scopes">
            {question.scopes.map((scope) => (
              <Scope key={scope} scope={scope} inWords={scopeInWords(scope, scopeWords)} />
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Scope({ scope, inWords }: { scope: string; inWords: string | undefined }) {
  return (
    <li>
      <Icon name="check" />
      <span>
        {inWords === undefined ? null : <span>{inWords}</span>}
        <span className={inWords === undefined ? "hp-fact" : "hp-fact hp-detail"}>
          <Unseen text={scope} />
        </span>
      </span>
    </li>
  );
}

export interface AuthorizationPartProps extends AuthorizationFactsProps {
  isDisabled: boolean;
  isBusy: boolean;
  /** Leads the person to the provider. */
  onAuthorize: (() => void) | undefined;
  /** Folds it; decides nothing. */
  onLater: (() => void) | undefined;
}

/** "Connect Google Calendar", what for, and what it would allow. */
export function AuthorizationPart(props: AuthorizationPartProps) {
  const words = useWording();
  return (
    <div className="hp-stack">
      <AuthorizationFacts {...props} />
      {props.onAuthorize === undefined ? null : (
        <>
          <p className="hp-quiet">{words.connectWhere}</p>
          <div className="hp-row">
            <Press isMain isDisabled={props.isDisabled} isBusy={props.isBusy} onPress={props.onAuthorize}>
              {words.connect} {visible(props.question.label)}
            </Press>
            {props.onLater === undefined ? null : (
              <Press isBare isDisabled={props.isBusy} onPress={props.onLater}>
                {words.notNow}
              </Press>
            )}
          </div>
        </>
      )}
    </div>
  );
}
