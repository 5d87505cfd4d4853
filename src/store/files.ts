import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';
import { DeploymentFileError, parseDeployment } from '../venues/parseDeployment.ts';
import { type CursorStore, formatCursor, parseCursor } from './cursorFile.ts';
import { type EpochRecord, formatRecord, parseRecord } from './epochRecord.ts';

/** Where one chain's deployment and epochs are kept: plain JSON files that a person can read. */
export interface FileStore {
  saveDeployment(deployment: Deployment): Promise<void>;
  /** The one that was saved, or else the public one of the chain. @throws {NoDeploymentError} when none is known. */
  loadDeployment(): Promise<Deployment>;
  saveEpoch(record: EpochRecord): Promise<void>;
  /** @throws {NoEpochError} when it is not kept here. */
  loadEpoch(epoch: bigint | 'latest'): Promise<EpochRecord>;
  /** How far a reader of the chain has read, under its own name: readers share nothing. */
  cursorOf(reader: string): CursorStore;
}

/** The files of one chain below a data directory: `<dataDir>/<chainId>/deployment.json`, `…/epochs/<epoch>.json`, `…/cursors/<reader>.json`. */
export function openFileStore(dataDir: string, chainId: number): FileStore {
  const root = join(dataDir, String(chainId));
  const epochs = join(root, 'epochs');
  const deploymentFile = join(root, 'deployment.json');
  return {
    saveDeployment: ({ statedPrices: _, ...deployment }) =>
      write(deploymentFile, `${JSON.stringify(deployment, null, 2)}\n`),
    loadDeployment: async () => {
      const text = (await read(deploymentFile)) ?? (await read(publicFile(chainId)));
      if (text === undefined) throw new NoDeploymentError(chainId, deploymentFile);
      const deployment = parseDeployment(text);
      if (deployment.chainId !== chainId)
        throw new DeploymentFileError(`it is of chain ${deployment.chainId}, not ${chainId}`);
      return deployment;
    },
    saveEpoch: (record) => write(join(epochs, `${record.root.epoch}.json`), formatRecord(record)),
    loadEpoch: async (epoch) => {
      const name = epoch === 'latest' ? await newest(epochs) : epoch.toString();
      const text = name === undefined ? undefined : await read(join(epochs, `${name}.json`));
      if (text === undefined) throw new NoEpochError(epoch, epochs);
      return parseRecord(text);
    },
    cursorOf: (reader) => cursorFile(join(root, 'cursors', `${reader}.json`)),
  };
}

/** Where the protocols live on public chains: it comes with the package. */
function publicFile(chainId: number): string {
  return join(import.meta.dirname, '../../deployments', `${chainId}.json`);
}

function cursorFile(file: string): CursorStore {
  return {
    load: async () => {
      const text = await read(file);
      return text === undefined ? undefined : parseCursor(text);
    },
    save: (cursor) => write(file, formatCursor(cursor)),
  };
}

/** Writes beside and renames, so that a reader never sees half a file. */
async function write(file: string, text: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function newest(directory: string): Promise<string | undefined> {
  const files = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const numbers = files.filter((file) => /^\d+\.json$/.test(file)).map((file) => Number.parseInt(file, 10));
  return numbers.length === 0 ? undefined : String(Math.max(...numbers));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** No deployment is known for the chain that the RPC serves. */
export class NoDeploymentError extends MarginError {
  readonly code = 'NoDeploymentError';

  constructor(chainId: number, file: string) {
    super(
      `No deployment is known for chain ${chainId} (${file} is missing). Start one with npm start, or name its data directory with --data.`,
    );
  }
}

/** An epoch that is not kept in this data directory. */
export class NoEpochError extends MarginError {
  readonly code = 'NoEpochError';

  constructor(epoch: bigint | 'latest', directory: string) {
    super(
      `Epoch ${epoch} is not kept in ${directory}. Name another one, or the data directory of the node that posted it with --data.`,
    );
  }
}
