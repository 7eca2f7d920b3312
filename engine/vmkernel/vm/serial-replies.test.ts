import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { SerialReplies } from './serial-replies.ts';

function setup() {
  const time = new VirtualTime();
  const typed: string[] = [];
  const replies = new SerialReplies(time, (bytes) => typed.push(new TextDecoder().decode(bytes)));
  const answer = (terminal: string, position: number) =>
    replies.reply({ terminal, position, bytes: new TextEncoder().encode(`${terminal}@${position}`) });
  return { time, typed, replies, answer };
}

describe('what terminals answer by themselves', () => {
  it('reaches the guest once for each question, whoever shows the VM', () => {
    const { typed, replies, answer } = setup();
    replies.printed(100);
    answer('a', 10);
    answer('b', 10);
    answer('b', 20);
    answer('a', 20);
    expect(typed).toEqual(['a@10', 'b@20']);
  });

  it('comes from the terminal that somebody types in, unless that one is silent', async () => {
    const { time, typed, replies, answer } = setup();
    replies.typed('a');
    replies.printed(100);
    answer('b', 10);
    await time.pass(100);
    answer('a', 10);
    await time.pass(1000);
    expect(typed).toEqual(['a@10']);

    replies.printed(200);
    answer('b', 150);
    answer('c', 150);
    await time.pass(1000);
    expect(typed).toEqual(['a@10', 'b@150']);
    answer('a', 150);
    expect(typed).toHaveLength(2);
  });

  it('is dropped when the question is old, or was asked before a reset', async () => {
    const { time, typed, replies, answer } = setup();
    replies.printed(100);
    await time.pass(3000);
    answer('thawed', 50);
    replies.printed(200);
    answer('thawed', 60);
    replies.forget(200);
    answer('a', 150);
    expect(typed).toEqual([]);
    replies.printed(300);
    answer('a', 250);
    expect(typed).toEqual(['a@250']);
  });

  it('cannot be about what has not been printed', () => {
    const { typed, replies, answer } = setup();
    replies.printed(100);
    answer('a', 100);
    answer('a', 1e9);
    expect(typed).toEqual([]);
    answer('a', 99);
    expect(typed).toEqual(['a@99']);
  });
});
