import { UsageError } from "../../errors.ts";
import { escapeText, quoteText } from "../../spec/escape_text.ts";
import { formatRepository, type ImageReference } from "../../spec/reference.ts";
import type { CredentialFlags } from "../credential_flags.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import type { Session } from "../session.ts";

/** Prints the tags of a repository. */
export async function runTags(
  session: Session,
  flags: CredentialFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const repository = parseRepository(session, args[0] ?? "");
  using network = await openSessionNetwork(
    session,
    [repository.registry],
    flags,
  );
  const { signal, onRetry } = session;
  const tags: string[] = [];
  for await (
    const tag of network.client.listTags(repository, { signal, onRetry })
  ) {
    if (flags.json) tags.push(tag);
    else session.print(escapeText(tag));
  }
  if (!flags.json) return;
  session.printJson({ repository: formatRepository(repository), tags });
}

function parseRepository(session: Session, text: string): ImageReference {
  const reference = parseReferenceArgument(session, text);
  const name = text.slice(text.lastIndexOf("/") + 1);
  if (!/[:@]/.test(name)) return reference;
  throw new UsageError(
    "reference-invalid",
    `Cannot list the tags of ${
      quoteText(text)
    }: it names an image, not a repository`,
    { hint: `dray tags ${formatRepository(reference)}` },
  );
}
