import type { S3Client } from "@aws-sdk/client-s3";
import { FlowError } from "../../../base/errors.ts";
import { tryAgain } from "../try-again.ts";
import { asStoreError, type Asked } from "./s3-errors.ts";
import { faultOf, isOutOfReach, mayPass } from "./s3-fault.ts";
import type { S3Module } from "./s3-module.ts";
import type { S3Place } from "./s3-uri.ts";

/** A place in a bucket, with the way to it. */
export interface S3Site extends S3Place {
  readonly name: string;
  readonly module: S3Module;
  readonly client: S3Client;
  /**
   * Asks until there is an answer, or a failure that does not pass.
   *
   * @throws FlowError that names store, key and cure
   */
  readonly ask: <T>(asked: Asked, work: (advance: () => void) => Promise<T>) => Promise<T>;
}

/** How often a server is tried that never answered: its address is more likely wrong than the server away. */
const firstTries = 4;

/** @param waits - Pauses between tries, ms. The SDK itself tries three times before each. */
export function s3Site(
  place: S3Place,
  module: S3Module,
  client: S3Client,
  waits: readonly number[],
): S3Site {
  const name = `s3://${place.bucket}/${place.prefix}`;
  let hasAnswered = false;
  const triesWorth = (error: unknown): number => {
    if (error instanceof FlowError) return 0;
    const fault = faultOf(error);
    if (fault.status > 0) hasAnswered = true;
    const isStranger = !hasAnswered && isOutOfReach(fault);
    // Services that hand out credentials may be away for a moment, too.
    const hadCredentials = hasAnswered && fault.name === "CredentialsProviderError";
    if (!mayPass(fault) && !hadCredentials) return 0;
    return isStranger || hadCredentials ? Math.min(firstTries, waits.length) : waits.length;
  };
  return {
    ...place,
    ...{ name, module, client },
    ask: async (asked, work) => {
      try {
        return await tryAgain({ waits, triesWorth }, async (advance) => {
          const result = await work(advance);
          hasAnswered = true;
          return result;
        });
      } catch (error) {
        throw asStoreError(name, asked, error);
      }
    },
  };
}
