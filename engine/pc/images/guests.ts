// Which operating system is in an image, from what its maker wrote into it, and what machine suits that system. A table; the
// first line that fits decides.

import type { ProposedVm } from './recognized.ts';

export interface Guest {
  name: string;
  /** It runs well with this much. */
  memoryMiB: number;
  nic: ProposedVm['nic'];
  /** Its installer's CD wants a disk to install to, or none where it runs from the CD. */
  blankDiskMiB?: number;
}

/** What is known of an image. */
export interface Evidence {
  /** Volume names, descriptions, texts such as `.disk/info`. */
  label?: string;
  /** Names in the root directory. */
  files?: readonly string[];
  /** Code of the boot sector, or what else the BIOS starts, as text. */
  boot?: string;
  /** Types in the partition table. */
  partitions?: readonly number[];
}

interface Line extends Guest {
  label?: RegExp;
  /** Names in lower case, each between slashes: "/win98/autorun.inf/". */
  files?: RegExp;
  boot?: RegExp;
  partition?: number;
}

const DISK_SMALL = 512;
const DISK = 2048;
const DISK_LARGE = 8192;

const virtio = (name: string, memoryMiB: number, blankDiskMiB?: number): Guest => ({
  name,
  memoryMiB,
  nic: 'virtio-net',
  blankDiskMiB,
});
/** Without drivers for virtio. */
const plain = (name: string, memoryMiB: number, blankDiskMiB?: number): Guest => ({
  name,
  memoryMiB,
  nic: 'ne2k-pci',
  blankDiskMiB,
});

