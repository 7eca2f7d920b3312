import { describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import * as L from '../engine/cpu/abi/layout.ts';
import { recordAnswers } from '../engine/cpu/code-cache/code-answers.ts';
import type {
  BundleReply,
  BundleRequest,
  TranslationReply,
  TranslationRequest,
} from '../engine/cpu/regions/translation-service.ts';
import { HostTranslator } from './host-translator.ts';
import { scriptedPlatform } from './testing/scripted-platform.ts';

const CPU = 0x10000;
const MODE = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;

/** ADD EAX,1; RET at the start of a page. */
function request(id: number): TranslationRequest {
  const page = new Uint8Array(4096);
  page.set([0x05, 1, 0, 0, 0, 0xc3]);
  const no = () => false;
  const { source, answers } = recordAnswers({
    page: () => page,
    seen: no,
    called: no,
    resumed: no,
    straddles: no,
    general: no,
    planar: no,
    targets: () => [],
  });
  source.page(0);
  return { id, entry: 0, mode: MODE, answers: answers(), pages: new Map([[0, page]]) };
}

/** The same region fifty times. */
function bundleRequest(bundle: number): BundleRequest {
  const { id, ...code } = request(0);
  return { bundle, regions: Array.from({ length: 50 }, () => ({ ...code, instructions: 2 })) };
}

function setUp() {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const doorbell = () => Atomics.load(new Int32Array(memory.buffer), (CPU + L.DOORBELL) / 4);
  return { memory, doorbell, translator: new HostTranslator(scriptedPlatform()) };
}

function replies(line: MessagePort): (TranslationReply | BundleReply)[] {
  const received: (TranslationReply | BundleReply)[] = [];
  line.onmessage = ({ data }) => received.push(data);
  return received;
}

describe('HostTranslator', () => {
  it('gives a vCPU a line on which regions come back, and rings its bell', async () => {
    const { memory, doorbell, translator } = setUp();
    const line = (await translator.connect(memory, CPU))!;
    const received = replies(line);
    line.postMessage(request(7));
    await eventually(() => expect(received).toHaveLength(1));
    expect(received[0]).toMatchObject({ id: 7, region: { instructions: 2, entries: [{ offset: 0 }] } });
    expect(WebAssembly.Module.exports((received[0] as TranslationReply).region!.module)).toMatchObject([
      { name: 'region' },
    ]);
    expect(doorbell() & L.DOORBELL_STOP).not.toBe(0);
    await translator.disconnect(CPU);
  });

  it('makes bundles beside regions, for which hot code waits', async () => {
    const { memory, translator } = setUp();
    const line = (await translator.connect(memory, CPU))!;
    const received = replies(line);
    line.postMessage(bundleRequest(1));
    line.postMessage(request(7));
    await eventually(() => expect(received).toHaveLength(2));
    expect(received).toMatchObject([{ id: 7 }, { bundle: 1 }]);
    const { made } = received[1] as BundleReply;
    expect(WebAssembly.Module.exports(made!.module)).toHaveLength(50);
    await translator.disconnect(CPU);
  });

  it('leaves the CPU block alone once it has disconnected, whatever it was making', async () => {
    const { memory, doorbell, translator } = setUp();
    const line = (await translator.connect(memory, CPU))!;
    line.postMessage(bundleRequest(1));
    await translator.disconnect(CPU);
    // When another bundle has been made, this would have been.
    const other = (await translator.connect(memory, CPU + 0x1000))!;
    const answered = replies(other);
    other.postMessage(bundleRequest(2));
    await eventually(() => expect(answered).toHaveLength(1));
    expect(doorbell()).toBe(0);
    await translator.disconnect(CPU + 0x1000);
    line.close();
  });

  it('does not ring for a CPU that is halted', async () => {
    const { memory, doorbell, translator } = setUp();
    new Int32Array(memory.buffer)[(CPU + L.RUN_STATE) / 4] = L.RUN_HALTED;
    const line = (await translator.connect(memory, CPU))!;
    const received = replies(line);
    line.postMessage(request(7));
    await eventually(() => expect(received).toHaveLength(1));
    // The bell is rung behind the reply.
    line.postMessage(request(8));
    await eventually(() => expect(received).toHaveLength(2));
    expect(doorbell()).toBe(0);
    await translator.disconnect(CPU);
  });

  it('leaves the CPU block alone once it has disconnected', async () => {
    const { memory, doorbell, translator } = setUp();
    const line = (await translator.connect(memory, CPU))!;
    const received = replies(line);
    const disconnected = translator.disconnect(CPU);
    for (let id = 0; id < 20; id++) line.postMessage(request(id));
    await disconnected;
    new Int32Array(memory.buffer).fill(0);
    // When another vCPU's request has been answered, these would have been.
    const other = (await translator.connect(memory, CPU + 0x1000))!;
    const answered = replies(other);
    other.postMessage(request(99));
    await eventually(() => expect(answered).toHaveLength(1));
    expect(doorbell()).toBe(0);
    expect(received.length).toBeLessThan(20);
    await translator.disconnect(CPU + 0x1000);
    line.close();
  });

  it('gives no lines when its worker is gone', async () => {
    const platform = scriptedPlatform();
    const translator = new HostTranslator({
      ...platform,
      spawnTranslator: () => ({
        ...platform.spawnTranslator(),
        onError: (listener) => listener('out of memory'),
      }),
    });
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    expect(await translator.connect(memory, CPU)).toBeUndefined();
    await translator.disconnect(CPU);
  });
});
