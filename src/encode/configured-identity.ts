import { encoderSpec } from "./folder/encoder-spec.ts";
import type { EncodeSettings } from "./settings.ts";

/**
 * The hash of the encoder that the settings name, without opening it; null for the bundled one, which is what the package's version says.
 *
 * @throws FlowError `CONFIG_INVALID` or `INPUT_INVALID`, when its files are not there
 */
export async function configuredIdentity(settings: EncodeSettings): Promise<string | null> {
  if (encoderSpec(settings.encoder).kind === "bundled") return null;
  // Loaded only here: every command plans a run, few with an encoder of their own.
  const { identityOf } = await import("./configured-encoder.ts");
  return identityOf(settings);
}
