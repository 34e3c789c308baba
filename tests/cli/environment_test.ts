import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { defaultStoreDir, findConfigDir } from "../../src/cli/default_dirs.ts";
import {
  ENVIRONMENT_VARIABLES,
  readEnvironment,
} from "../../src/cli/environment.ts";
import { parsePathOption } from "../../src/cli/parse_path_option.ts";

Deno.test("readEnvironment() reads the known variables only, and empty ones as not set", () => {
  const asked: string[] = [];
  const environment = readEnvironment((name) => {
    asked.push(name);
    return { HOME: "/home/me", DRAY_HOME: "", NO_COLOR: "1" }[name];
  });
  assert.deepEqual(environment, { HOME: "/home/me", NO_COLOR: "1" });
  assert.deepEqual(asked, [...ENVIRONMENT_VARIABLES]);
});

Deno.test("what is no UTF-8 in the environment ends nothing, and is never taken for another folder", () => {
  const environment = readEnvironment((name) => {
    if (["HOME", "DRAY_HOME", "DRAY_CONFIG"].includes(name)) {
      throw new Deno.errors.InvalidData("not valid unicode");
    }
    return undefined;
  });
  assert.equal(environment.HOME, undefined);
  const refusal = { name: "UsageError", message: /it is not UTF-8$/ };
  assert.throws(() => defaultStoreDir(environment, "linux"), refusal);
  assert.throws(() => findConfigDir(environment), refusal);
  assert.throws(() => parsePathOption("/srv/\ufffd"), UsageError);
});

Deno.test("deno.json lets the program read these variables and no others", async () => {
  const text = await Deno.readTextFile(
    new URL("../../deno.json", import.meta.url),
  );
  const { permissions } = JSON.parse(text);
  assert.deepEqual(
    [...permissions.dray.env.allow].sort(),
    [...ENVIRONMENT_VARIABLES].sort(),
  );
});

Deno.test("defaultStoreDir() follows the system's customs", () => {
  const table = [
    [{ HOME: "/h", DRAY_HOME: "/d", XDG_DATA_HOME: "/x" }, "linux", "/d"],
    [{ HOME: "/h", XDG_DATA_HOME: "/x" }, "linux", "/x/dray"],
    [{ HOME: "/h", XDG_DATA_HOME: "x" }, "linux", "/h/.local/share/dray"],
    [{ HOME: "/h" }, "linux", "/h/.local/share/dray"],
    [{ HOME: "/h" }, "darwin", "/h/Library/Application Support/dray"],
    [{ LOCALAPPDATA: "C:\\L", USERPROFILE: "C:\\U" }, "windows", "C:\\L\\dray"],
  ] as const;
  for (const [environment, os, dir] of table) {
    assert.equal(defaultStoreDir(environment, os), dir);
  }
});

Deno.test("findConfigDir() follows the system's customs", () => {
  const table = [
    [{ HOME: "/h", DRAY_CONFIG: "/c", XDG_CONFIG_HOME: "/x" }, "/c"],
    [{ HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/dray"],
    [{ HOME: "/h" }, "/h/.config/dray"],
    [{}, undefined],
  ] as const;
  for (const [environment, dir] of table) {
    assert.equal(findConfigDir(environment), dir);
  }
});

Deno.test("defaultStoreDir() says what to set where there is no home", () => {
  assert.throws(
    () => defaultStoreDir({}, "linux"),
    (error) =>
      error instanceof UsageError && /DRAY_HOME/.test(error.hint ?? ""),
  );
});
