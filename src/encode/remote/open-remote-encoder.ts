import { answerFolders } from "../../llm/cache/answer-folders.ts";
import { openTokenCounter } from "../../llm/count-tokens.ts";
import { openLlm } from "../../llm/llm.ts";
import type { EncodeSettings } from "../encoder-settings.ts";
import type { EncoderPlace } from "../encoder-kind.ts";
import type { Encoder } from "../model/encoder.ts";
import { remoteEncoder } from "./remote-encoder.ts";
import { remoteHash, servedIdentity } from "./remote-identity.ts";

/** Opens an encoder behind a server, within the run's budget, which the encoders of a worker spend together. */
export async function openRemoteEncoder(
  { model, baseUrl }: { readonly model: string; readonly baseUrl: string },
  settings: EncodeSettings,
  {
    cache,
    runDir,
    shared,
    share,
    budget: parts,
    spending,
    onWait,
  }: Pick<EncoderPlace, "cache" | "runDir" | "shared" | "share" | "budget" | "spending" | "onWait">,
): Promise<Encoder> {
  const { remote } = settings;
  const { answers, budget, prices } = spending;
  const llm = await shared("llm", () =>
    openLlm({
      ...{ ...answerFolders(answers, runDir), budget, prices, share, onWait },
      ...(parts && { budgetParts: parts }),
    }),
  );
  return remoteEncoder({
    ...{ cache, settings },
    client: await llm.embedder({ ...remote, model, baseUrl }),
    counter: await openTokenCounter(remote.tokenizer),
    hash: await remoteHash(model, settings),
    served: servedIdentity(model, settings),
    close: cache.close,
  });
}
