import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FlowError } from "../../base/errors.ts";
import { requestsSuffix, type BatchLedger, type RequestFile } from "./batch-ledger.ts";
import type { BatchProgress } from "./batch-progress.ts";
import {
  openBatchService,
  PassingFailure,
  type BatchService,
  type RemoteBatch,
} from "./batch-service.ts";
import { openBatchStates, type BatchStates, type SubmittedBatch } from "./batch-states.ts";
import { importAnswers, type ImportContext } from "./import-answers.ts";
import type { Budget } from "../settings.ts";
import type { ServiceAddress } from "./queued-request.ts";
import type { QueueEntry } from "./read-queue.ts";
import { affordableRequests } from "./affordable-requests.ts";
import { writeRequestFiles, type FileLimits } from "./write-request-files.ts";

/** A service counts as failed after this many rounds of submitting without an answer. */
const barrenRounds = 3;
/** Consecutive attempts at one call. */
const tries = 10;

interface RunOptions extends Omit<ImportContext, "redact" | "mask"> {
  readonly batchDir: string;
  readonly budget: Budget;
  readonly limits: FileLimits;
}

type Report = (progress: BatchProgress) => void;

/**
 * Submits queued requests to their services, polls the batches and imports their answers, until there are answers and no relevant batch
 * is in progress, or nothing is left to ask. Batches of earlier sessions are resumed by their ids.
 *
 * @param entries - All unanswered requests to services, by key
 * @returns Number of new answers
 * @throws FlowError `PROVIDER_FAILED`; the signal's reason after an abort
 */
export async function runBatches(
  entries: readonly QueueEntry[],
  options: RunOptions,
  onProgress: Report,
): Promise<number> {
  if (entries.length === 0) return 0;
  const { batchDir, budget, cache, ledger } = options;
  const states = await openBatchStates(batchDir);
  const services = serviceCache();
  for (const { batchId, requests } of states.batches()) {
    onProgress({ kind: "resumed", batchId, requests });
  }
  for (let round = 0; round < barrenRounds; round++) {
    const open = entries.filter(({ key }) => ledger.isOpen(key));
    const fresh = entries.filter(({ key }) => !ledger.isOpen(key));
    const state = { budget, spent: cache.spent(), open };
    await writeRequestFiles(affordableRequests(fresh, state), options);
    const wanted = new Set(entries.map(({ key }) => ledger.get(key)?.file.name));
    await submitFiles(wanted, { ...options, states, services }, onProgress);
    const failures = await follow(wanted, { ...options, states, services }, onProgress);
    let answered = 0;
    for (const { key } of entries) if ((await cache.get(key)) !== null) answered += 1;
    const [failure] = answered === 0 ? failures : failures.filter(({ isFinal }) => isFinal);
    if (failure !== undefined) throw failure.error;
    if (answered > 0) return answered;
  }
  throw noAnswers(entries, ledger);
}

function noAnswers(left: readonly QueueEntry[], ledger: BatchLedger): FlowError {
  const [first] = left;
  const fault = first === undefined ? null : ledger.get(first.key)?.fault;
  return new FlowError(
    "PROVIDER_FAILED",
    `${left.length} requests were submitted ${barrenRounds} times and none was answered; the first came back with: ` +
      `${fault ?? "nothing at all"}. Fix that, and run again.`,
  );
}

interface Submitting extends RunOptions {
  readonly states: BatchStates;
  readonly services: (address: ServiceAddress) => BatchService;
}

/** Why a batch gave no answers. If not final, it may succeed once other batches are done. */
interface BatchFailure {
  readonly error: FlowError;
  readonly isFinal: boolean;
}

async function submitFiles(
  wanted: ReadonlySet<string | undefined>,
  { batchDir, ledger, states, services, signal }: Submitting,
  onProgress: Report,
): Promise<void> {
  const taken = new Set(states.batches().map(({ file }) => file));
  for (const file of ledger.openFiles()) {
    if (file.service === null || !wanted.has(file.name) || taken.has(file.name)) continue;
    const path = join(batchDir, `${file.name}${requestsSuffix}`);
    const service = services(file.service);
    const known = states.uploads().find((upload) => upload.file === file.name)?.inputFileId;
    const inputFileId = known ?? (await insist(() => service.upload(path, signal)));
    if (known === undefined) await states.noteUpload({ file: file.name, inputFileId });
    const { id } = await createOnce(service, inputFileId, known !== undefined, signal).catch(
      (error: unknown) => {
        throw withHint(error, `Should that last, remove ${states.pathOfUpload(file.name)} first.`);
      },
    );
    await states.noteBatch(stateOf(file, file.service, id, inputFileId));
    onProgress({ kind: "submitted", batchId: id, requests: file.requests });
  }
}

function stateOf(
  { name, model, requests }: RequestFile,
  service: ServiceAddress,
  batchId: string,
  inputFileId: string,
): SubmittedBatch {
  return { batchId, file: name, inputFileId, model, requests, service };
}

