import { useRef, useState } from "react";
import { tellRefusal, type Refusal } from "./refusal.ts";

export interface Attempt {
  isBusy: boolean;
  /** Why the last one did not count. */
  refusal: Refusal | undefined;
  /** One at a time: a second press while the first is on its way does nothing. */
  make: (send: () => Promise<unknown> | void) => void;
}

/** Sends something once, and keeps what came of it. Nothing is shown as done before its promise says so. */
export function useAttempt(): Attempt {
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const isSending = useRef(false);
  const run = async (send: () => Promise<unknown> | void) => {
    isSending.current = true;
    setIsBusy(true);
    setRefusal(undefined);
    try {
      await send();
    } catch (error) {
      setRefusal(tellRefusal(error));
    } finally {
      isSending.current = false;
      setIsBusy(false);
    }
  };
  return {
    isBusy,
    refusal,
    make: (send) => {
      if (!isSending.current) void run(send);
    },
  };
}
