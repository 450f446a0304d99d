import { describe, expect, test } from "vitest";
import { withVariables } from "../../../src/pipeline/executor/ray-variables.ts";
import { pipelineSettings } from "../../../src/pipeline/settings.ts";
import { refuseSecrets } from "../../../src/pipeline/secret-settings.ts";
import type { RaySetting } from "../../../src/pipeline/executor/executor-settings.ts";

function rayOf(ray: object): RaySetting {
  const { executor } = pipelineSettings.parse({ runtime: { executor: { ray } } }).runtime;
  if (executor === "local" || !("ray" in executor)) throw new Error("not Ray");
  return executor.ray;
}

describe("variables in Ray's settings", () => {
  const headers = { authorization: "Bearer ${TOKEN}" };
  const runtimeEnv = { image_uri: "${TOKEN}", env_vars: { KEY: "${TOKEN}", PLAIN: "1" } };

  test("stand for those of the environment, in headers and env_vars alone", () => {
    expect(withVariables(rayOf({ headers, runtimeEnv }), { TOKEN: "t" })).toMatchObject({
      headers: { authorization: "Bearer t" },
      runtimeEnv: { image_uri: "${TOKEN}", env_vars: { KEY: "t", PLAIN: "1" } },
    });
    expect(withVariables(rayOf({}), {})).toEqual(rayOf({}));
  });

  test("must be set", () => {
    expect(() => withVariables(rayOf({ headers }), {})).toThrow(
      "runtime.executor.ray.headers.authorization uses environment variable TOKEN, which is not set: export TOKEN=…",
    );
    expect(() => withVariables(rayOf({ runtimeEnv }), { TOKEN: "" })).toThrow(
      /^runtime\.executor\.ray\.runtimeEnv\.env_vars\.KEY uses/,
    );
  });

  test("take the place of keys, which are refused", () => {
    const settings = (ray: object): object => ({ runtime: { executor: { ray } } });
    expect(() => {
      refuseSecrets(settings({ headers, runtimeEnv }));
    }).not.toThrow();
    expect(() => {
      refuseSecrets(settings({ headers: { authorization: "Bearer abcdefgh12" } }));
    }).toThrow(/^runtime\.executor\.ray\.headers\.authorization holds what looks like a key/);
    expect(() => {
      refuseSecrets(settings({ runtimeEnv: { env_vars: { AWS_SECRET_ACCESS_KEY: "abc" } } }));
    }).toThrow(/^runtime\.executor\.ray\.runtimeEnv\.env_vars\.AWS_SECRET_ACCESS_KEY holds/);
  });
});