/** Files on Microsoft's CDs: `CDROM_W.40` and the like are NT 4.0's, `CDROM_IP.5` Windows 2000's, `WIN51` that of 5.1 (XP). */
const LINES: readonly Line[] = [
  { ...plain('Windows NT 4.0', 128, DISK), files: /\/cdrom_[nsw]\.40\// },
  { ...plain('Windows 2000', 256, DISK), files: /\/cdrom_(nt|i[psa])\.5\// },
  { ...plain('Windows XP', 512, DISK_LARGE), files: /\/win51(i[pc])?\// },
  { ...plain('Windows Server 2003', 512, DISK_LARGE), files: /\/win52|\/win51i[as]\// },
  { ...plain('Windows 95', 64, DISK), files: /\/win95\//, label: /^WIN_?95/i },
  { ...plain('Windows 98', 128, DISK), files: /\/win98\//, label: /^WIN_?98/i },
  { ...plain('Windows Me', 192, DISK), files: /\/win9x\//, label: /^WIN_?ME/i },
  { ...plain('Windows XP', 512, DISK_LARGE), label: /^(GRTMP|WXP|VRMP|XRMP|VX2P|GRTMH|WXH)/ },
  { ...plain('Windows 2000', 256, DISK), label: /^W2[AKPS]/ },
  { ...plain('Windows NT', 128, DISK), label: /^NT(WKS|SRV|40)/i },
  { ...plain('ReactOS', 256, DISK), label: /reactos/i, files: /\/reactos\// },
  { ...plain('Windows Vista or later', 1024, DISK_LARGE), files: /\/bootmgr\/.*\/sources\/|\/sources\/.*\/bootmgr\// },

  { ...virtio('Debian', 512, DISK_LARGE), label: /debian/i },
  { ...virtio('Ubuntu', 1024, DISK_LARGE), label: /ubuntu/i },
  { ...virtio('Linux Mint', 1024, DISK_LARGE), label: /linux mint/i },
  { ...virtio('Devuan', 512, DISK_LARGE), label: /devuan/i },
  { ...virtio('Alpine Linux', 256, DISK), label: /alpine/i },
  { ...virtio('Arch Linux', 1024, DISK_LARGE), label: /\bARCH(32)?_|archlinux/i },
  { ...virtio('Fedora', 1024, DISK_LARGE), label: /fedora/i },
  { ...virtio('CentOS', 1024, DISK_LARGE), label: /centos|\bRHEL/i },
  { ...virtio('openSUSE', 1024, DISK_LARGE), label: /suse/i },
  { ...virtio('Gentoo', 512, DISK_LARGE), label: /gentoo/i },
  { ...virtio('Slackware', 512, DISK_LARGE), label: /slack(ware|dvd)/i },
  { ...virtio('Void Linux', 512, DISK_LARGE), label: /\bvoid/i },
  { ...virtio('Tiny Core Linux', 128), label: /core(plus|pure)|tinycore|^core$/i },
  { ...virtio('Puppy Linux', 512), label: /puppy/i, files: /\/puppy[^/]*\.sfs\// },
  { ...virtio('Knoppix', 1024), label: /knoppix/i },
  { ...virtio('Kali Linux', 1024, DISK_LARGE), label: /\bkali/i },
  { ...virtio('antiX or MX Linux', 512, DISK_LARGE), label: /antix|\bMX-?live/i },
  { ...virtio('GParted Live', 512), label: /gparted/i },
  { ...virtio('SystemRescue', 512), label: /^RESCUE|systemrescue/i },
  { ...virtio('FreeBSD', 512, DISK_LARGE), label: /freebsd|_RELEASE_(i386|amd64)/i, boot: /FreeBSD|BTX loader/ },
  { ...virtio('OpenBSD', 256, DISK), label: /openbsd/i, partition: 0xa6 },
  { ...virtio('NetBSD', 256, DISK), label: /netbsd/i, partition: 0xa9 },
  { ...virtio('DragonFly BSD', 512, DISK_LARGE), label: /dragonfly/i, partition: 0x6c },
  { ...virtio('FreeBSD', 512), partition: 0xa5 },
  { ...virtio('Haiku', 512, DISK), label: /haiku/i, partition: 0xeb, boot: /haiku/i },
  { ...virtio('Plan 9', 256, DISK), label: /plan ?9|9front/i, partition: 0x39 },
  { ...plain('Minix', 256, DISK), label: /minix/i, partition: 0x81 },
  { ...plain('GNU Hurd', 512, DISK_LARGE), label: /hurd/i },
  { ...plain('Solaris', 512, DISK_LARGE), label: /solaris|openindiana/i },
  { ...plain('OS/2', 128, DISK), label: /\bos\/?2\b|ecomstation|arcaos/i, boot: /OS2LDR|OS2BOOT/ },
  { ...plain('KolibriOS', 128), label: /kolibri/i, boot: /KOLIBRI|KERNEL {2}MNT/ },
  { ...plain('MenuetOS', 128), label: /menuet/i, boot: /MENUET/i },
  { ...plain('TempleOS', 512), label: /temple ?os/i },
  { ...plain('MikeOS', 32), label: /mikeos/i, boot: /MIKEOS/ },
  { ...plain('Syllable', 128, DISK_SMALL), label: /syllable/i },
  { ...plain('memtest86+', 128), label: /memtest|mt86/i, boot: /memtest86/i },
  { ...plain('iPXE', 128), label: /ipxe/i, boot: /iPXE/ },
  { ...plain('GRUB', 64), label: /^(grub|super ?grub)/i },

  {
    ...plain('FreeDOS', 64, DISK_SMALL),
    label: /freedos|^FD1\d/i,
    boot: /FreeDOS|FRDOS|KERNEL {2}SYS/,
    files: /\/kernel\.sys\//,
  },
  { ...plain('Windows NT', 256), boot: /NTLDR/, files: /\/ntldr\// },
  { ...plain('Windows Vista or later', 1024), boot: /BOOTMGR/ },
  { ...plain('Windows 95 or 98', 128), boot: /MSWIN4|WINBOOT SYS/ },
  { ...plain('MS-DOS', 32), boot: /MSDOS {3}SYS/, files: /\/io\.sys\/|\/msdos\.sys\// },
  {
    ...plain('PC DOS or DR-DOS', 32),
    boot: /IBMBIO {2}COM|IBMDOS {2}COM|DRBIOS/,
    files: /\/(ibmbio|drbios)\.(com|sys)\//,
  },
  { ...virtio('Linux', 512), boot: /SYSLINUX|ISOLINUX|LILO|EXTLINUX/, files: /\/(iso|sys|ld)linux(\.bin|\.sys)?\// },
  { ...virtio('Linux', 512), boot: /GRUB/ },
  { ...virtio('Linux', 512), partition: 0x83 },
  { ...plain('Windows NT', 256), partition: 0x07 },
  ...[0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e].map((partition): Line => ({ ...plain('DOS or Windows', 64), partition })),
];

/** Of what nothing is known. */
export const UNKNOWN_GUEST: Guest = { name: 'Unknown', memoryMiB: 256, nic: 'ne2k-pci' };

export function guessGuest({ label = '', files = [], boot = '', partitions = [] }: Evidence): Guest {
  const listed = `/${files.join('/').toLowerCase()}/`;
  const found = LINES.find(
    (line) =>
      line.label?.test(label) ||
      line.files?.test(listed) ||
      line.boot?.test(boot) ||
      (line.partition !== undefined && partitions.includes(line.partition)),
  );
  if (!found) return UNKNOWN_GUEST;
  const { name, memoryMiB, nic, blankDiskMiB } = found;
  return { name, memoryMiB, nic, blankDiskMiB };
}

const SAYS_64 = /amd64|x86[-_ ]?64|\bx64\b|64[-_ ]?bit/i;
const SAYS_32 = /i[3-6]86|x86(?![-_ ]?64)|\bx32\b|multi-?arch|32[-_ ]?bit/i;

/** Does a text say that something is for 64-bit processors and for no others? */
export function saysOnly64Bits(text: string): boolean {
  return SAYS_64.test(text) && !SAYS_32.test(text);
}
