// Where the ACPI fixed hardware is and how it is made to power off: shared by the device, the PCI function that claims its ports and the tables
// that describe it (pc/firmware/acpi.ts). PIIX4-like.

export const PM1_EVENT_PORT = 0x600;
export const PM1_CONTROL_PORT = 0x604;
export const PM_TIMER_PORT = 0x608;
/** The block of ports that the power-management function claims, in bytes. */
export const PM_PORT_COUNT = 64;
/** Interrupt of ACPI events, level-triggered. */
export const SCI_IRQ = 9;
/** SLP_TYP value of S5, soft off. */
export const SLEEP_TYPE_S5 = 0;
