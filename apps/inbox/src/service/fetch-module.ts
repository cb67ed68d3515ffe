import { PageRefusal } from "./problem.ts";

/** An import that did not come: the network was gone, or a newer build of the console took the file's place. */
export class ModuleNotFetched extends PageRefusal {
  constructor(cause: unknown) {
    super(
      "This part of the page could not be loaded",
      "The network is gone, or Holdpoint was updated and this page must be reloaded.",
    );
    this.cause = cause;
  }
}

/**
 * A module that is imported when it is wanted. A browser keeps an import that failed as failed for as long as the page lives
 * (whatwg/html#6768), so each call that fails asks once more, under an address that it has not seen. Throws `ModuleNotFetched`.
 */
export async function fetchModule<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const address = addressIn(error);
    if (address === undefined) throw new ModuleNotFetched(error);
    address.searchParams.set("again", crypto.randomUUID());
    try {
      return (await import(/* @vite-ignore */ address.href)) as Module;
    } catch (cause) {
      throw new ModuleNotFetched(cause);
    }
  }
}

/** Chromium and Firefox name what did not come; it is of this page's own origin, or it is not asked for. */
function addressIn(error: unknown): URL | undefined {
  const [found] = /https?:\/\/\S+/.exec(error instanceof Error ? error.message : "") ?? [];
  const address = found === undefined ? null : URL.parse(found);
  return address?.origin === window.location.origin ? address : undefined;
}
