export interface KeyboardControllerState {
  version: 1;
  status: number;
  /** Controller RAM; byte 0 is the command byte. */
  ram: Uint8Array;
  data: number;
  /** Command whose data byte is expected next at port 60h, 0 if none. */
  expecting: number;
}
