// Loaded first into every process of the tests, by NODE_OPTIONS. PGlite is WebAssembly, and hundreds of short-lived processes
// of the tests compile it: optimizing it costs each of them more than it can win back (half of a service's start).
// What it does is the same either way.
const { setFlagsFromString } = require("node:v8");

setFlagsFromString("--no-wasm-tier-up");
setFlagsFromString("--no-wasm-dynamic-tiering");
