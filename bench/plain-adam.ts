import { createAdam, plainAdamKernel } from "../src/optim/adam.ts";
import { createArena } from "../src/optim/arena.ts";
import { median } from "./result-line.ts";

/** How much longer a step takes with AdamW in TypeScript instead of WebAssembly, seconds; the median of eleven updates. */
export function plainAdamExtraSeconds(parameterCount: number): number {
  const arena = createArena([parameterCount]);
  const wasm = createAdam(arena);
  const plain = createAdam(arena, {}, plainAdamKernel(arena));
  return (
    medianSeconds(() => {
      plain.update(1e-3);
    }) -
    medianSeconds(() => {
      wasm.update(1e-3);
    })
  );
}

function medianSeconds(update: () => void): number {
  const times = Array.from({ length: 11 }, () => {
    const started = performance.now();
    update();
    return (performance.now() - started) / 1000;
  });
  return median(times);
}
