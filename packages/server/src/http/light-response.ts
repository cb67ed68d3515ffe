/**
 * Lets what `fetch` gives stay a `Response` for tools and libraries that ask by `instanceof`, after
 * `@hono/node-server` has put its own light class in the place of `native`. Its own class must not be told so: it
 * reads private members of what it takes for its instances. Calling it again changes nothing.
 */
export function keepResponseInstances(native: typeof Response): void {
  const Light = globalThis.Response;
  if (Light === native || Object.hasOwn(Light, Symbol.hasInstance)) return;
  const named = {
    Response: class extends Light {
      static override [Symbol.hasInstance](value: unknown): boolean {
        return this === named.Response
          ? value instanceof native
          : Function.prototype[Symbol.hasInstance].call(this, value);
      }
    },
  };
  globalThis.Response = named.Response;
}
