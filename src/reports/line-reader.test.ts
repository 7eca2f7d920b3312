import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('lines of serial output', () => {
  it('are whole however they arrive', () => {
    const reader = new LineReader();
    expect(reader.read(bytes('one\r\ntw'))).toEqual(['one\r']);
    expect(reader.read(bytes('o'))).toEqual([]);
    expect(reader.read(bytes('\nthree\n\n'))).toEqual(['two', 'three', '']);
  });

  it('do not join across missing output, nor grow without end', () => {
    const reader = new LineReader();
    reader.read(bytes('half'));
    reader.reset();
    expect(reader.read(bytes(' of it\n'))).toEqual([' of it']);
    reader.read(bytes('x'.repeat(5000)));
    expect(reader.read(bytes('y\n'))).toEqual(['y']);
  });
});
