/** A command on the disk, from its first step to its result. */
export interface DiskOperationState {
  /** Name in commands.ts; '' when there is none. */
  command: string;
  unit: number;
  /** The head that is selected, 0 or 1. */
  head: number;
  multiTrack: boolean;
  skip: boolean;
  /** The sector ID that is looked for: C, H, R, N. */
  cylinder: number;
  idHead: number;
  record: number;
  sizeCode: number;
  endOfTrack: number;
  /** Of a scan: sectors to the next. */
  step: number;
  /** Of VERIFY that counts: sectors left. Of FORMAT: the byte that fills. */
  parameter: number;
  /** `medium`: a request is on its way. `host`: bytes are to be moved. */
  phase: 'idle' | 'medium' | 'host';
  /** Sectors of the present run: with one request, or asked of the host at once. */
  sectors: number;
  /** Bytes of the run that the host has had, or given. */
  position: number;
  /** A run failed: the rest goes sector by sector. */
  single: boolean;
  /** Terminal count came; the run is still to be written. */
  terminal: boolean;
  st1: number;
  st2: number;
  /** Of a scan: every byte of the sector was equal so far; else whether the first that was not satisfies the condition. */
  scan: 'equal' | 'satisfied' | 'failed';
  /** Of FORMAT: sectors still to be filled, in ascending order. */
  fill: number[];
  /** Which medium it is about (BlockPort.mediumCount). */
  mediumCount: number;
  /** Bytes of the run. */
  data: number[];
}

export interface FloppyControllerState {
  version: 1;
  digitalOutput: number;
  tapeDrive: number;
  /** As written to the data rate select register, without its reset bit; the rate may be of the configuration control register. */
  dataRate: number;
  phase: 'reset' | 'command' | 'execution' | 'result';
  /** Bytes of the command phase so far. */
  command: number[];
  /** Bytes of the result phase that are still to be read. */
  result: number[];
  /** The INT pin, DMA gate or not. */
  interrupt: boolean;
  /** It says that there is a result. */
  resultInterrupt: boolean;
  /** Answers to SENSE INTERRUPT STATUS: ST0. */
  senses: number[];
  /** These are of a reset: their interrupt is one. */
  polled: boolean;
  /** Guest time in ns at which the reset ends or execution begins; 0: neither is due. */
  dueAt: number;
  /** By unit: guest time in ns at which its seek ends, 0: it does not seek. */
  seekAt: number[];
  seekSteps: number[];
  /** PCN at its end. */
  seekTarget: number[];
  /** ST0 at its end. */
  seekStatus: number[];
  /** Units whose seek was not sensed. */
  driveBusy: number;
  /** Present cylinder numbers as the controller counts them. */
  cylinders: number[];
  specify: number[];
  configure: number;
  precompensation: number;
  perpendicular: number;
  locked: boolean;
  powerDown: number;
  option: number;
  driveSpecification: number[];
  /** SC or EOT of the last command that had one. */
  lastEndOfTrack: number;
  /** By unit: where the head stands, whether the disk-change line is up, and the medium that was seen last. */
  headPositions: number[];
  changed: boolean[];
  mediumCounts: number[];
  operation: DiskOperationState;
}
