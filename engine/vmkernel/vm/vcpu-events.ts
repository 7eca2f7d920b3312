// Where what a vCPU reports goes in its VM.

import type { VmAgent } from '../agent/vm-agent.ts';
import type { VcpuEvent, VcpuStop } from '../vcpu/vcpu-api.ts';
import type { GuestWatch } from './guest-watch.ts';
import type { Instance } from './instance.ts';
import type { SerialReplies } from './serial-replies.ts';
import type { VmInput } from './vm-input.ts';
import type { VmOutput } from './vm-output.ts';
import type { VmEvent } from './vm-ports.ts';

export interface VcpuEventPorts {
  output: VmOutput;
  replies: SerialReplies;
  agent: VmAgent;
  input: VmInput;
  guestWatch: GuestWatch;
  /** Undefined while it is off. */
  instance(): Instance | undefined;
  now(): number;
  onEvent(event: VmEvent): void;
  stopped(stop: VcpuStop): void;
}

export function handleVcpuEvent(event: VcpuEvent, ports: VcpuEventPorts): void {
  const { output, replies, agent, input, guestWatch, onEvent } = ports;
  switch (event.type) {
    case 'serial':
      output.com1.append(event.bytes);
      replies.printed(output.com1.end);
      guestWatch.printed(event.bytes, ports.now());
      onEvent(event);
      break;
    case 'serial-room':
      agent.room();
      onEvent(event);
      break;
    case 'display-changed':
      ports.instance()?.screen.stateChanged();
      break;
    case 'channel-opened':
      agent.opened(event.channel, event.open);
      break;
    case 'output':
      if (agent.output(event.channel, event.bytes)) break;
      output.append(event.channel, event.bytes);
      onEvent(event);
      break;
    case 'input':
      input.changed(event.state);
      break;
    case 'speaker':
      input.sounded(event.changes);
      onEvent({ type: 'speaker' });
      break;
    case 'page-wanted':
      ports.instance()?.memory.supply?.want(event.page, event.write);
      break;
    case 'halted':
      if (ports.instance()) guestWatch.halted();
      break;
    case 'panicked':
      if (ports.instance()) guestWatch.panicked();
      break;
    case 'not-implemented':
      guestWatch.notImplemented(event.mnemonic, event.linear);
      break;
    case 'stood-still':
      onEvent({ type: 'guest', event: { kind: 'stood-still', detail: `for ${formatSeconds(event.ms)}` } });
      break;
    case 'stopped':
      ports.stopped(event.stop);
  }
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
