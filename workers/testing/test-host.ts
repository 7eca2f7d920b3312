// A host for tests: real but for its CPUs, which are scripted, and on a subnet of its own.

import type { HostEvent, VmSpec } from '../../engine/host/api.ts';
import { type HostOptions, HostService } from '../../engine/host/host-service.ts';
import { MemoryTerms } from '../../engine/subnet/presence/memory-terms.ts';
import { MemoryLeases } from '../../engine/subnet/testing/memory-leases.ts';
import { loadEngine } from '../launch-vcpu.ts';
import { type ScriptedPlatform, scriptedPlatform } from './scripted-platform.ts';
import type { TestChannels } from './test-channels.ts';
import { tinyKernel } from './tiny-kernel.ts';

export interface TestHost {
  service: HostService;
  platform: ScriptedPlatform;
  events: HostEvent[];
}

export const TEST_VM: VmSpec = {
  id: 'vm-1',
  name: 'web',
  guestOs: 'Linux',
  memoryMiB: 16,
  kernel: { kind: 'bytes', name: 'tiny', bytes: tinyKernel() },
  commandLine: 'console=ttyS0',
};

export async function startTestHost(
  channels: TestChannels,
  id: string,
  memoryMiB = 64,
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  const platform = scriptedPlatform();
  const events: HostEvent[] = [];
  const service = await HostService.start({
    spec: { id, name: id, memoryMiB, link: { bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 } },
    tabId: 'tab',
    loadEngine: () => loadEngine(platform),
    cores: 2,
    openPort: channels.open,
    terms: new MemoryTerms(),
    leaseStore: new MemoryLeases(),
    fetchImage: async (source) => {
      if (source.kind === 'url') throw new Error(`The image ${source.url} is missing.`);
      return source.bytes;
    },
    onConsole: () => {},
    onShutdown: () => {},
    ...options,
  });
  service.events.add({ postMessage: ({ event }) => events.push(event) });
  return { service, platform, events };
}
