import { describe, expect, it } from 'vitest';
import type { HostEvent } from './api.ts';
import { EventBus } from './event-bus.ts';

function console(bus: EventBus) {
  const events: HostEvent[] = [];
  const port = { postMessage: ({ event }: { event: HostEvent }) => events.push(event) };
  return { events, port, leave: bus.add(port) };
}

describe('what a host tells consoles of serial output', () => {
  it('is one message until the console has read again, however much is printed', () => {
    const bus = new EventBus();
    const [reader, frozen] = [console(bus), console(bus)];
    for (const { port } of [reader, frozen]) bus.await(port, 'serial', 'vm');
    for (let n = 0; n < 1000; n++) {
      bus.tell('serial', 'vm');
      bus.await(reader.port, 'serial', 'vm');
    }
    expect(reader.events).toHaveLength(1000);
    expect(frozen.events).toEqual([{ type: 'serial', vmId: 'vm' }]);
  });

  it('concerns the VMs that it waits for, and ends with its connection', () => {
    const bus = new EventBus();
    const { events, port, leave } = console(bus);
    bus.await(port, 'serial', 'one');
    bus.tell('serial', 'other');
    bus.tell('serial-room', 'one');
    expect(events).toEqual([]);
    leave();
    bus.await(port, 'serial', 'one');
    bus.tell('serial', 'one');
    expect(events).toEqual([]);
  });
});
