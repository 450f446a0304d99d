/** @file What a failed request to a bucket tells. */

/** The facts about a failure that decide what is done about it. */
export interface S3Fault {
  /** `NoSuchKey`, `TimeoutError`, … */
  readonly name: string;
  /** Of the system: `ECONNRESET`, … */
  readonly code: string;
  /** Of the reply; 0 where none came. */
  readonly status: number;
  readonly message: string;
  /** Where the bucket is, if the server says so. */
  readonly region: string | null;
}

/** The reply was not what the request asked for; another try gets it. */
export class BrokenReply extends Error {
  override readonly name = "BrokenReply";
}

/** Reads any error of the SDK, of the network or of the system. */
export function faultOf(error: unknown): S3Fault {
  const metadata = memberOf(error, "$metadata");
  const status = memberOf(metadata, "httpStatusCode");
  const code = memberOf(error, "code");
  const headers = memberOf(memberOf(error, "$response"), "headers");
  const region = memberOf(error, "Region") ?? memberOf(headers, "x-amz-bucket-region");
  return {
    name: error instanceof Error ? error.name : "",
    code: typeof code === "string" ? code : "",
    status: typeof status === "number" ? status : 0,
    message: error instanceof Error ? error.message : String(error),
    region: typeof region === "string" ? region : null,
  };
}

/** Whether no reply came because there is no way to the server. */
export function isOutOfReach({ status, code, name }: S3Fault): boolean {
  return status === 0 && (wayCodes.has(code) || name === "TimeoutError");
}

/** Whether trying the same again may succeed. */
export function mayPass(fault: S3Fault): boolean {
  const { name, code, status } = fault;
  if (status === 501 || name === "NotImplemented") return false;
  if (status >= 500 || status === 429 || status === 408 || passingNames.has(name)) return true;
  return status === 0 && (isOutOfReach(fault) || brokenCodes.has(code));
}

const wayCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ETIMEDOUT",
]);

const brokenCodes = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "HPE_INVALID_EOF_STATE",
]);

const passingNames = new Set([
  "BrokenReply",
  "ConditionalRequestConflict",
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TimeoutError",
  "TooManyRequestsException",
]);

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
