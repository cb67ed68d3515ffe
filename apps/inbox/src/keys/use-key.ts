import { useEffect, useRef } from "react";
import { singleKeys } from "../service/local-setting.ts";
import { KEYS, type KeyName } from "./key-table.ts";
import { KeyReader, type Press } from "./pressed.ts";

interface Binding {
  name: KeyName;
  act: () => void;
}

const bindings: Binding[] = [];
const reader = new KeyReader();

/** Binds a key of the table while the component is on the screen and `isArmed`; the latest binding of a name wins. */
export function useKey(name: KeyName, act: () => void, isArmed = true): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const binding: Binding = { name, act: () => latest.current() };
    if (isArmed) bindings.push(binding);
    return () => {
      if (isArmed) bindings.splice(bindings.indexOf(binding), 1);
    };
  }, [name, isArmed]);
}

/** Listens for the whole page. Called once. */
export function listenForKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    // Under a dialog nothing is on the screen that a key could act on; the dialog has its own keys.
    if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return;
    const names = new Set(bindings.map(({ name }) => name).filter(isOn));
    const name = reader.read(pressOf(event), event.timeStamp, names);
    if (name === undefined) return;
    event.preventDefault();
    bindings.findLast((binding) => binding.name === name)?.act();
  });
}

/** Keys of one character are off when the person switched them off (WCAG 2.1.4). */
function isOn(name: KeyName): boolean {
  return singleKeys.get() === "on" || KEYS[name].keys.every((key) => key.length > 1);
}

function pressOf(event: KeyboardEvent): Press {
  const { key, repeat, isComposing, ctrlKey, metaKey, altKey } = event;
  return { key, repeat, isComposing, ctrlKey, metaKey, altKey, focus: focusOf(event.target) };
}

function focusOf(target: EventTarget | null): Press["focus"] {
  if (!(target instanceof HTMLElement)) return "page";
  if (target.isContentEditable || target.closest("input, textarea, select, [role=combobox]") !== null)
    return "field";
  return target.closest("a, button, summary, [role=button]") === null ? "page" : "control";
}
