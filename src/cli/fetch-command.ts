import { resolve } from "node:path";
import { fetchEncoder } from "../encode/hub/fetch-encoder.ts";
import { encodersDir } from "./load-settings.ts";
import { printText } from "./terminal.ts";
import { withProgress } from "./progress/with-progress.ts";

export interface FetchOptions {
  readonly endpoint?: string;
  readonly cache?: string;
}

/** Downloads an encoder from the Hugging Face hub and prints its folder. */
export async function fetchCommand(name: string, options: FetchOptions): Promise<void> {
  const { HF_ENDPOINT, HF_TOKEN } = process.env;
  const endpoint = options.endpoint ?? HF_ENDPOINT ?? "https://huggingface.co";
  const folder = await withProgress((view, signal) => {
    const follow = view.follow(`fetch ${name}`);
    return fetchEncoder({
      name,
      dir: encodersDir(options.cache === undefined ? undefined : resolve(options.cache)),
      hub: { endpoint: endpoint.replace(/\/+$/, ""), token: HF_TOKEN, fetch },
      signal,
      onProgress: (doneBytes, totalBytes) => {
        follow({ rowsDone: megabytes(doneBytes), rowsTotal: megabytes(totalBytes), unit: "MB" });
      },
    });
  });
  printText(`${folder}\n`);
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
