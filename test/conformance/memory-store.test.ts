/** The memory store does what every store must do. */
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { storeConformance } from "./store.ts";

storeConformance("memory", async () => {
  const store = createMemoryStore();
  return {
    store,
    reopen: async () => {
      await store.close();
      return store;
    },
    requestAppend: (request, at) => store.requestAppend(request, at),
  };
});
