import { env } from "node:process";
import { FlowError } from "../../base/errors.ts";
import type { RaySetting } from "./executor-settings.ts";

/**
 * Settings of Ray with the values of environment variables for `${NAME}` in `headers` and `runtimeEnv.env_vars`: the settings themselves
 * are written to the run folder.
 *
 * @throws `CONFIG_INVALID` for a variable that is not set
 */
export function withVariables(
  ray: RaySetting,
  environment: Readonly<Record<string, string | undefined>> = env,
): RaySetting {
  const fill = (place: string, values: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        String(value).replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
          const found = environment[name] ?? "";
          if (found !== "") return found;
          throw new FlowError(
            "CONFIG_INVALID",
            `runtime.executor.ray.${place}.${key} uses environment variable ${name}, which is not set: export ${name}=…, or take it out`,
          );
        }),
      ]),
    );
  const { env_vars: variables } = ray.runtimeEnv;
  const isBlock = typeof variables === "object" && variables !== null;
  return {
    ...ray,
    headers: fill("headers", ray.headers),
    runtimeEnv: isBlock
      ? { ...ray.runtimeEnv, env_vars: fill("runtimeEnv.env_vars", variables) }
      : ray.runtimeEnv,
  };
}
