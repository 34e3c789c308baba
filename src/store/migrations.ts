import configMediaType from "../../migrations/0002_config_media_type.sql" with {
  type: "text",
};
import store from "../../migrations/0001_store.sql" with { type: "text" };
import unpackedLayers from "../../migrations/0003_unpacked_layers.sql" with {
  type: "text",
};

/** One step of the database's format. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** All steps, in order. They are text of the program, so a bundle and an executable have them too. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "0001_store", sql: store },
  { version: 2, name: "0002_config_media_type", sql: configMediaType },
  { version: 3, name: "0003_unpacked_layers", sql: unpackedLayers },
];
