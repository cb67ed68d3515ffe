import type { ReactNode } from "react";
import { useWording } from "./wording.ts";

export interface PressProps {
  children: ReactNode;
  isMain?: boolean;
  isBare?: boolean;
  isDisabled?: boolean;
  isBusy?: boolean;
  onPress: () => void;
  keyShortcuts?: string;
}

/** A button that keeps its place in the tab order while it cannot be pressed, and says when it is at work. */
export function Press(props: PressProps) {
  const words = useWording();
  const { isDisabled = false, isBusy = false } = props;
  const isOff = isDisabled || isBusy;
  const look = props.isMain === true ? " hp-button-main" : props.isBare === true ? " hp-button-bare" : "";
  return (
    <button
      type="button"
      className={`hp-button${look}`}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      aria-keyshortcuts={props.keyShortcuts}
      onClick={isOff ? undefined : props.onPress}
    >
      {isBusy ? words.sending : props.children}
    </button>
  );
}
