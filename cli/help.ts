import { deviceUsage } from './device-options.ts';

/** What -help prints. */
export const HELP = `Runs one virtual machine here, in Node, with its serial port on this terminal. Options are QEMU's.

  npm run -s vm -- -kernel FILE [options]
  npm run -s vm -- [options]                     starts from firmware

What runs
  -kernel FILE             Linux kernel (bzImage), or a multiboot 1 kernel (ELF, or with address fields)
  -initrd FILE             Linux: its initial RAM disk
  -initrd "FILE ARGS,…"    multiboot: its modules, each a file and a command line of its own
  -append TEXT             the kernel's command line, for instance "console=ttyS0"
  -bios FILE               instead of SeaBIOS, from which a machine without a kernel starts: ROM that ends at 4 GiB and (its last 128 KiB) at 1 MiB; a multiple of
                           64 KiB. The CPU starts at the reset vector.
  -L DIR                   where to look for firmware too
  -boot [order=]acdn[,once=LETTERS][,menu=on][,splash-time=MS][,reboot-timeout=MS][,strict=on]
                           what firmware tries: floppy, disk, CD, network; once: at the first boot; menu: offers a choice, for
                           that time; reboot-timeout: when nothing could be booted, after that time it starts again
The machine
  -name NAME               what monitors call it
  -m SIZE                  memory in MiB, or with the suffix M or G (default 128)
  -cpu MODEL[,±FEATURE]    what CPUID tells ("-cpu help" lists both). What is not told is refused: bits of CR4 and EFER, SSE,
                           CLAC, RDMSR, RDPID, RDTSC, RDTSCP, STAC, SYSENTER. Other instructions stay. Properties
                           that change nothing of an emulated CPU, such as host-phys-bits, are accepted.
  -smp 1, -M pc            the machine that there is
  -accel tcg               emulate the processor in software; of several (-accel kvm -accel tcg, -machine accel=kvm:tcg) one
                           must be this
  -nodefaults              no serial port unless asked for
  -nic none, -net none     no network card, as without these options
  -rtc base=utc            the clock shows UTC
  -vga std|none            a screen, which a monitor's screendump shows (default: std with firmware, none with a kernel)
  -display none, -vnc none there is no window
Networks: another machine's, a QEMU's too, at the other end of sockets. A card's frames have no VLAN tags.
  -nic NETDEV[,model=virtio-net-pci|ne2k_pci][,mac=MAC]
                           a card with what it is connected to; NETDEV as below, without id=
  -netdev socket,id=ID,listen=[HOST]:PORT | connect=HOST:PORT | mcast=GROUP:PORT[,localaddr=HOST]
                           | udp=HOST:PORT,localaddr=HOST:PORT
  -netdev stream,id=ID,server=on|off,addr.type=inet,addr.host=HOST,addr.port=PORT
                           or addr.type=unix,addr.path=PATH
  -netdev dgram,id=ID,local.type=inet,local.host=HOST,local.port=PORT,remote.type=inet,remote.host=…,remote.port=…
  -device virtio-net-pci|ne2k_pci[,netdev=ID][,mac=MAC][,romfile=FILE][,VIRTIO]
                           a card that is connected to -netdev ID; MAC is by default 52:54:00:12:34:56 and on
Monitors
  -monitor DEV             QEMU's human monitor; "help" in it lists its commands. DEV is stdio,
                           unix:PATH,server,nowait, tcp:HOST:PORT,server,nowait or none
  -qmp DEV                 QEMU's machine protocol
  -serial mon:stdio        the terminal is a serial port's and a monitor's, Ctrl-A C switches; so it is by default
  -nographic               -monitor stdio does not take the terminal from the serial port
Accepted, since nothing depends on it here
  -k LAYOUT, -no-user-config, -no-acpi, -no-hpet, -mem-prealloc, -singlestep, -balloon none,
  -sandbox off; -d ITEMS and -D FILE, with a warning: there is no log
Disks, CDs and floppies
  -drive file=FILE[,format=raw][,if=ide|virtio|floppy|none][,index=N | ,bus=N,unit=N][,media=disk|cdrom]
         [,readonly=on][,snapshot=on][,id=ID]
                           a comma of the file's name is written twice; snapshot=on: what the guest writes is forgotten
                           format=raw: also an image such as qcow2 is used as it is, which is refused otherwise
  -hda FILE … -hdd FILE, -cdrom FILE, -fda FILE, -fdb FILE, FILE
                           IDE disks 0 to 3, a CD in the place of disk 2, floppies; a file alone is -hda
  -snapshot                snapshot=on for all
  -device ide-hd|ide-cd|virtio-blk-pci|floppy,drive=ID[,bus=ide.N][,unit=N][,VIRTIO]
                           puts the medium of "-drive if=none,id=ID" there; ide-cd and floppy may be empty
                           VIRTIO, of virtio devices: disable-legacy=on for drivers of virtio 1.0 and later alone,
                           disable-modern=on for earlier ones alone
Where its output goes
  -serial DEV              first, second … serial port (COM1 to COM4); default: stdio
  -parallel DEV            first, second, third printer port (0x378, 0x278, 0x3bc)
  -debugcon DEV            what the guest writes to port 0xe9
                           DEV is stdio, file:PATH, null, none or chardev:ID
  -chardev stdio,id=ID     names a destination for chardev:ID and -device
  -chardev file,id=ID,path=PATH[,append=on]
  -chardev null,id=ID
Devices beside those of every PC
${deviceUsage()}
  -device help             lists them; "-device MODEL,help" a device's properties
When it ends
  -device isa-debug-exit   what is written to its ports gives the exit status: (value << 1) | 1
  -device pvpanic          the port is always there (0x505); with this, a panic ends the machine
  -no-reboot               exit instead of rebooting
  -no-shutdown             stay when the guest powers off, panics, or halts with interrupts off
  -stats                   figures about the run on standard error, at the end
  -help                    this text

In the terminal: Ctrl-A X quits, Ctrl-A C switches between serial port and monitor, Ctrl-A H lists the keys, Ctrl-A Ctrl-A sends Ctrl-A.
Exit status: 0 after power-off, 1 if the machine could not start, 2 for a wrong command line, 3 when the guest has stopped
(halted with interrupts off; three resets within seconds without output), 4 after an error of the emulator.
A triple fault resets the machine, which -no-reboot makes an end.
`;
