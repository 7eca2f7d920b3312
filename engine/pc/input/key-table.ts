// The keys of a PC keyboard and their scan codes: a key is named by its position, as KeyboardEvent.code does (W3C, "UI Events
// KeyboardEvent code Values"), whatever is printed on it.
//
// Codes: IBM PS/2 Hardware Interface Technical Reference, "Keyboard (101- and 102-Key)", scan code sets 1 to 3; keys that IBM did not
// have: Microsoft, "Keyboard Scan Code Specification" 1.3a. `e0` before a code of sets 1 and 2 is part of it. A key without a code in a
// set ("-") is not there for a guest that uses that set.
//
// Set 3 says of each key what it sends by default: `t` repeats while it is held and sends a code when it is released (typematic), `b` does
// not repeat (make/break), `m` sends nothing on release either (make only).

/** What a key does in set 3. */
export type KeyType = 'typematic' | 'make-break' | 'make-only';

export interface Key {
  /** Its place in the table: what saved forms call it. */
  readonly index: number;
  readonly code: string;
  /** By set, 1 to 3: the last byte, in sets 1 and 2 with 0xe000 where it has the prefix. Undefined: the key is not in that set. */
  readonly make: readonly [undefined, number | undefined, number | undefined, number | undefined];
  readonly type: KeyType;
  /** Sends nothing when it is released in sets 1 and 2. */
  readonly silentRelease: boolean;
}

