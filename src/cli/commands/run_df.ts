import { diskUsage } from "../../maintain/disk_usage.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatTable, type TableColumn } from "../../ui/format_table.ts";
import { openStoreToRead } from "../open_store.ts";
import type { Session } from "../session.ts";

const COLUMNS: readonly TableColumn[] = [
  { title: "what" },
  { title: "number", align: "right" },
  { title: "size", align: "right" },
];

/** Prints what the store uses. */
export async function runDf(session: Session): Promise<void> {
  await using store = await openStoreToRead(session);
  const usage = diskUsage(store, { now: session.host.now });
  if (session.flags.json) return session.printJson(usage);
  if (session.flags.quiet) return session.print(String(usage.blobBytes));
  const rows = [
    ["images", String(usage.images), ""],
    ["blobs", String(usage.blobs), formatBytes(usage.blobBytes)],
    ["  shared by images", "", formatBytes(usage.sharedBytes)],
    ["partial downloads", "", formatBytes(usage.partialBytes)],
    ["unpacked layers", "", formatBytes(usage.unpackedBytes)],
    ["dray prune would free", "", formatBytes(usage.reclaimableBytes)],
  ];
  for (const line of formatTable(COLUMNS, rows)) session.print(line);
}
