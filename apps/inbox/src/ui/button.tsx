import { Button as BaseButton } from "@base-ui/react/button";
import type { ReactNode } from "react";
import type { KeyName } from "../keys/key-table.ts";
import { KeyHint, useAriaKeys } from "../keys/key-hint.tsx";
import { Icon, type IconName } from "./icon.tsx";

export type ButtonKind = "main" | "final" | "plain" | "bare";

const LOOK: Record<ButtonKind, string> = {
  main: "bg-ink text-ground hover:opacity-90 active:opacity-80",
  // Red is for what cannot be undone, and for nothing else.
  final: "bg-final-fill text-white hover:bg-final-press",
  plain: "border border-edge hover:bg-sunken active:bg-pressed",
  bare: "hover:bg-sunken active:bg-pressed",
};

export interface ButtonProps {
  children: ReactNode;
  kind?: ButtonKind;
  icon?: IconName;
  /** The key that does the same; shown beside the words. */
  shortcut?: KeyName;
  type?: "button" | "submit";
  isDisabled?: boolean;
  /** Why it cannot be pressed: told to assistive technology with the button. */
  reasonId?: string;
  isBusy?: boolean;
  /** Its name where the words alone are those of several buttons; it begins with them. */
  label?: string;
  onPress?: () => void;
  className?: string;
  ref?: React.Ref<HTMLButtonElement>;
}

export function Button({ ref, ...props }: ButtonProps) {
  const { kind = "plain", icon, shortcut, isDisabled = false, isBusy = false } = props;
  const aria = useAriaKeys(shortcut);
  return (
    <BaseButton
      ref={ref}
      type={props.type ?? "button"}
      disabled={isDisabled || isBusy}
      // Stays in the tab order, so that its reason can be read.
      focusableWhenDisabled
      aria-busy={isBusy || undefined}
      aria-describedby={props.reasonId}
      aria-label={props.label}
      onClick={props.onPress}
      className={`inline-flex min-h-9 items-center justify-center gap-2 rounded-control px-3 py-1.5 text-left font-medium data-disabled:cursor-not-allowed ${kind === "bare" ? "" : "data-disabled:opacity-60"} ${LOOK[kind]} ${props.className ?? ""}`}
      {...aria}
    >
      {isBusy ? <Icon name="progress" /> : icon === undefined ? null : <Icon name={icon} />}
      <span>{props.children}</span>
      {shortcut === undefined ? null : (
        <KeyHint name={shortcut} tone={kind === "main" || kind === "final" ? "inherit" : "quiet"} />
      )}
    </BaseButton>
  );
}
