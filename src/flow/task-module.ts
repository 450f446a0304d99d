/** The specifier to import for a task's `module`; see `TaskSpec.module`. */
export function specifierOf(module: string): string {
  if (module.startsWith("npm:")) return module.slice("npm:".length);
  if (module.startsWith("file:")) return module;
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`../${module}${extension}`, import.meta.url).href;
}
