/* ATA disks on the two channels of the PC, by PIO without interrupts. */
#pragma once

void ide_init(void);
