import type { Descriptor } from "./descriptor.ts";
import { quoteText } from "./escape_text.ts";
import type { JsonObject } from "./json_object.ts";
import {
  baseMediaType,
  isIndexType,
  isManifestType,
  isSchema1Type,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./media_type.ts";

/** Who besides the document itself told its type. */
export interface TypeClaims {
  readonly descriptor: Descriptor;
  readonly contentType?: string | undefined;
}

const MANIFEST_MEMBERS = ["config", "layers"];
const SCHEMA1_MEMBERS = ["fsLayers", "history"];

/** What servers send that know nothing of a file but its name. */
const GENERIC_TYPES: ReadonlySet<string> = new Set([
  "",
  "application/json",
  "application/octet-stream",
  "binary/octet-stream",
  "text/plain",
]);

/**
 * The media type of a manifest or index, once its own `mediaType`, the header,
 * the descriptor and the members it has all agree.
 *
 * @throws {IntegrityError} `document-invalid`
 */
export function findDocumentType(body: JsonObject, claims: TypeClaims): string {
  refuseSchema1(body, claims);
  refuseTwoReadings(body);
  const mediaType = findAgreedType(body, claims) ?? guessType(body);
  if (mediaType === undefined) {
    throw body.fault("it is neither a manifest nor an index");
  }
  refuseMembers(
    body,
    isIndexType(mediaType) ? MANIFEST_MEMBERS : ["manifests"],
  );
  return mediaType;
}

function refuseSchema1(body: JsonObject, claims: TypeClaims): void {
  const types = [
    body.value("mediaType"),
    claims.contentType,
    claims.descriptor.mediaType,
  ];
  const isSchema1 = body.value("schemaVersion") === 1 ||
    types.some((type) => typeof type === "string" && isSchema1Type(type));
  if (!isSchema1) return;
  throw body.fault(
    "it is a manifest of Docker schema 1, which dray does not read",
    {
      hint: "push the image again with a tool of today, or ask for another tag",
    },
  );
}

function refuseTwoReadings(body: JsonObject): void {
  refuseMembers(body, SCHEMA1_MEMBERS);
  if (!body.has("manifests")) return;
  const other = MANIFEST_MEMBERS.find((name) => body.has(name));
  if (other === undefined) return;
  throw body.fault(
    `it has both "manifests" and "${other}", so it could be read in two ways`,
  );
}

function findAgreedType(
  body: JsonObject,
  claims: TypeClaims,
): string | undefined {
  const header = baseMediaType(claims.contentType ?? "");
  const told: readonly (readonly [string, string])[] = [
    ["mediaType", body.findText("mediaType") ?? ""] as const,
    ["Content-Type", GENERIC_TYPES.has(header) ? "" : header] as const,
    ["descriptor", baseMediaType(claims.descriptor.mediaType)] as const,
  ].filter(([, type]) => type !== "");
  for (const [source, type] of told) {
    if (isDocumentType(type)) continue;
    throw body.fault(
      `its ${source} says ${quoteText(type)}, neither manifest nor index`,
    );
  }
  const [first, ...others] = told;
  const rival = others.find(([, type]) => type !== first?.[1]);
  if (first === undefined || rival === undefined) return first?.[1];
  throw body.fault(
    `its ${first[0]} says "${first[1]}", and its ${rival[0]} "${rival[1]}"`,
  );
}

/** Exact, since the document's own spelling is what other readers compare. */
function isDocumentType(type: string): boolean {
  return type === baseMediaType(type) &&
    (isIndexType(type) || isManifestType(type));
}

/** OCI makes `mediaType` optional; Docker's formats always carry it. */
function guessType(body: JsonObject): string | undefined {
  if (body.has("manifests")) return OCI_INDEX;
  return body.has("config") ? OCI_MANIFEST : undefined;
}

function refuseMembers(
  body: JsonObject,
  names: readonly string[],
): void {
  const name = names.find((name) => body.has(name));
  if (name === undefined) return;
  throw body.fault(`it has "${name}", which a document of its type has not`);
}
