import { describe, expect, it } from 'vitest';
import { AIMS, isMet } from './aims.ts';
import { DISK_MODELS, DISK_SUITE, largeRow } from './suites/disk.ts';
import { FIRMWARE_SUITE, FROM_FLOPPY } from './suites/firmware-boot.ts';
import { QUIET_SUITE, STILL_SHOWN } from './suites/quiet-screen.ts';
import { Results } from './suites/results.ts';

const [IDE, VIRTIO] = DISK_MODELS;

/** Of the aims for which there are figures. */
function judged(results: Results): Record<string, [number, boolean]> {
  return Object.fromEntries(
    AIMS.flatMap((aim) => {
      const measured = aim.measured(results);
      return measured === undefined ? [] : [[aim.what, [measured, isMet(aim, measured)]]];
    }),
  );
}

describe('AIMS', () => {
  it('says nothing of what was not measured', () => expect(judged(new Results())).toEqual({}));

  it("compares medians with v86's where both ran", () => {
    const results = new Results();
    for (const seconds of [9, 4, 5]) results.add(FIRMWARE_SUITE, FROM_FLOPPY, 's', 'tabvisor-node', seconds);
    results.add(FIRMWARE_SUITE, FROM_FLOPPY, 's', 'v86-node', 10);
    results.add(FIRMWARE_SUITE, FROM_FLOPPY, 's', 'v86-chromium', 10);
    expect(judged(results)).toEqual({ [`firmware: ${FROM_FLOPPY}, Node`]: [0.5, true] });
  });

  it("compares a disk on virtio with v86's IDE disk", () => {
    const results = new Results();
    results.add(DISK_SUITE, largeRow(IDE!, 'read'), 'MB/s', 'v86-chromium', 10);
    results.add(DISK_SUITE, largeRow(IDE!, 'read'), 'MB/s', 'tabvisor-chromium', 29);
    results.add(DISK_SUITE, largeRow(VIRTIO!, 'read'), 'MB/s', 'tabvisor-chromium', 30);
    expect(judged(results)).toEqual({
      [`disk: ${largeRow(IDE!, 'read')}, Chromium`]: [2.9, false],
      [`disk: ${largeRow(VIRTIO!, 'read')}, Chromium`]: [3, true],
    });
  });

  it('bounds what a screen costs that does not change', () => {
    const results = new Results();
    results.add(QUIET_SUITE, STILL_SHOWN, '% of a core', 'tabvisor-chromium', 0.11);
    expect(judged(results)).toEqual({ [`${QUIET_SUITE}: ${STILL_SHOWN}`]: [0.11, false] });
  });
});
