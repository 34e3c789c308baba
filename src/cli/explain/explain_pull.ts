import type { NetworkSettings } from "../../app.ts";
import type { PullResult } from "../../pull/pull_result.ts";
import { createEndpointSource } from "../../registry/hosts_folder.ts";
import { formatReference, parseReference } from "../../spec/reference.ts";
import { describeMissing } from "../describe_pulled.ts";
import type { Session } from "../session.ts";
import type { SettledValue } from "../settings/settle_arguments.ts";
import { explainHost } from "./explain_host.ts";
import type { Explanation, Fact } from "./explanation.ts";
import type { NetworkRecord } from "./network_record.ts";

/** What is known of a pull, once it was tried without storing anything. */
export interface ExplainedPull {
  /** As typed. */
  readonly text: string;
  readonly settings: NetworkSettings;
  readonly record: NetworkRecord;
  readonly allPlatforms: boolean;
  /** Undefined where it failed. */
  readonly result: PullResult | undefined;
  /** Whether the reference is of one manifest, which leaves nothing to choose. */
  readonly isSingle: boolean;
}

/** Puts together what a pull would do, and why. */
export async function explainPull(
  session: Session,
  pull: ExplainedPull,
): Promise<Explanation> {
  const { environment } = session.host;
  const { settings, record, result } = pull;
  const defaultRegistry = environment.DRAY_DEFAULT_REGISTRY;
  const reference = parseReference(pull.text, { defaultRegistry });
  const endpoints = await createEndpointSource({
    folders: settings.hostsFolders,
  })(reference.registry);
  return {
    reference: formatReference(reference),
    ...(result === undefined ? {} : {
      digest: result.digest,
      download: describeMissing(result),
    }),
    registry: {
      value: reference.registry,
      why: registryReason(pull.text, settingOf(session, "default-registry")),
    },
    hosts: endpoints.map((endpoint) =>
      explainHost(endpoint, { settings, environment, record })
    ),
    platforms: explainPlatforms(session, pull),
    store: {
      value: session.storeDir,
      why: originOf(settingOf(session, "store"), "the default"),
    },
  };
}

function explainPlatforms(
  session: Session,
  { result, isSingle, allPlatforms }: ExplainedPull,
): readonly Fact[] {
  const setting = settingOf(session, "platforms");
  const wanted = allPlatforms
    ? "--all-platforms"
    : originOf(setting, "this machine's");
  const why = isSingle
    ? "the only one: the reference is of one manifest"
    : wanted;
  return (result?.platforms ?? []).map(({ platform, manifestDigest }) => ({
    value: `${platform} ${manifestDigest}`,
    why,
  }));
}

/** A reference means another registry when the default is another, unless it names one. */
function registryReason(
  text: string,
  setting: SettledValue | undefined,
): string {
  const elsewhere = parseReference(text, { defaultRegistry: "other.invalid" });
  if (elsewhere.registry !== "other.invalid") return "the reference names it";
  return `the reference names none: ${originOf(setting, "the default")}`;
}

function settingOf(
  session: Session,
  name: string,
): SettledValue | undefined {
  return session.settings.find((setting) => setting.name === name);
}

function originOf(
  setting: SettledValue | undefined,
  otherwise: string,
): string {
  return setting?.from ?? otherwise;
}
