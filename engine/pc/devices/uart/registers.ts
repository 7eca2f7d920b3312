// Registers and bits of a 16550A (National Semiconductor PC16550D data sheet, table II).

export const DATA = 0; // receive buffer, transmit holding; divisor low while DLAB
export const INTERRUPT_ENABLE = 1; // divisor high while DLAB
export const INTERRUPT_ID = 2; // FIFO control when written
export const LINE_CONTROL = 3;
export const MODEM_CONTROL = 4;
export const LINE_STATUS = 5;
export const MODEM_STATUS = 6;

export const IER_RECEIVED = 0x01;
export const IER_TRANSMITTER = 0x02;
export const IER_LINE_STATUS = 0x04;
export const IER_MODEM_STATUS = 0x08;

export const IIR_NONE = 0x01;
export const IIR_MODEM_STATUS = 0x00;
export const IIR_TRANSMITTER = 0x02;
export const IIR_RECEIVED = 0x04;
export const IIR_LINE_STATUS = 0x06;
export const IIR_TIMEOUT = 0x0c;
export const IIR_FIFO = 0xc0;

export const FCR_ENABLE = 0x01;
export const FCR_CLEAR_RECEIVER = 0x02;

export const LCR_STOP2 = 0x04;
export const LCR_PARITY = 0x08;
export const LCR_DLAB = 0x80;

export const MCR_DTR = 0x01;
export const MCR_RTS = 0x02;
export const MCR_OUT1 = 0x04;
export const MCR_OUT2 = 0x08;
export const MCR_LOOP = 0x10;

export const LSR_DATA_READY = 0x01;
export const LSR_OVERRUN = 0x02;
export const LSR_TRANSMITTER_EMPTY = 0x60; // holding register and shift register

export const MSR_CTS = 0x10;
export const MSR_DSR = 0x20;
export const MSR_RI = 0x40;
export const MSR_DCD = 0x80;
/** The delta of line n (bit n + 4) is bit n. Ring reports only its end. */
export const MSR_DELTA_RI = 0x04;

export const FIFO_SIZE = 16;
