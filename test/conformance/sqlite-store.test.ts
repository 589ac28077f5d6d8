/** The SQLite store does what every store must do. */
import { join } from "node:path";
import { requestAppend } from "../../src/store/sqlite/reader.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { storeConformance } from "./store.ts";

storeConformance("sqlite", async (t) => {
  const path = join(temporaryFolder(t), "tasks.db");
  const store = createSqliteStore({ path });
  return {
    store,
    reopen: async () => {
      await store.close();
      return createSqliteStore({ path });
    },
    requestAppend: (request, at) => requestAppend(path, request, at),
  };
});
