import {
  createContext,
  lazy,
  Suspense,
  useContext,
  useState,
  type ComponentType,
  type LazyExoticComponent,
  type ReactNode,
} from "react";
import { useKey } from "../keys/use-key.ts";
import { fetchModule, ModuleNotFetched } from "../service/fetch-module.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** A part of the page whose code is fetched when it is wanted; made once, beside its import. */
export class LatePartSource<Props> {
  readonly #load: () => Promise<ComponentType<Props>>;
  #part: LazyExoticComponent<ComponentType<Props>>;
  #isMissing = false;

  constructor(load: () => Promise<ComponentType<Props>>) {
    this.#load = load;
    this.#part = this.#begin();
  }

  /** The part, or what says that it did not come. */
  get part(): LazyExoticComponent<ComponentType<Props>> {
    return this.#part;
  }

  /** Where it did not come, it is fetched anew when it is next rendered. */
  renew(): void {
    if (this.#isMissing) this.#part = this.#begin();
    this.#isMissing = false;
  }

  // React keeps what came for good, so another attempt is another component.
  #begin() {
    return lazy(async () => ({
      default: await this.#load().catch((error: unknown) => {
        if (!(error instanceof ModuleNotFetched)) throw error;
        this.#isMissing = true;
        return NotFetched;
      }),
    }));
  }
}

export function latePart<Module, Props>(
  load: () => Promise<Module>,
  pick: (module: Module) => ComponentType<Props>,
): LatePartSource<Props> {
  return new LatePartSource(async () => pick(await fetchModule(load)));
}

const LOOK = {
  among: "mt-6 max-w-xl border-l-2 border-ink py-1 pl-3",
  floating:
    "fixed top-1/2 left-1/2 z-50 w-[min(34rem,calc(100vw-2rem))] -translate-1/2 rounded-float border border-line bg-raised p-4 shadow-float",
  page: "m-6 max-w-xl border-l-2 border-ink py-1 pl-3",
};

interface LatePartProps<Props> {
  of: LatePartSource<Props>;
  children: (Part: ComponentType<Props>) => ReactNode;
  /** While it is fetched. */
  fallback?: ReactNode;
  /** False while it would show nothing: then nothing is said of it either. Default true. */
  isWanted?: boolean;
  /** Where it stands: among other things (default), above them as a dialog does, or as the page itself. */
  place?: keyof typeof LOOK;
  /** Goes on without it. */
  onClose?: () => void;
}

const Missing = createContext<
  Pick<LatePartProps<never>, "isWanted" | "place" | "onClose"> & { onRetry?: () => void }
>({});

/**
 * Stands around every part that is fetched late. Where its code does not come, that is said in its place; the rest of the page
 * stays, and so does what was typed there.
 */
export function LatePart<Props>({ of, children, fallback = null, ...props }: LatePartProps<Props>) {
  // What did not come for an earlier card is tried again for this one.
  const [Part, setPart] = useState(() => {
    of.renew();
    return of.part;
  });
  const retry = () => {
    of.renew();
    setPart(of.part);
  };
  return (
    <Missing value={{ ...props, onRetry: retry }}>
      <Suspense fallback={fallback}>{children(Part)}</Suspense>
    </Missing>
  );
}

function NotFetched() {
  const { isWanted = true, place = "among", onClose, onRetry } = useContext(Missing);
  useKey("back", () => onClose?.(), isWanted && onClose !== undefined);
  if (!isWanted) return null;
  return (
    <div role="alert" className={LOOK[place]}>
      <p className="flex items-start gap-1.5">
        <Icon name="warning" className="mt-[3px]" />
        <span>
          This part of the page could not be loaded: the network is gone, or Holdpoint was updated and this
          page must be reloaded.
        </span>
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button onPress={() => onRetry?.()}>Try again</Button>
        <Button onPress={() => window.location.reload()}>Reload the page</Button>
        {onClose === undefined ? null : (
          <Button shortcut="back" onPress={onClose}>
            Go back
          </Button>
        )}
      </div>
    </div>
  );
}
