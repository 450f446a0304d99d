import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { FlowError } from "../../../base/errors.ts";
import type { S3Module } from "./s3-module.ts";

/** How a store is reached. What is left out comes from the environment, then from the profile, as for every AWS tool. */
export interface S3ClientOptions {
  readonly region?: string;
  /** Address of the server, with `http://` or `https://`; default: AWS. */
  readonly endpoint?: string;
  /** Whether the bucket is part of the path rather than of the host's name. Default: where an endpoint is given. */
  readonly pathStyle?: boolean;
  /** Variables of the environment. Credentials are not read from here, but by the SDK. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** After how long without a byte a connection counts as broken, ms. Default 60 s. */
  readonly idleMs?: number;
}

/**
 * A client that finds its credentials as every AWS tool does: environment, profile, container, instance, web identity. Nothing is asked
 * yet.
 *
 * @throws `CONFIG_INVALID` for an endpoint that is no address, and where no region is named for AWS
 */
export async function openS3Client(
  { S3Client }: S3Module,
  options: S3ClientOptions,
): Promise<S3Client> {
  const { environment = {}, idleMs = 60_000 } = options;
  const endpoint = options.endpoint ?? configuredEndpoint(environment);
  if (endpoint !== undefined) requireHttp(endpoint);
  const config: S3ClientConfig = {
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: idleMs, logger: silent },
    logger: silent,
    // Other stores than AWS's keep the trailer of a checksum as part of the content, or refuse it.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  };
  const region =
    options.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "";
  if (region !== "") return new S3Client({ ...config, region });
  const client = new S3Client(config);
  try {
    await client.config.region(); // of the profile
    return client;
  } catch (error) {
    client.destroy();
    if (endpoint !== undefined) return new S3Client({ ...config, region: "us-east-1" }); // what such stores sign with
    throw new FlowError(
      "CONFIG_INVALID",
      "No region is named for the bucket: set AWS_REGION to the region that the bucket is in, such as eu-central-1.",
      { cause: error },
    );
  }
}

/** Else the SDK writes to the console when many requests wait for a connection. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function configuredEndpoint(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return undefined;
  const named = [environment["AWS_ENDPOINT_URL_S3"], environment["AWS_ENDPOINT_URL"]];
  return named.find((one) => one !== undefined && one !== "");
}

function requireHttp(endpoint: string): void {
  if (URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `The endpoint of the store, ${endpoint}, is no address of a server: write it as http://host:9000 or https://host.`,
  );
}
