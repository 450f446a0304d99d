import { bundledEncoderFolder } from "../encode/model/bundled-encoder.ts";
import { openEncoder } from "../encode/model/encoder.ts";
import { reasonOf } from "../base/errors.ts";
import { withTemporaryFolder } from "../base/files/temporary-folder.ts";
import { withDatabase } from "../tables/database.ts";
import { devices } from "../train/engine/devices.ts";
import { tryDevice } from "../train/tfjs/load-tfjs.ts";

/** One thing r4ec needs, tested by using it. */
export interface MachineCheck {
  readonly name: string;
  readonly isOk: boolean;
  readonly finding: string;
  readonly cure?: string;
}

/** Runs a small job on every native part. */
export function checkMachine(): Promise<readonly MachineCheck[]> {
  return withTemporaryFolder("doctor", async (folder) => [
    nodeCheck(),
    await attempt("duckdb", "reinstall with npm ci on a supported platform", async () => {
      const options = { threads: 1, memoryMb: 256, tempDir: folder };
      const [row] = await withDatabase(options, (db) => db.rows("select version() as version"));
      return String(row?.["version"]);
    }),
    await attempt(
      "onnxruntime",
      "reinstall with ONNXRUNTIME_NODE_INSTALL=skip npm ci",
      async () => {
        const encoder = await openEncoder({
          folder: await bundledEncoderFolder(folder),
          threads: 1,
        });
        const { vectors } = await encoder.encode(["a film about the sea"]);
        await encoder.close();
        return `bundled encoder gives ${String(vectors.length)} numbers`;
      },
    ),
    await tfjsCheck(),
  ]);
}

function nodeCheck(): MachineCheck {
  const major = Number(/^v(\d+)/.exec(process.version)?.[1]);
  return major >= 20
    ? { name: "node", isOk: true, finding: `${process.version} (needs 20 or later)` }
    : { name: "node", isOk: false, finding: process.version, cure: "install Node.js 20 or later" };
}

/** What `train.engine: tfjs` can compute on. All of it is optional: a missing device is no failure. */
async function tfjsCheck(): Promise<MachineCheck> {
  const usable: string[] = [];
  const advice: string[] = [];
  for (const device of devices.tfjs) {
    const result = await tryDevice(device);
    if ("tf" in result) usable.push(device);
    else if (result.isInstalled) {
      advice.push(`${device} does not work: ${result.package}: ${result.reason}`);
    } else advice.push(`for ${device}: ${result.cure}`);
  }
  return {
    name: "tfjs",
    isOk: true,
    finding: `optional engine; can train on: ${usable.join(", ") || "nothing, it is not installed"}`,
    ...(advice.length > 0 && { cure: advice.join("\n") }),
  };
}

async function attempt(
  name: string,
  cure: string,
  job: () => Promise<string>,
): Promise<MachineCheck> {
  try {
    return { name, isOk: true, finding: await job() };
  } catch (error) {
    return { name, isOk: false, finding: reasonOf(error), cure };
  }
}