/** Creates a batch, or finds the one that an earlier attempt may have created. */
function createOnce(
  service: BatchService,
  inputFileId: string,
  mayExist: boolean,
  signal: AbortSignal,
): Promise<RemoteBatch> {
  let isUncertain = mayExist;
  return insist(async () => {
    const found = isUncertain ? await service.find(inputFileId, signal) : null;
    isUncertain = true;
    return found ?? (await service.create(inputFileId, signal));
  });
}

/** Retries after temporary failures that outlasted the SDK's own retries. */
async function insist<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      if (attempt === 3) throw unreachable(error);
    }
  }
}

function unreachable(error: PassingFailure): FlowError {
  return new FlowError(
    "PROVIDER_FAILED",
    `${error.message}. The service does not answer; nothing is lost: run again to continue.`,
    { cause: error },
  );
}

/**
 * Polls the batches of the wanted files until all are over, and imports each as it ends. Other batches, whose requests nobody waits
 * for, are polled once: their answers are paid for.
 */
async function follow(
  wanted: ReadonlySet<string | undefined>,
  options: Submitting,
  onProgress: Report,
): Promise<readonly BatchFailure[]> {
  const { states, signal } = options;
  const failures: BatchFailure[] = [];
  let waiting = states.batches();
  for (let missed = 0; waiting.length > 0;) {
    let isReached = false;
    for (const batch of waiting) {
      try {
        const failure = await lookAt(batch, options, onProgress);
        if (failure !== null && wanted.has(batch.file)) failures.push(failure);
        isReached = true;
      } catch (error) {
        const isPassing = error instanceof PassingFailure;
        if (!isPassing && (wanted.has(batch.file) || !(error instanceof FlowError))) {
          throw withHint(error, `Where the batch is gone, remove ${states.pathOf(batch)} first.`);
        }
        if (isPassing && wanted.has(batch.file) && ++missed >= tries) throw unreachable(error);
        onProgress({ kind: "unreachable", batchId: batch.batchId, reason: error.message });
      }
    }
    if (isReached) missed = 0;
    waiting = states.batches().filter(({ file }) => wanted.has(file));
    if (waiting.length > 0) {
      await pause(Math.min(...waiting.map(({ service }) => service.pollS)), signal);
    }
  }
  return failures;
}

/** @returns Why it gave no answers; null when it is in progress or gave some */
async function lookAt(
  batch: SubmittedBatch,
  options: Submitting,
  onProgress: Report,
): Promise<BatchFailure | null> {
  const service = options.services(batch.service);
  const seen = await service.look(batch.batchId, options.signal);
  const { status, completed, failed, total } = seen;
  onProgress({ kind: "polled", batchId: batch.batchId, status, completed, failed, total });
  if (!seen.isOver) return null;
  const refusal = await importBatch(batch, seen, service, options, onProgress);
  if (status === "failed") return notTaken(batch, seen);
  if (refusal === null) return null;
  return { error: failureOf(batch, `was refused: ${refusal}`), isFinal: false };
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof FlowError)) return error;
  return new FlowError(error.code, `${error.message} ${hint}`, { cause: error });
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {
    signal.throwIfAborted();
  });
}

/**
 * Stores the answers of a finished batch and stops waiting for the others.
 *
 * @returns Why the service refuses requests of this kind, if it does
 */
async function importBatch(
  batch: SubmittedBatch,
  { status, outputFileId, errorFileId }: RemoteBatch,
  service: BatchService,
  { states, ledger, cache, prices, signal }: Submitting,
  onProgress: Report,
): Promise<string | null> {
  const context = { ledger, cache, prices, signal, redact: service.redact, mask: service.mask };
  let refusal: string | null = null;
  for (const fileId of [outputFileId, errorFileId]) {
    if (fileId === null) continue;
    const counts = await importAnswers(service.content(fileId, signal), batch.file, context);
    refusal ??= counts.refusal;
    onProgress({ kind: "imported", from: `${batch.batchId} (${fileId})`, counts });
  }
  await ledger.close(batch.file, "remove");
  await states.end(batch, status === "failed" ? "failed" : "imported");
  return refusal;
}

function notTaken(batch: SubmittedBatch, { errors }: RemoteBatch): BatchFailure {
  const texts = errors.map(({ code, message }) =>
    code === null ? message : `${code}: ${message}`,
  );
  const shown = [...new Set(texts)].slice(0, 5).join("; ");
  const isFinal = errors.every(({ code }) => code !== "token_limit_exceeded");
  const reason = `was not taken: ${shown === "" ? "no reason given" : shown}`;
  return { error: failureOf(batch, reason), isFinal };
}

function failureOf({ service, batchId, requests, model }: SubmittedBatch, how: string): FlowError {
  return new FlowError(
    "PROVIDER_FAILED",
    `${service.baseUrl}: batch ${batchId} of ${requests} requests to ${model} ${how}. Fix that, and run again.`,
  );
}

function serviceCache(): (address: ServiceAddress) => BatchService {
  const services = new Map<string, BatchService>();
  return (address) => {
    const name = JSON.stringify(address);
    const service = services.get(name) ?? openBatchService(address);
    services.set(name, service);
    return service;
  };
}
