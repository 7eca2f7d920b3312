// Saved form of the I/O APIC. Bit n of a mask is input n.

export interface IoApicState {
  version: 1;
  /** Bits 27..24 of the identification register. */
  id: number;
  /** The register that IOWIN shows. */
  select: number;
  /** Redirection entries: bits 31..0 with the remote IRR but without the delivery status, which is in `requests`. */
  low: number[];
  /** Bits 63..32. */
  high: number[];
  /** Levels of the inputs. */
  lines: number;
  /** Edges that no processor has taken yet. */
  requests: number;
}
