import type { Ordered, StandingOrder } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Unseen } from "@holdpoint/react";
import { giveOrder, type Order, type OrderSubject } from "../service/order-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";
import { Ago } from "../ui/time.tsx";

/** What giving an order and lifting it are called, and do. */
export interface OrderWords {
  order: Order;
  lift: Order;
  /** Of the button that opens the form. */
  give: string;
  /** Of the button in the form, and of the one that lifts it. */
  confirm: string;
  liftIt: string;
  /** Before who, when and why. */
  standing: string;
  effect: string;
}

interface OrderSwitchProps {
  subject: OrderSubject;
  /** What it is over, for those who hear the button alone. */
  name: string;
  standing: StandingOrder | null;
  words: OrderWords;
  mayOperate: boolean;
}

/** An order that stands until it is lifted: who gave it, when and why; a press lifts it, or asks for the reason of a new one. */
export function OrderSwitch({ subject, name, standing, words, mayOperate }: OrderSwitchProps) {
  const [isOpen, setIsOpen] = useState(false);
  const give = useMutation({
    mutationFn: ({ order, reason }: { order: Order; reason: string }) => giveOrder(subject, order, reason),
    onSuccess: (ordered, { order }) => {
      setIsOpen(false);
      announce(order === words.lift ? "Lifted" : toldOf(ordered, words));
    },
  });
  return (
    <div className="min-w-0">
      {standing === null ? null : <Standing order={standing} words={words} />}
      {!mayOperate ? null : standing !== null ? (
        <Button
          className="mt-1"
          isBusy={give.isPending}
          label={`${words.liftIt}: ${name}`}
          onPress={() => give.mutate({ order: words.lift, reason: "" })}
        >
          {words.liftIt}
        </Button>
      ) : isOpen ? null : (
        <Button label={`${words.give} ${name}`} onPress={() => setIsOpen(true)}>
          {words.give}
        </Button>
      )}
      {isOpen && standing === null ? (
        <ReasonForm
          className="max-w-xl border-l-2 border-ink pl-3"
          label={words.order === "hold" ? "Why? A kill-switch needs a reason." : "Why? Kept in the log."}
          effect={words.effect}
          button={words.confirm}
          isOptional={words.order !== "hold"}
          isBusy={give.isPending}
          onSend={(reason) => give.mutate({ order: words.order, reason })}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
      {give.isError ? <ProblemNotice error={give.error} /> : null}
    </div>
  );
}

function Standing({ order, words }: { order: StandingOrder; words: OrderWords }) {
  return (
    <p className="flex items-start gap-1.5">
      <Icon name={order.kind === "pause" ? "pause" : "hold"} className="mt-[3px] text-accent" />
      <span>
        <span className="font-semibold text-accent">{words.standing}</span>{" "}
        <span className="text-quiet">
          by <Unseen text={order.by.name ?? order.by.id} />, <Ago at={order.createdAt} />
        </span>
        {order.reason === null ? null : (
          <>
            : <Unseen text={order.reason} isProse />
          </>
        )}
      </span>
    </p>
  );
}

function toldOf({ runs }: Ordered, { standing }: OrderWords): string {
  return runs === 0 ? standing : `${standing}: ${runs} ${runs === 1 ? "run" : "runs"}`;
}
