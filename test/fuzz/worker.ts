import { parentPort, workerData } from 'node:worker_threads';
import { fuzz, type FuzzOrder } from './fuzzer.js';
import { InputSlot } from './shared.js';
import { targets } from './targets/index.js';

/** Runs one target in a thread of its own, so that a hang can be ended from outside. */
const { name, order, buffer } = workerData as {
  readonly name: string;
  readonly order: FuzzOrder;
  readonly buffer: SharedArrayBuffer;
};
const target = targets.find((candidate) => candidate.name === name);
if (target === undefined || parentPort === null) throw new Error(`there is no target \`${name}\``);
const port = parentPort;
const count = await fuzz(target, order, new InputSlot(buffer), (finding) => port.postMessage({ finding }));
port.postMessage({ count });
