// The files by which the installed system differs from its packages: as few as an installer would write.

export interface SystemFile {
  /** Without a leading slash. */
  path: string;
  text: string;
  mode: number;
}

export function systemFiles(kernelRelease: string, fileSystemUuid: string): SystemFile[] {
  const file = (path: string, text: string, mode = 0o644): SystemFile => ({ path, text, mode });
  return [
    file('boot/grub/grub.cfg', grubConfiguration(kernelRelease, fileSystemUuid)),
    file('etc/fstab', `UUID=${fileSystemUuid} / ext4 errors=remount-ro 0 1\n`),
    file('etc/hostname', 'debian\n'),
    file('etc/hosts', '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost ip6-localhost ip6-loopback\n'),
    file('etc/network/interfaces', INTERFACES),
    file('etc/inittab', INITTAB),
    file('etc/adjtime', '0.0 0 0.0\n0\nUTC\n'),
    file('etc/apt/sources.list', SOURCES),
    // The power button; without a desktop nobody else listens to it.
    file('etc/acpi/events/powerbtn', 'event=button[ /]power\naction=/sbin/shutdown -h -P now\n'),
    // A small initramfs that has what this machine needs, and is quickly packed.
    file('etc/initramfs-tools/conf.d/tabvisor', 'MODULES=list\nCOMPRESS=gzip\nRESUME=none\n'),
    file('etc/initramfs-tools/modules', 'ata_piix\nata_generic\nsd_mod\nsr_mod\nvirtio_pci\nvirtio_blk\next4\n'),
    file('root/.hushlogin', ''),
  ];
}

/** On the screen and on the first serial port at once. */
function grubConfiguration(release: string, uuid: string): string {
  return `set timeout=2
set default=0
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
insmod ext2
search --no-floppy --fs-uuid --set=root ${uuid}
menuentry "Debian GNU/Linux 12" {
  linux /boot/vmlinuz-${release} root=UUID=${uuid} ro console=tty0 console=ttyS0,115200 noisapnp net.ifnames=0
  initrd /boot/initrd.img-${release}
}
menuentry "Debian GNU/Linux 12 (recovery mode)" {
  linux /boot/vmlinuz-${release} root=UUID=${uuid} ro single console=tty0 console=ttyS0,115200 net.ifnames=0
  initrd /boot/initrd.img-${release}
}
`;
}

const INTERFACES = `auto lo
iface lo inet loopback

allow-hotplug eth0
iface eth0 inet dhcp
`;

/** sysvinit's own (/usr/share/sysvinit/inittab), with fewer consoles and one on the serial port. */
const INITTAB = `id:2:initdefault:
si::sysinit:/etc/init.d/rcS
~~:S:wait:/sbin/sulogin --force
l0:0:wait:/etc/init.d/rc 0
l1:1:wait:/etc/init.d/rc 1
l2:2:wait:/etc/init.d/rc 2
l3:3:wait:/etc/init.d/rc 3
l4:4:wait:/etc/init.d/rc 4
l5:5:wait:/etc/init.d/rc 5
l6:6:wait:/etc/init.d/rc 6
z6:6:respawn:/sbin/sulogin --force
ca:12345:ctrlaltdel:/sbin/shutdown -t1 -a -r now
1:2345:respawn:/sbin/agetty --noclear tty1 linux
2:23:respawn:/sbin/agetty tty2 linux
S0:2345:respawn:/sbin/agetty -L ttyS0 115200 vt220
`;

const SOURCES = ['bookworm', 'bookworm-updates']
  .map((suite) => `deb http://deb.debian.org/debian ${suite} main\n`)
  .concat('deb http://deb.debian.org/debian-security bookworm-security main\n')
  .join('');
