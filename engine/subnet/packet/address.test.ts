import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macBytes, macText } from '../../base/mac-address.ts';
import {
  interfaceId,
  ipv4Bytes,
  ipv4FromNumber,
  ipv4Number,
  ipv4Text,
  ipv6Bytes,
  ipv6MulticastMac,
  ipv6Text,
  isGroupMac,
  linkLocalOf,
} from './address.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('addresses', () => {
  it('survive being text', () => {
    fc.assert(fc.property(bytes(6), (address) => void expect([...macBytes(macText(address))]).toEqual([...address])));
    fc.assert(fc.property(bytes(4), (address) => void expect([...ipv4Bytes(ipv4Text(address))]).toEqual([...address])));
    fc.assert(
      fc.property(bytes(16), (address) => void expect([...ipv6Bytes(ipv6Text(address))]).toEqual([...address])),
    );
    fc.assert(
      fc.property(fc.nat(0xffffffff), (number) => void expect(ipv4Number(ipv4FromNumber(number))).toBe(number)),
    );
  });

  it('are canonical as RFC 5952 has it', () => {
    for (const text of [
      '::',
      '::1',
      'fe80::1',
      'fd00:0:0:1::',
      '2001:db8::1:0:0:1',
      '2001:db8:0:1:1:1:1:1',
      '1:2:3:4:5:6:7:0',
    ]) {
      expect(ipv6Text(ipv6Bytes(text))).toBe(text);
    }
    expect(ipv6Text(ipv6Bytes('2001:DB8:0:0:0:0:0:0042'))).toBe('2001:db8::42');
  });

  it('that are none are refused', () => {
    for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '1.2.3.x'])
      expect(() => ipv4Bytes(text)).toThrow(RangeError);
    for (const text of ['', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::1:2:3:4:5:6:7:8', 'g::']) {
      expect(() => ipv6Bytes(text)).toThrow(RangeError);
    }
    for (const text of ['', '52:54:00:00:00', '52:54:00:00:00:zz', '525400000000']) {
      expect(() => macBytes(text)).toThrow(RangeError);
    }
  });

  it('give the interface identifier and the multicast address that the RFCs give', () => {
    // RFC 4291, appendix A: the universal/local bit is inverted.
    expect(macText(interfaceId('34:56:78:9a:bc:de'))).toBe('36:56:78:ff:fe:9a');
    expect(linkLocalOf('52:54:00:12:34:56')).toBe('fe80::5054:ff:fe12:3456');
    expect(ipv6MulticastMac('ff02::1:ff12:3456')).toBe('33:33:ff:12:34:56');
    expect([isGroupMac('33:33:00:00:00:01'), isGroupMac('52:54:00:00:00:01')]).toEqual([true, false]);
  });
});
