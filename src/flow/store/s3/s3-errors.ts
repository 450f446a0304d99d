import { asExpected, FlowError } from "../../../base/errors.ts";
import { printableLine } from "../../../base/printable.ts";
import { useConditionalStore } from "../probe.ts";
import { faultOf, isOutOfReach, mayPass, type S3Fault } from "./s3-fault.ts";

/** What was asked of a store, for messages. */
export interface Asked {
  /** `read`, `write`, … */
  readonly verb: string;
  readonly key: string;
  /** The permission it takes: `s3:GetObject`. */
  readonly permission: string;
}

const again = "run the same command again: finished work is kept";

/**
 * What the user is told of a failure that did not pass: store, key and cure. The SDK's own errors, which hold signatures and ids of keys,
 * are left behind.
 *
 * @param name - Of the store
 * @returns `STORE_FAILED`; `CONFIG_INVALID` for a store that cannot hold runs; `OUTPUT_FAILED` for this machine's disk; anything that is
 *   no failure of a store, unchanged
 */
export function asStoreError(name: string, asked: Asked, error: unknown): unknown {
  if (error instanceof FlowError || error instanceof TypeError) return error;
  const expected = asExpected(error);
  if (expected instanceof FlowError) return expected;
  const fault = faultOf(error);
  const { code = "STORE_FAILED", reason, cure } = explain(fault, asked);
  const message = `The store ${name} could not ${asked.verb} ${asked.key}: ${reason}. ${cure}`;
  const facts = `${fault.name} ${fault.code} ${fault.status}: ${fault.message}`;
  return new FlowError(code, printableLine(message), { cause: new Error(printableLine(facts)) });
}

interface Explanation {
  readonly code?: "CONFIG_INVALID";
  readonly reason: string;
  readonly cure: string;
}

function explain(fault: S3Fault, { permission }: Asked): Explanation {
  const { name, code, status, message, region } = fault;
  switch (name) {
    case "NoSuchBucket":
      return {
        reason: "there is no such bucket",
        cure: "Create it, or correct its name; a bucket of another endpoint or account is not seen here (AWS_ENDPOINT_URL_S3, AWS_PROFILE).",
      };
    case "CredentialsProviderError":
    case "TokenProviderError":
    case "ProviderError":
      return {
        reason: `there are no credentials (${message})`,
        cure: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine or container a role.",
      };
    case "ExpiredToken":
    case "ExpiredTokenException":
    case "TokenRefreshRequired":
      return {
        reason: `the credentials have expired (${name})`,
        cure: `Get new ones, such as with aws sso login, and ${again}.`,
      };
    case "InvalidAccessKeyId":
    case "InvalidClientTokenId":
    case "InvalidToken":
    case "UnrecognizedClientException":
      return {
        reason: `the server does not know the access key (${name})`,
        cure: "Correct AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or the profile; keys of one store are of no use for another endpoint.",
      };
    case "SignatureDoesNotMatch":
      return {
        reason: "the secret key does not belong to the access key (SignatureDoesNotMatch)",
        cure: "Correct AWS_SECRET_ACCESS_KEY or the profile; if it is right, a proxy on the way changes requests.",
      };
    case "RequestTimeTooSkewed":
    case "RequestExpired":
    case "RequestInTheFuture":
      return {
        reason: `the clock of this machine differs too much from the server's (${name})`,
        cure: `Set the clock, such as by NTP, and ${again}.`,
      };
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return elsewhere(name, region);
    case "NotImplemented":
      return {
        code: "CONFIG_INVALID",
        reason: "the server does not have what was asked for (NotImplemented)",
        cure: useConditionalStore,
      };
    case "NoSuchUpload":
      return {
        reason: "the pieces that were uploaded are gone (NoSuchUpload)",
        cure: `If a rule of the bucket aborts incomplete uploads, let it wait for a day at least, and ${again}.`,
      };
  }
  if (status === 301 || status === 307) return elsewhere(`status ${status}`, region);
  if (status === 401 || status === 403) {
    return {
      reason: `the server does not permit it (${message})`,
      cure: `Allow ${permission} in the policy of the user, role or bucket${permission === "s3:GetObject" ? ", and s3:ListBucket, without which a missing file looks like a forbidden one" : ""}.`,
    };
  }
  if (/CERT|SIGNATURE|ISSUER/.test(code)) {
    return {
      reason: `the certificate of the server is not trusted here (${code})`,
      cure: "Name the certificate of its authority by NODE_EXTRA_CA_CERTS.",
    };
  }
  if (code === "EPROTO") {
    return {
      reason: "the server does not speak TLS",
      cure: "Write its endpoint with http:// if it is meant to be reached without encryption.",
    };
  }
  if (isOutOfReach(fault)) {
    return {
      reason: `the server is out of reach (${code || name})`,
      cure: `Check AWS_ENDPOINT_URL_S3 or the region, and the network and its proxies, and ${again}.`,
    };
  }
  const facts = `${name}${status === 0 ? "" : ` ${status}`}: ${message}`;
  return mayPass(fault)
    ? {
        reason: `the server failed again and again (${facts})`,
        cure: `Once it is well, ${again}.`,
      }
    : {
        reason: facts,
        cure: "Check that the endpoint is a store with an S3 interface (AWS_ENDPOINT_URL_S3).",
      };
}

function elsewhere(what: string, region: string | null): Explanation {
  return {
    reason: `the bucket is in ${region === null ? "another region" : `the region ${region}`} (${what})`,
    cure: `Set AWS_REGION to ${region ?? "the region of the bucket"}.`,
  };
}
