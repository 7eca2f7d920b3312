import { describe, expect, it } from 'vitest';
import { UsageError } from '../common/usage-error.ts';
import { parseCommandLine } from '../options.ts';

function options(line: string) {
  const parsed = parseCommandLine(['-kernel', 'k', ...line.split(' ')]);
  if (parsed.kind !== 'run') throw new Error('help instead of options');
  return parsed.options;
}

const MAC = '52:54:00:12:34';

describe('network cards on the command line', () => {
  it('are -nic, and -device with -netdev', () => {
    const { nics, netdevs } = options(
      '-nic socket,listen=:1234 -netdev socket,id=n,connect=h:1 -device ne2k_pci,netdev=n,id=c -device virtio-net-pci,mac=52:54:00:AA:00:01',
    );
    expect(nics.map(({ name, spec, netdev }) => [name, spec.model, spec.mac, netdev])).toEqual([
      ['virtio-net.0', 'virtio-net', `${MAC}:56`, '#net0'],
      ['c', 'ne2k-pci', `${MAC}:57`, 'n'],
      ['virtio-net.2', 'virtio-net', '52:54:00:aa:00:01', undefined],
    ]);
    expect(netdevs).toEqual([
      { id: '#net0', kind: 'listen', at: { host: '', port: 1234 } },
      { id: 'n', kind: 'connect', to: { host: 'h', port: 1 } },
    ]);
    expect(options('-nic none').nics).toEqual([]);
  });

  it('are virtio cards for drivers of version 1.0 alone', () => {
    const { nics } = options('-device virtio-net-pci,disable-legacy=on,disable-modern=off');
    expect(nics[0].spec.properties).toEqual({ 'disable-legacy': 'on', 'disable-modern': 'off' });
  });

  it.each([
    [
      'socket,udp=h:1,localaddr=:2',
      { kind: 'datagrams', local: { host: '', port: 2 }, remote: { host: 'h', port: 1 } },
    ],
    [
      'socket,mcast=230.0.0.1:1234',
      { kind: 'datagrams', local: { host: '0.0.0.0', port: 1234 }, remote: { host: '230.0.0.1', port: 1234 } },
    ],
    ['socket,connect=[::1]:5', { kind: 'connect', to: { host: '::1', port: 5 } }],
    ['stream,addr.type=inet,addr.host=h,addr.port=7', { kind: 'connect', to: { host: 'h', port: 7 } }],
    ['stream,server=on,addr.type=unix,addr.path=/s', { kind: 'listen', at: { path: '/s' } }],
    [
      'dgram,local.type=inet,local.host=a,local.port=1,remote.type=inet,remote.host=b,remote.port=2',
      { kind: 'datagrams', local: { host: 'a', port: 1 }, remote: { host: 'b', port: 2 } },
    ],
  ])('lead to %s', (netdev, expected) => {
    const [kind, ...rest] = netdev.split(',');
    expect(options(`-netdev ${[kind, 'id=x', ...rest].join(',')}`).netdevs).toEqual([{ id: 'x', ...expected }]);
  });

  it.each([
    ['-netdev user,id=n', '"user" is not possible here (there are socket, stream, dgram)'],
    ['-netdev socket,listen=:1', 'id= is missing'],
    ['-netdev socket,id=n', 'exactly one of listen=, connect=, mcast= or udp= is needed'],
    ['-netdev socket,id=n,listen=:1,connect=:2', 'exactly one of'],
    ['-netdev socket,id=n,listen=1234', '"1234" is not HOST:PORT'],
    ['-netdev socket,id=n,listen=:x', '"x" is not a port from 0 to 65535'],
    ['-netdev socket,id=n,udp=:1', 'localaddr= is needed'],
    ['-netdev socket,id=n,listen=:1,vlan=3', 'unknown property "vlan"'],
    ['-netdev stream,id=n,addr.type=fd', 'addr.type= is inet or unix'],
    ['-netdev dgram,id=n,local.type=unix,local.path=x', 'local.type=unix is not possible'],
    ['-netdev socket,id=n,listen=:1 -netdev socket,id=n,listen=:2', 'the id "n" is taken'],
    ['-device virtio-net-pci,netdev=m', 'there is no -netdev with id=m'],
    ['-device virtio-net-pci,mac=1:2', '"1:2" is not a MAC address'],
    ['-device ne2k_pci,disable-legacy=on', 'unknown property "disable-legacy"'],
    ['-device virtio-net-pci,disable-modern=maybe', 'disable-modern must be "on" or "off"'],
    ['-device ne2k_pci,speed=1', 'unknown property "speed"'],
    ['-nic socket,listen=:1,model=e1000', 'there is no card "e1000" (there are virtio-net-pci, ne2k_pci)'],
    [
      '-netdev socket,id=n,listen=:1 -device ne2k_pci,netdev=n -device ne2k_pci,netdev=n',
      'the -netdev n has a card already',
    ],
  ])('refuse %s', (line, message) => {
    expect(() => options(line)).toThrow(UsageError);
    expect(() => options(line)).toThrow(message);
  });
});
