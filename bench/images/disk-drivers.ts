// The initramfs of the guest "linux" with Debian's drivers of IDE disks, which it comes without: its own disks are on virtio.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';
import { PrivateApt } from '../../guests/packages/apt.ts';
import { type CpioEntry, writeCpio } from '../../guests/packages/cpio.ts';
import { filesOfDeb } from '../../guests/packages/deb.ts';

const APT = fileURLToPath(new URL('../../.cache/guests/apt', import.meta.url));
const DEBIAN_RELEASE = 'bookworm';
const FOLDER = 'lib/ide';

/** Each behind those that it needs; the checksums are what sd_mod's protection of data stands on. */
const MODULES = [
  ...['crct10dif_common', 'crct10dif_generic', 'crc-t10dif', 'crc64', 'crc64_rocksoft_generic', 'crc64-rocksoft'],
  ...['t10-pi', 'scsi_common', 'scsi_mod', 'sd_mod', 'libata', 'ata_piix'],
];

/** Loads those of the drivers that the guest has not loaded already; for its shell. */
export const START_IDE = `for m in ${MODULES.join(' ')}; do grep -q "^$(echo $m | tr - _) " /proc/modules || insmod /${FOLDER}/$m.ko || break; done`;

/** @param kernelPackage the Debian package whose kernel the guest boots. Rejects with what is missing. */
export async function withDiskDrivers(initrd: Uint8Array, kernelPackage: string): Promise<Uint8Array> {
  const apt = new PrivateApt(APT, 'i386', DEBIAN_RELEASE);
  apt.update();
  const archive = apt.download(apt.show(kernelPackage));
  const contents = await filesOfDeb(
    archive,
    MODULES.map((name) => `*/${name}.ko`),
  );
  const entries: CpioEntry[] = [
    { kind: 'directory', path: FOLDER, mode: 0o755 },
    ...contents.map((data, n): CpioEntry => ({ kind: 'file', path: `${FOLDER}/${MODULES[n]}.ko`, mode: 0o644, data })),
  ];
  return Buffer.concat([initrd, gzipSync(writeCpio(entries), { mtime: 0 })]);
}
