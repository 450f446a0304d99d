import { createHash } from "node:crypto";
import { FlowError } from "../../base/errors.ts";
import { createAdam } from "../../optim/adam.ts";
import { clipGradients, createGradientSum } from "../../optim/gradients.ts";
import { learningRateAt } from "../../optim/schedule.ts";
import { chatTokens } from "../text/pack-chats.ts";
import type { EncodedChat } from "../text/chat-tokenizer.ts";
import type { AdapterEpoch, AdapterTraining, TrainedAdapter } from "./adapter-training.ts";
import { createDecoderEngine, type DecoderEngine } from "./decoder-engine.ts";
import { batchesOf, rowsOf, rowTokens, type TrainingBatch } from "./training-batches.ts";
import { loadState, saveState, trainingStart } from "./training-state.ts";

/**
 * Trains an adapter on the answers of conversations with AdamW, and keeps that of the epoch with the least validation loss. With one
 * thread the result depends on the training alone, however often it was stopped and gone on with.
 *
 * The loss of an update is the mean over the answers' tokens of its conversations.
 *
 * @throws FlowError `STAGE_FAILED` when the loss is no number before any epoch is done; the signal's reason once it is aborted, with the
 *   state saved
 */
export async function trainAdapter(training: AdapterTraining): Promise<TrainedAdapter> {
  const { base, train, valid, settings, runtime } = training;
  const longest = [...train, ...valid].reduce((most, chat) => Math.max(most, chatTokens(chat)), 0);
  const engine = await createDecoderEngine({
    ...{
      base,
      tokens: rowTokens(longest),
      lora: settings.lora,
      seed: settings.seed,
      threads: runtime.threads,
    },
  });
  try {
    return await trainWith(engine, rowsOf(valid), training);
  } finally {
    await engine.close();
  }
}

async function trainWith(
  engine: DecoderEngine,
  validRows: TrainingBatch,
  { base, train, valid, settings, runtime }: AdapterTraining,
): Promise<TrainedAdapter> {
  const { parameters } = engine;
  const { arena } = parameters;
  const { epochs, batchSize, seed, lora } = settings;
  const { signal, checkpoint, checkpointEveryS, onProgress } = runtime;
  const adam = createAdam(arena, { weightDecay: settings.weightDecay });
  const sum = createGradientSum(arena);
  const best = arena.parameters.values.slice();
  const numbers = { parameters, adam, best };
  const identity = identityOf({ base, train, valid, settings });
  const found = await loadState(checkpoint, identity, numbers);
  if (found?.kind === "ignored") runtime.onIgnored?.(found.reason);
  const start = found?.kind === "state" ? found.state : trainingStart;
  const state = { ...start, epochs: [...start.epochs] };

  const stepsPerEpoch = Math.ceil(train.length / batchSize);
  const epochTokens = train.reduce((total, chat) => total + chatTokens(chat), 0);
  const schedule = {
    kind: settings.schedule,
    learningRate: settings.learningRate,
    warmup: settings.warmup,
    totalSteps: stepsPerEpoch * epochs,
  };
  let lastSave = performance.now();
  let lastTime = performance.now();
  const spend = (): void => {
    const now = performance.now();
    state.seconds += (now - lastTime) / 1000;
    lastTime = now;
  };
  const save = async (): Promise<void> => {
    spend();
    await saveState(checkpoint, identity, state, numbers);
    lastSave = performance.now();
  };
  /** Stops at a place where the numbers are those of the last update. */
  const stopIfAborted = async (): Promise<void> => {
    if (!signal.aborted) return;
    await save();
    signal.throwIfAborted();
  };
  const validLoss = async (): Promise<number | null> => {
    if (validRows.targets === 0) return null;
    let loss = 0;
    for (const row of validRows.rows) {
      await stopIfAborted();
      loss += (await engine.evaluate(row)).loss;
    }
    return loss / validRows.targets;
  };
  const endEpoch = async (trainLoss: number | null): Promise<void> => {
    const loss = await validLoss();
    spend();
    const epoch = state.epochs.length;
    state.epochs.push({
      ...{ epoch, trainLoss, validLoss: loss, steps: state.steps },
      ...{ tokens: state.tokens, answerTokens: state.targets, seconds: state.seconds },
    });
    if (epoch > 0 && isBest(state.epochs, epoch)) {
      state.bestEpoch = epoch;
      best.set(arena.parameters.values);
    }
    Object.assign(state, { steps: 0, lossSum: 0, targets: 0, tokens: 0, seconds: 0 });
    await save();
  };

  if (state.epochs.length === 0) await endEpoch(null);
  while (state.epochs.length <= epochs) {
    const epoch = state.epochs.length;
    let step = 0;
    for (const batch of batchesOf(train, { batchSize, seed, epoch })) {
      if (step++ < state.steps) continue;
      let [loss, tokens] = [0, 0];
      for (const [place, row] of batch.rows.entries()) {
        await stopIfAborted();
        const one = await engine.train(row, 1 / batch.targets, `${epoch}/${step}/${place}`);
        loss += one.loss;
        tokens += row.ids.length;
        sum.add();
        onProgress({
          ...{ epoch, epochs, loss: one.loss / one.tokens },
          tokens: (epoch - 1) * epochTokens + state.tokens + tokens,
          tokensTotal: epochs * epochTokens,
          validLoss: state.epochs.at(-1)?.validLoss ?? null,
        });
      }
      sum.finish();
      const norm = clipGradients(arena, settings.clip);
      if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
        const why = `the loss is no number at step ${step} of epoch ${epoch}`;
        if (epoch > 1) return trained(why);
        throw new FlowError(
          "STAGE_FAILED",
          `Fine-tuning of ${base.path}: ${why}. Set a lower learning rate than ${settings.learningRate}, or a longer warm-up.`,
        );
      }
      adam.update(learningRateAt((epoch - 1) * stepsPerEpoch + step - 1, schedule));
      state.steps = step;
      state.lossSum += loss;
      state.targets += batch.targets;
      state.tokens += batch.tokens;
      if (performance.now() - lastSave >= checkpointEveryS * 1000) await save();
    }
    await endEpoch(state.lossSum / state.targets);
  }
  return trained(null);

  function trained(stopped: string | null): TrainedAdapter {
    arena.parameters.values.set(best);
    return {
      adapter: { lora, config: base.config, base: base.path, matrices: parameters.matrices() },
      epochs: state.epochs,
      bestEpoch: state.bestEpoch,
      stopped,
    };
  }
}

/** Whether an epoch is the best so far, but for the base model; without validation rows the last one is. */
function isBest(epochs: readonly AdapterEpoch[], epoch: number): boolean {
  const loss = epochs[epoch]?.validLoss ?? null;
  if (loss === null) return true;
  return epochs.slice(1, epoch).every(({ validLoss }) => loss < (validLoss ?? Infinity));
}

/** A hash of all that decides the trained numbers but the base's weights, which are as long as its path. */
function identityOf({
  base,
  train,
  valid,
  settings,
}: Pick<AdapterTraining, "base" | "train" | "valid" | "settings">): string {
  const hash = createHash("sha256").update(JSON.stringify([base.path, base.config, settings]));
  const add = (chats: readonly EncodedChat[]): void => {
    hash.update(`\n${chats.length}\n`);
    for (const { prompt, answer } of chats) {
      hash.update(Int32Array.from([prompt.length, ...prompt, answer.length, ...answer]));
    }
  };
  add(train);
  add(valid);
  return hash.digest("hex");
}
