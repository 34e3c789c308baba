import { formatReference } from "../../spec/reference.ts";
import type { CredentialFlags } from "../credential_flags.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import type { Session } from "../session.ts";

/** Prints the digest that a reference resolves to. */
export async function runDigest(
  session: Session,
  flags: CredentialFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const reference = parseReferenceArgument(session, args[0] ?? "");
  using network = await openSessionNetwork(
    session,
    [reference.registry],
    flags,
  );
  const { digest, mediaType, size } = await network.client.resolve(reference, {
    signal: session.signal,
    onRetry: session.onRetry,
  });
  if (!flags.json) return session.print(digest);
  const name = formatReference(reference);
  session.printJson({ reference: name, digest, mediaType, size });
}
