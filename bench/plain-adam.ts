import { createAdam, plainAdamKernel } from "../src/optim/adam.ts";
import { createArena } from "../src/optim/arena.ts";

/** How much longer a step takes with AdamW in TypeScript instead of WebAssembly, seconds; the median of eleven updates. */
export function plainAdamExtraSeconds(parameterCount: number): number {
  const arena = createArena([parameterCount]);
  const wasm = createAdam(arena);
  const plain = createAdam(arena, {}, plainAdamKernel(arena));
  return (
    median(() => {
      plain.update(1e-3);
    }) -
    median(() => {
      wasm.update(1e-3);
    })
  );
}

function median(update: () => void): number {
  const times = Array.from({ length: 11 }, () => {
    const started = performance.now();
    update();
    return (performance.now() - started) / 1000;
  });
  return times.toSorted((a, b) => a - b)[5] ?? Number.NaN;
}
