import { basename, dirname, resolve } from "node:path";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { canonicalJson } from "../../base/json.ts";
import { sha256 } from "../../base/sha256.ts";
import { encoderHash } from "../folder/encoder-hash.ts";
import { defaultMaxCharacters } from "../text/limit-text.ts";
import type { EncodeSettings } from "../encoder-settings.ts";

/** Hash of what a server is asked for besides the text. Its address is not part of it: equal models give equal vectors everywhere. */
export function servedIdentity(model: string, { remote }: Pick<EncodeSettings, "remote">): string {
  const { dimensions, extra } = remote;
  return hashOf({ provider: "openai", model, dimensions, extra });
}

/**
 * The hash of a remote encoder: what the server is asked for, and the settings that turn its vectors into those of texts.
 *
 * @throws FlowError `CONFIG_INVALID` when the tokenizer cannot be read
 */
export async function remoteHash(model: string, settings: EncodeSettings): Promise<string> {
  const { normalize = true, prefix = "", maxTokens, overlong, maxCharacters, remote } = settings;
  const cut =
    maxTokens === undefined
      ? null
      : { maxTokens, overlong, tokenizer: await tokenizerHash(remote.tokenizer) };
  const limit = maxCharacters === defaultMaxCharacters ? {} : { maxCharacters, overlong };
  return hashOf({ served: servedIdentity(model, settings), normalize, prefix, cut, ...limit });
}

async function tokenizerHash(file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  try {
    return await encoderHash(dirname(resolve(file)), [basename(file)], {});
  } catch (error) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encode.remote.tokenizer: cannot read ${file} (${reasonOf(error)}); give the path of the model's tokenizer.json`,
      { cause: error },
    );
  }
}

function hashOf(identity: object): string {
  return sha256(canonicalJson(identity)).slice(0, 16);
}
