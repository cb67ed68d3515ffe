import { Dialog } from "@base-ui/react/dialog";
import { isJsonObject, type HoldDetail } from "@holdpoint/protocol";
import { useId, useState } from "react";
import { Facts, Unseen } from "@holdpoint/react";
import type { NewGrant } from "../service/grant-queries.ts";
import { useAgents } from "../shell/agents.ts";
import { Button } from "../ui/button.tsx";
import { Choice, Labelled, Tick } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { effectOf } from "../words/effect.ts";
import { EMPTY_GRANT, EXPIRES, readGrantDraft, type GrantDraft } from "./grant-draft.ts";
import { conditionOf } from "./pinned-condition.ts";

export interface GrantDialogProps {
  hold: HoldDetail;
  isOpen: boolean;
  /** Whether the press also approves this hold. */
  isApproving: boolean;
  isArmed: boolean;
  isBusy: boolean;
  error: Error | null;
  onGrant: (grant: NewGrant) => void;
  onClose: () => void;
}

/** What would be allowed from now on, for how long and how often: looked at before it is given. */
export function GrantDialog(props: GrantDialogProps) {
  const { hold, isOpen, onClose } = props;
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 flex max-h-[92dvh] w-[min(38rem,calc(100vw-2rem))] -translate-1/2 flex-col rounded-float border border-line bg-raised shadow-float">
          {hold.action === null ? null : <GrantForm {...props} action={hold.action} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function GrantForm(props: GrantDialogProps & { action: NonNullable<HoldDetail["action"]> }) {
  const { hold, action, isApproving } = props;
  const id = useId();
  const { nameOf } = useAgents();
  const values = isJsonObject(hold.outcome?.arguments ?? undefined)
    ? (hold.outcome?.arguments ?? action.arguments)
    : action.arguments;
  const [draft, setDraft] = useState<GrantDraft>({ ...EMPTY_GRANT, condition: conditionOf(values) });
  const [isTried, setIsTried] = useState(false);
  const set = (change: Partial<GrantDraft>) => setDraft({ ...draft, ...change });
  const read = readGrantDraft(hold.id, draft);
  const problems = isTried && "problems" in read ? read.problems : {};
  const send = () => {
    setIsTried(true);
    if (props.isArmed && !props.isBusy && "grant" in read) props.onGrant(read.grant);
  };
  return (
    <form
      noValidate
      className="flex min-h-0 flex-col"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <div
        className="grid min-h-0 gap-5 overflow-y-auto p-6 pb-4"
        tabIndex={0}
        role="group"
        aria-label="What would be allowed"
      >
        <div>
          <Dialog.Title className="text-lg font-semibold">
            Always allow: <Unseen text={effectOf({ name: action.name, arguments: values })} />
          </Dialog.Title>
          <Dialog.Description className="mt-1 text-quiet">
            What matches proceeds without asking anybody. Each use is in the log, and it can be revoked at any
            time.
          </Dialog.Description>
          <div className="mt-3">
            <p className="fact mb-1 font-semibold">
              <Unseen text={action.name} />
            </p>
            <Facts values={values} />
          </div>
        </div>
        <fieldset className="grid gap-1.5">
          <legend className="label mb-1">Which calls</legend>
          <Choice
            name={`${id}-which`}
            isChosen={draft.which === "same"}
            onChoose={() => set({ which: "same" })}
          >
            With exactly these arguments
          </Choice>
          <Choice
            name={`${id}-which`}
            isChosen={draft.which === "condition"}
            onChoose={() => set({ which: "condition" })}
          >
            Where a condition is true
          </Choice>
          {draft.which === "condition" ? (
            <div className="ml-6">
              <textarea
                aria-label="Condition, in CEL"
                rows={3}
                maxLength={2_000}
                spellCheck={false}
                className="field fact"
                value={draft.condition}
                aria-invalid={problems.condition !== undefined}
                aria-describedby={`${id}-condition`}
                onChange={(event) => set({ condition: event.target.value })}
              />
              <p id={`${id}-condition`} className="mt-0.5 text-sm text-quiet">
                {problems.condition === undefined ? (
                  <>
                    For example <span className="fact">arguments.count &lt;= 50</span>
                  </>
                ) : (
                  <span className="font-semibold text-ink">{problems.condition}</span>
                )}
              </p>
            </div>
          ) : null}
          <Choice
            name={`${id}-which`}
            isChosen={draft.which === "any"}
            onChoose={() => set({ which: "any" })}
          >
            Any, whatever the arguments
          </Choice>
        </fieldset>
        <fieldset className="grid gap-1.5">
          <legend className="label mb-1">For whom</legend>
          {hold.agentId === null ? null : (
            <Tick isTicked={draft.onlyAgent} onTick={(onlyAgent) => set({ onlyAgent })}>
              Only when <Unseen text={nameOf(hold.agentId)} /> asks
            </Tick>
          )}
          {hold.endUserId === null ? null : (
            <Tick isTicked={draft.onlyEndUser} onTick={(onlyEndUser) => set({ onlyEndUser })}>
              Only for <Unseen text={hold.endUserId} />
            </Tick>
          )}
          {hold.agentId === null && hold.endUserId === null ? <p>Whoever asks for it.</p> : null}
        </fieldset>
        <div className="grid gap-3 md:grid-cols-3">
          <Labelled label="For how long" id={`${id}-expires`}>
            <select
              id={`${id}-expires`}
              className="field"
              value={draft.expires}
              onChange={(event) => set({ expires: event.target.value as GrantDraft["expires"] })}
            >
              {Object.entries(EXPIRES).map(([value, { words }]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </Labelled>
          <Labelled label="How often at most" id={`${id}-uses`} problem={problems.uses}>
            <input
              id={`${id}-uses`}
              inputMode="numeric"
              autoComplete="off"
              placeholder="as often as it likes"
              className="field"
              value={draft.uses}
              aria-invalid={problems.uses !== undefined}
              aria-describedby={`${id}-uses-problem`}
              onChange={(event) => set({ uses: event.target.value })}
            />
          </Labelled>
          {action.value === null ? null : (
            <Labelled label="Value at most, together" id={`${id}-budget`} problem={problems.budget}>
              <input
                id={`${id}-budget`}
                inputMode="decimal"
                autoComplete="off"
                placeholder="no limit"
                className="field"
                value={draft.budget}
                aria-invalid={problems.budget !== undefined}
                aria-describedby={`${id}-budget-problem`}
                onChange={(event) => set({ budget: event.target.value })}
              />
            </Labelled>
          )}
        </div>
        <Labelled label="Why, for those who read it later" id={`${id}-reason`}>
          <input
            id={`${id}-reason`}
            autoComplete="off"
            maxLength={4_000}
            className="field"
            value={draft.reason}
            onChange={(event) => set({ reason: event.target.value })}
          />
        </Labelled>
        {props.error === null ? null : <ProblemNotice error={props.error} />}
      </div>
      <div className="flex flex-wrap gap-2 border-t border-line p-4 px-6">
        <Button shortcut="back" onPress={props.onClose}>
          Go back
        </Button>
        <Button
          kind={action.reversibility === "irreversible" ? "final" : "main"}
          shortcut="submit"
          className="max-md:w-full"
          isDisabled={!props.isArmed}
          isBusy={props.isBusy}
          onPress={send}
        >
          {isApproving ? "Approve, and allow for" : "Allow for"} {EXPIRES[draft.expires].words}
        </Button>
      </div>
    </form>
  );
}
