import { Dialog } from "@base-ui/react/dialog";
import { singleKeys } from "../service/local-setting.ts";
import { useStore } from "../service/store.ts";
import { Button } from "../ui/button.tsx";
import { keycaps, keyGroups, KEYS } from "./key-table.ts";

/** The `?` sheet: the table itself, and the switch that turns the keys off. */
export function KeySheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const setting = useStore(singleKeys.store);
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(36rem,calc(100vw-2rem))] -translate-1/2 overflow-y-auto rounded-float border border-line bg-raised p-6 shadow-float">
          <Dialog.Title className="text-lg font-semibold">Keys</Dialog.Title>
          <Dialog.Description className="mt-1 text-quiet">
            They act on the item that is open, never inside a field, and never on a key held down.
          </Dialog.Description>
          {keyGroups().map(({ group, names }) => (
            <section key={group} className="mt-4">
              <h3 className="label">{group}</h3>
              <dl className="mt-1">
                {names.map((name) => (
                  <div
                    key={name}
                    className="flex items-baseline justify-between gap-4 border-b border-line py-1.5"
                  >
                    <dt>{KEYS[name].label}</dt>
                    <dd className="flex shrink-0 gap-1">
                      {keycaps(name).map((cap) => (
                        <kbd
                          key={cap}
                          className="min-w-6 rounded-control border border-edge px-1.5 text-center font-mono text-sm"
                        >
                          {cap}
                        </kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          <label className="mt-4 flex min-h-9 items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-ink"
              checked={setting === "on"}
              onChange={(event) => singleKeys.set(event.target.checked ? "on" : "off")}
            />
            Use keys of a single character
          </label>
          <div className="mt-4">
            <Dialog.Close render={<Button shortcut="back">Close</Button>} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
