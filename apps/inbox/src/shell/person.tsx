import { Menu } from "@base-ui/react/menu";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Unseen } from "@holdpoint/react";
import { theme } from "../service/local-setting.ts";
import { useStore } from "../service/store.ts";
import { meQuery } from "../service/queries.ts";
import { Icon } from "../ui/icon.tsx";

const THEMES = { system: "As the system", light: "Light", dark: "Dark" } as const;

const ITEM =
  "flex min-h-9 w-full cursor-default items-center gap-2.5 px-3 text-left outline-none data-highlighted:bg-sunken";

/** Who is here, and what is theirs: looks, keys, signing out. */
export function Person({ onHelp }: { onHelp: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const { data: me } = useQuery(meQuery);
  const setting = useStore(theme.store);
  const signOut = () => {
    // A form, as a page without scripts would do it: the answer takes the cookie away and leads on.
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/sign-out";
    document.body.append(form);
    form.submit();
  };
  return (
    <div ref={place}>
      <Menu.Root>
        <Menu.Trigger className="flex min-h-11 items-center gap-2.5 px-2 text-left hover:bg-sunken lg:px-5">
          <Icon name="person" />
          <span className="hidden min-w-0 md:block">
            <span className="block truncate">
              <Unseen text={me?.name ?? "…"} />
            </span>
            <span className="hidden text-xs text-quiet lg:block">{me?.role}</span>
          </span>
          <span className="sr-only">, settings</span>
        </Menu.Trigger>
        {/* Inside of the landmark that it belongs to. */}
        <Menu.Portal container={place}>
          <Menu.Positioner side="top" align="start" sideOffset={4} className="z-40">
            <Menu.Popup className="min-w-52 rounded-float border border-line bg-raised py-1 shadow-float">
              <Menu.RadioGroup
                value={setting}
                onValueChange={(value) => theme.set(value as keyof typeof THEMES)}
                aria-label="Theme"
              >
                <Menu.GroupLabel className="label px-3 pt-2 pb-1">Theme</Menu.GroupLabel>
                {Object.entries(THEMES).map(([value, word]) => (
                  <Menu.RadioItem key={value} value={value} className={ITEM}>
                    <span className="w-4">
                      <Menu.RadioItemIndicator>
                        <Icon name="check" />
                      </Menu.RadioItemIndicator>
                    </span>
                    {word}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
              <Menu.Separator className="my-1 border-t border-line" />
              <Menu.Item className={ITEM} onClick={onHelp}>
                <Icon name="keyboard" /> Keys
              </Menu.Item>
              <Menu.Item className={ITEM} onClick={signOut}>
                <Icon name="back" /> Sign out
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  );
}
