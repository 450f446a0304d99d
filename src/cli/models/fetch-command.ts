import { resolve } from "node:path";
import { fetchEncoder } from "../../encode/hub/fetch-encoder.ts";
import { isChatModel, type ModelForm } from "../../finetune/fetch/chat-model-presets.ts";
import { fetchChatModel } from "../../finetune/fetch/fetch-chat-model.ts";
import { encodersDir, languageModelsDir } from "../load-settings.ts";
import { printText } from "../terminal.ts";
import { withProgress } from "../progress/with-progress.ts";

export interface FetchOptions {
  readonly endpoint?: string;
  readonly cache?: string;
  readonly format?: ModelForm;
}

/**
 * Downloads an encoder or a language model from the Hugging Face hub and prints its folder or file. Repositories are those of encoders
 * unless a format is named.
 */
export async function fetchCommand(name: string, options: FetchOptions): Promise<void> {
  const { HF_ENDPOINT, HF_TOKEN } = process.env;
  const endpoint = options.endpoint ?? HF_ENDPOINT ?? "https://huggingface.co";
  const cache = options.cache === undefined ? undefined : resolve(options.cache);
  const form = options.format ?? (isChatModel(name) ? "safetensors" : undefined);
  const place = await withProgress((view, signal) => {
    const follow = view.follow(`fetch ${name}`);
    const common = {
      hub: { endpoint: endpoint.replace(/\/+$/, ""), token: HF_TOKEN, fetch },
      signal,
      onProgress: (doneBytes: number, totalBytes: number): void => {
        follow({ rowsDone: megabytes(doneBytes), rowsTotal: megabytes(totalBytes), unit: "MB" });
      },
    };
    return form === undefined
      ? fetchEncoder({ ...common, name, dir: encodersDir(cache) })
      : fetchChatModel({ ...common, name, form, dir: languageModelsDir(cache) });
  });
  printText(`${place}\n`);
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