// Append only: saved forms hold indices of lines.
const TABLE = `
Escape             01    76    08 m
Digit1             02    16    16 t
Digit2             03    1e    1e t
Digit3             04    26    26 t
Digit4             05    25    25 t
Digit5             06    2e    2e t
Digit6             07    36    36 t
Digit7             08    3d    3d t
Digit8             09    3e    3e t
Digit9             0a    46    46 t
Digit0             0b    45    45 t
Minus              0c    4e    4e t
Equal              0d    55    55 t
Backspace          0e    66    66 t
Tab                0f    0d    0d t
KeyQ               10    15    15 t
KeyW               11    1d    1d t
KeyE               12    24    24 t
KeyR               13    2d    2d t
KeyT               14    2c    2c t
KeyY               15    35    35 t
KeyU               16    3c    3c t
KeyI               17    43    43 t
KeyO               18    44    44 t
KeyP               19    4d    4d t
BracketLeft        1a    54    54 t
BracketRight       1b    5b    5b t
Enter              1c    5a    5a t
ControlLeft        1d    14    11 b
KeyA               1e    1c    1c t
KeyS               1f    1b    1b t
KeyD               20    23    23 t
KeyF               21    2b    2b t
KeyG               22    34    34 t
KeyH               23    33    33 t
KeyJ               24    3b    3b t
KeyK               25    42    42 t
KeyL               26    4b    4b t
Semicolon          27    4c    4c t
Quote              28    52    52 t
Backquote          29    0e    0e t
ShiftLeft          2a    12    12 b
Backslash          2b    5d    5c t
KeyZ               2c    1a    1a t
KeyX               2d    22    22 t
KeyC               2e    21    21 t
KeyV               2f    2a    2a t
KeyB               30    32    32 t
KeyN               31    31    31 t
KeyM               32    3a    3a t
Comma              33    41    41 t
Period             34    49    49 t
Slash              35    4a    4a t
ShiftRight         36    59    59 b
NumpadMultiply     37    7c    7e m
AltLeft            38    11    19 b
Space              39    29    29 t
CapsLock           3a    58    14 b
F1                 3b    05    07 m
F2                 3c    06    0f m
F3                 3d    04    17 m
F4                 3e    0c    1f m
F5                 3f    03    27 m
F6                 40    0b    2f m
F7                 41    83    37 m
F8                 42    0a    3f m
F9                 43    01    47 m
F10                44    09    4f m
NumLock            45    77    76 m
ScrollLock         46    7e    5f m
Numpad7            47    6c    6c m
Numpad8            48    75    75 m
Numpad9            49    7d    7d m
NumpadSubtract     4a    7b    84 m
Numpad4            4b    6b    6b m
Numpad5            4c    73    73 m
Numpad6            4d    74    74 m
NumpadAdd          4e    79    7c t
Numpad1            4f    69    69 m
Numpad2            50    72    72 m
Numpad3            51    7a    7a m
Numpad0            52    70    70 m
NumpadDecimal      53    71    71 m
IntlBackslash      56    61    13 t
F11                57    78    56 m
F12                58    07    5e m
NumpadEqual        59    0f    -  t
F13                64    08    7f m
F14                65    10    80 m
F15                66    18    81 m
F16                67    20    82 m
F17                68    28    83 m
F18                69    30    -  m
F19                6a    38    -  m
F20                6b    40    -  m
F21                6c    48    -  m
F22                6d    50    -  m
F23                6e    57    -  m
F24                76    5f    -  m
NumpadEnter        e01c  e05a  79 m
ControlRight       e01d  e014  58 m
NumpadDivide       e035  e04a  77 m
AltRight           e038  e011  39 m
Home               e047  e06c  6e m
ArrowUp            e048  e075  63 t
PageUp             e049  e07d  6f m
ArrowLeft          e04b  e06b  61 t
ArrowRight         e04d  e074  6a t
End                e04f  e069  65 m
ArrowDown          e050  e072  60 t
PageDown           e051  e07a  6d m
Insert             e052  e070  67 m
Delete             e053  e071  64 t
MetaLeft           e05b  e01f  8b b
MetaRight          e05c  e027  8c b
ContextMenu        e05d  e02f  8d b
PrintScreen        e037  e07c  57 m
Pause              -     -     62 m
Power              e05e  e037  -  m
Sleep              e05f  e03f  -  m
WakeUp             e063  e05e  -  m
IntlRo             73    51    51 t
IntlYen            7d    6a    5d t
KanaMode           70    13    87 t
Convert            79    64    86 t
NonConvert         7b    67    85 t
NumpadComma        7e    6d    7b t
Lang1              f2    f2    -  m
Lang2              f1    f1    -  m
Lang3              78    63    -  t
Lang4              77    62    -  t
MediaTrackNext     e019  e04d  93 t
MediaTrackPrevious e010  e015  94 t
MediaStop          e024  e03b  98 t
MediaPlayPause     e022  e034  -  t
AudioVolumeMute    e020  e023  9c t
AudioVolumeDown    e02e  e021  9d t
AudioVolumeUp      e030  e032  95 t
MediaSelect        e06d  e050  -  t
LaunchMail         e06c  e048  -  t
LaunchApp1         e06b  e040  -  t
LaunchApp2         e021  e02b  99 t
BrowserSearch      e065  e010  -  t
BrowserHome        e032  e03a  97 t
BrowserBack        e06a  e038  -  t
BrowserForward     e069  e030  -  t
BrowserStop        e068  e028  -  t
BrowserRefresh     e067  e020  -  t
BrowserFavorites   e066  e018  -  t
Undo               e008  e03d  -  t
Paste              e00a  e046  -  t
Cut                e017  e043  -  t
Copy               e018  e044  -  t
Help               e03b  e005  -  t
Eject              e02c  e01a  -  t
`;

const TYPES: Record<string, KeyType> = { t: 'typematic', b: 'make-break', m: 'make-only' };
/** Pause ends with its own break codes; the two Korean keys send a code and no more. */
const SILENT = new Set(['Pause', 'Lang1', 'Lang2']);

export const KEYS: readonly Key[] = TABLE.trim()
  .split('\n')
  .map((line, index) => {
    const [code, set1, set2, set3, type] = line.split(/ +/);
    const number = (text: string) => (text === '-' ? undefined : Number.parseInt(text, 16));
    return {
      index,
      code,
      make: [undefined, number(set1), number(set2), number(set3)],
      type: TYPES[type],
      silentRelease: SILENT.has(code),
    };
  });

const BY_CODE = new Map(KEYS.map((key) => [key.code, key]));
const BY_SET3 = new Map(KEYS.map((key) => [key.make[3], key]));

/** Undefined for what a PC keyboard has no key for. */
export function keyOf(code: string): Key | undefined {
  return BY_CODE.get(code);
}

/** The key whose code of set 3 that is. */
export function keyOfSet3(code: number): Key | undefined {
  return BY_SET3.get(code);
}
