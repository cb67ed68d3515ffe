/*
 * For @holdpoint/testing: a database of tests, whose clock can be moved.
 */
export { openMemoryStore, type MemoryStore } from "./memory-store.ts";
