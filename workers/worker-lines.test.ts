import { describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { serveWorkers, type WorkerKind, workersAt } from './worker-lines.ts';

/** What a page needs of a worker; it echoes what comes by its port. */
class EchoWorker extends EventTarget {
  terminated = false;
  #port: MessagePort | undefined;

  postMessage({ port }: { port: MessagePort }): void {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<string>) => port.postMessage(`${data}!`);
  }

  fail(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }

  terminate(): void {
    this.terminated = true;
    this.#port?.close();
  }
}

function lines(start?: (kind: WorkerKind) => Worker) {
  const started: { kind: WorkerKind; worker: EchoWorker }[] = [];
  const { port1, port2 } = new MessageChannel();
  const end = serveWorkers(
    port1,
    start ??
      ((kind) => {
        const worker = new EchoWorker();
        started.push({ kind, worker });
        return worker as unknown as Worker;
      }),
  );
  return { started, end, spawn: workersAt(port2) };
}

const answer = (port: MessagePort) =>
  new Promise<string>((resolve) => {
    port.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
  });

const death = (spawned: ReturnType<ReturnType<typeof workersAt>>) =>
  new Promise<string>((resolve) => spawned.onError(resolve));

describe('the workers of a host', () => {
  it('are started by the page, each of its kind, and speak with the host by a port of their own', async () => {
    const { started, end, spawn } = lines();
    const [translator, vcpu] = [spawn('translator'), spawn('vcpu')];
    const answers = [answer(translator.port), answer(vcpu.port)];
    translator.port.postMessage('translate');
    vcpu.port.postMessage('run');
    expect(await Promise.all(answers)).toEqual(['translate!', 'run!']);
    expect(started.map(({ kind }) => kind)).toEqual(['translator', 'vcpu']);
    end();
  });

  it('end when the host says so, the others not', async () => {
    const { started, end, spawn } = lines();
    const [first, second] = [spawn('vcpu'), spawn('vcpu')];
    await first.terminate();
    await eventually(() => expect(started[0]?.worker.terminated).toBe(true));
    const answered = answer(second.port);
    second.port.postMessage('still here');
    expect(await answered).toBe('still here!');
    expect(started[1].worker.terminated).toBe(false);
    end();
  });

  it('tell the host of what they died of', async () => {
    const { started, end, spawn } = lines();
    const died = death(spawn('vcpu'));
    await eventually(() => expect(started).toHaveLength(1));
    started[0].worker.fail('out of memory');
    expect(await died).toBe('out of memory');
    end();
  });

  it('that did not load say so', async () => {
    const { started, end, spawn } = lines();
    const died = death(spawn('vcpu'));
    await eventually(() => expect(started).toHaveLength(1));
    started[0].worker.fail('');
    expect(await died).toBe('it did not load');
    end();
  });

  it('that cannot be started are reported as dead', async () => {
    const { end, spawn } = lines(() => {
      throw new Error('too many workers');
    });
    expect(await death(spawn('vcpu'))).toBe('too many workers');
    end();
  });

  it('end with the line', async () => {
    const { started, end, spawn } = lines();
    for (const kind of ['translator', 'vcpu', 'vcpu'] as const) spawn(kind);
    await eventually(() => expect(started).toHaveLength(3));
    end();
    expect(started.map(({ worker }) => worker.terminated)).toEqual([true, true, true]);
  });
});
