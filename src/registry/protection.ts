import { parseChallenges } from "./challenge.ts";

/** How a registry wants to be asked for one repository. */
export type Protection =
  | { readonly kind: "basic" }
  | {
    readonly kind: "bearer";
    readonly realm: string;
    readonly service: string | undefined;
    /** Space-separated, as the registry asks for it; empty for access to the registry itself. */
    readonly scope: string;
  };

/** Longest scope or service that is sent on; a registry's own are below 100 characters. */
const MAX_VALUE_LENGTH = 2_048;

/**
 * The challenge to answer: Bearer where there is one, else Basic; undefined
 * where there is neither.
 *
 * @param field `WWW-Authenticate`.
 * @param repository Asked for where the challenge names no scope; may be empty.
 */
export function findProtection(
  field: string | null,
  repository: string,
): Protection | undefined {
  const challenges = parseChallenges(field);
  const bearer = challenges.find(({ scheme, parameters }) =>
    scheme === "bearer" && (parameters.get("realm") ?? "") !== ""
  );
  if (bearer !== undefined) {
    const { parameters } = bearer;
    const fallback = repository === "" ? "" : `repository:${repository}:pull`;
    return {
      kind: "bearer",
      realm: parameters.get("realm") ?? "",
      service: limit(parameters.get("service")),
      scope: limit(parameters.get("scope")) ?? fallback,
    };
  }
  return challenges.some(({ scheme }) => scheme === "basic")
    ? { kind: "basic" }
    : undefined;
}

function limit(value: string | undefined): string | undefined {
  return value === undefined || value === "" || value.length > MAX_VALUE_LENGTH
    ? undefined
    : value;
}
